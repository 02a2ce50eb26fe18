"""Errors of loggers are found before training, and show no password."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dlrun import catalog
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.loggers.base import Logger
from dlrun.loggers.wandb import Wandb

Spec = Callable[..., Path]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog.load()
    for name in ("tensorboard", "mlflow", "trackio", "wandb"):
        assert Logger.family is not None
        monkeypatch.setattr(Logger.family[name], "package", "json")


def errors(spec: Path) -> tuple[str, ...]:
    with pytest.raises(SpecError) as caught:
        compile_spec(spec)
    return caught.value.errors


def test_a_missing_package_is_named_with_its_extra(
    spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Wandb, "package", "no_such_package")
    path = spec(log=["tensorboard", "wandb"])
    (error,) = errors(path)
    assert error == (
        f"{path}:41:5: wandb needs no_such_package; install it: pip install 'dlrun[wandb]'"
    )


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://me:hidden@host", "'uri' contains a password or a token"),
        ("https://host?token=hidden", "'uri' contains a password or a token"),
        ("ftp://me:hidden@host", "'uri' must be an address that begins with one of sqlite, http"),
        ("file:///tmp/mlruns", "for a local file, write sqlite:///mlflow.db"),
        ("mlflow.db", "for a local file, write sqlite:///mlflow.db"),
    ],
)
def test_an_address_with_a_password_is_refused(spec: Spec, uri: str, words: str) -> None:
    path = spec(log=[{"mlflow": {"uri": uri}}])
    (error,) = errors(path)
    assert error.startswith(f"{path}:42:16: ")
    assert words in error
    assert "hidden" not in error


def test_an_override_with_a_password_is_not_shown(spec: Spec) -> None:
    with pytest.raises(SpecError) as caught:
        compile_spec(spec(), ["log=[{mlflow: {uri: 'http://me:hidden@host'}}, mlfow]"])
    assert "did you mean 'mlflow'?" in str(caught.value)
    assert "hidden" not in str(caught.value)
