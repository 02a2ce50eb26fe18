"""Names of scores as other libraries write them."""

from __future__ import annotations

import pytest

from dlrun import catalog
from dlrun.experiment.score_names import advice, unreported, usual

catalog.load()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("val_loss", "validation.loss"),
        ("loss", "validation.loss"),
        ("valid/acc", "validation.accuracy"),
        ("train_accuracy_score", "train.accuracy"),
        ("val_auc", "validation.roc_auc"),
        ("eval_my_score", "validation.my_score"),
        ("a b", "a b"),
    ],
)
def test_a_score_has_its_name_of_here(written: str, name: str) -> None:
    assert usual(written) == name


def test_a_score_of_another_set_is_offered_if_there_is_no_validation_set() -> None:
    assert advice("val_loss", ["train.loss"]) == "did you mean 'train.loss'?"


def test_a_metric_that_the_spec_lacks_is_to_be_added() -> None:
    text = "add accuracy to the 'metrics' of the spec, and write 'train.accuracy'"
    assert advice("train_acc", ["validation.loss", "train.loss"]) == text


def test_an_unknown_score_gets_the_known_ones() -> None:
    assert advice("val_los", ["validation.loss"]) == "did you mean 'validation.loss'?"
    assert "known: validation.loss" in advice("bleu", ["validation.loss"])


@pytest.mark.parametrize("part", ["validation", "train"])
def test_a_score_of_the_test_set_is_replaced_by_one_that_exists(part: str) -> None:
    what, remedy = unreported("test.accuracy", [f"{part}.loss", f"{part}.accuracy"])
    assert what == "the test set cannot be used to choose the best trial"
    assert remedy == f"use {part}.accuracy"
