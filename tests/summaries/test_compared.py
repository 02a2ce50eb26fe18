"""Comparisons: groups of repeats, means, paired tests, environments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from run_folders import write_folds, write_run
from sweeps import SPEC, write_sweep

from dlrun.api.compare import compare
from dlrun.api.tune import tune
from dlrun.errors import DataError, InputError
from dlrun.intervals import UNKNOWN, Scale, estimate
from dlrun.paired import Differences, holm
from dlrun.run_directory.directory import RunDirectory
from dlrun.summaries.run_groups import label

LOSS = "validation.loss"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, losses: Sequence[float], first_seed: int = 1, **keys: Any) -> list[Path]:
    """One run per loss, with successive seeds."""
    return [
        write_run(Path("runs") / name / f"{seed}", (1.0, loss), seed=seed, **keys)
        for seed, loss in enumerate(losses, start=first_seed)
    ]


def test_runs_that_differ_only_in_the_seed_are_repeats() -> None:
    slow, fast = (0.5, 0.6, 0.7), (0.4, 0.45, 0.62)
    found = compare(*write("a", slow, lr=0.01), *write("b", fast, lr=0.1))
    assert [(group.label, group.seeds) for group in found.groups] == [
        ("A", (1, 2, 3)),
        ("B", (1, 2, 3)),
    ]
    assert list(found.keys) == ["optimizer.adam.lr"]  # neither the seed nor the name
    a, b = (group.scores[LOSS] for group in found.groups)
    assert (a, b) == (estimate(slow, of=Scale(low=0.0)), estimate(fast, of=Scale(low=0.0)))
    (test,) = found.tests
    assert (test.better, test.worse, test.seeds) == ("B", "A", (1, 2, 3))
    gains = [one - other for one, other in zip(slow, fast, strict=True)]
    assert test.effect == estimate(gains)
    assert test.effect is not None and test.effect.low is not None
    assert test.certain == (test.effect.low > 0)
    assert [len(curve) for curve in found.curves.values()] == [2] * 6
    assert found.curve(found.groups[0]) == [1.0, pytest.approx(0.6)]


def test_the_words_of_a_certain_difference_and_of_none() -> None:
    base = (0.5, 0.6, 0.7, 0.55, 0.65)
    better = [each - 0.1 - 0.001 * n for n, each in enumerate(base)]
    (words,) = compare(*write("a", base), *write("b", better, lr=0.1)).verdicts
    assert words == "B is better than A by 0.1020 (95 % interval 0.1000 to 0.1040, 5 pairs)"
    mixed = [each + 0.1 * (-1) ** n for n, each in enumerate(base)]
    (words,) = compare(*write("c", base, text="x"), *write("d", mixed, text="y")).verdicts
    assert words.startswith("no clear difference between A and B: ")
    assert "A is better by 0.0200 on average (95 % interval -" in words


def test_equal_means_are_said_to_be_equal() -> None:
    losses = [(0.5, 0.6, 0.7), (0.6, 0.7, 0.5)]
    (words,) = compare(*write("a", losses[0]), *write("b", losses[1], lr=0.1)).verdicts
    start = "no clear difference between A and B: they are equal on average (95 % interval -"
    assert words.startswith(start)


def test_higher_is_better_for_an_accuracy() -> None:
    paths = [*write("a", (0.5, 0.6, 0.7)), *write("b", (0.1, 0.19, 0.31), lr=0.1)]
    for path in paths:  # accuracies are 1 - loss
        run = RunDirectory(path)
        loss = run.result()["metrics"][LOSS]
        run.finish({**run.result(), "metrics": {"test.accuracy": 1 - loss}})
    (test,) = compare(*paths, score="test.accuracy").tests
    assert (test.better, test.certain) == ("B", True)
    assert test.effect is not None and test.effect.mean == pytest.approx(0.4)


def test_losses_of_different_units_are_not_tested() -> None:
    focal: dict[str, Any] = {"loss": {"focal": {"gamma": 2.0}}}
    scaled: dict[str, Any] = {"data": {"target_scaling": "standardize"}}
    base, less = (0.5, 0.6, 0.7), (0.05, 0.06, 0.07)
    plain: dict[str, Any] = {"loss": "cross_entropy", "data": {"target_scaling": None}}
    for name, other, key in (("b", focal, "loss"), ("c", scaled, "data.target_scaling")):
        runs = [*write(f"a{name}", base, **plain), *write(name, less, **(plain | other))]
        found = compare(*runs)
        assert found.verdicts == [
            f"A and B have different '{key}', so their validation.loss cannot be compared; "
            "compare a metric, with --score validation.accuracy"
        ]
        (test,) = found.tests
        assert (test.effect, test.certain, test.better) == (None, False, "A")
        (words,) = compare(*runs, score="validation.accuracy").verdicts
        assert "better by 0." in words or "is better than" in words
        for path in runs:
            file = path / "metrics.csv"
            file.write_text(file.read_text().replace("validation.accuracy", "test.loss"))
        (words,) = compare(*runs).verdicts
        assert words.endswith("; add a metric to the specs and compare that")


def test_only_tested_groups_count_for_the_correction() -> None:
    """A loss without settings is the same as one whose settings are null."""
    base, less = (0.5, 0.6, 0.7), (0.4, 0.45, 0.62)
    plain = write("a", base, loss={"cross_entropy": {"label_smoothing": 0.0, "weights": None}})
    other = write("b", less, lr=0.1, loss={"cross_entropy": {"label_smoothing": 0.0}})
    found = compare(*plain, *other, *write("c", less, loss={"focal": {"gamma": 2.0}}))
    assert [test.obstacle is None for test in found.tests] == [True, False]
    assert [test.tests for test in found.tests] == [1, 1]


def test_other_data_is_named_next_to_the_verdict() -> None:
    base = (0.5, 0.6, 0.7)
    paths = [*write("a", base), *write("b", (0.4, 0.45, 0.62), lr=0.1)]
    words = "They were trained with different data, which may be the cause"
    for data, said in (("pqrpqr", False), ("pqrpqs", True)):
        for path, each in zip(paths, data, strict=True):
            RunDirectory(path).write_environment({"data": f"{each}+x"})
        (test,) = (found := compare(*paths)).tests
        assert test.other_data == said
        assert (words in found.verdicts[0]) == said
    former = "p+x", "q+x", "r+x", "p", "q", "r"  # version 0.1 had one checksum
    for path, each in zip(paths, former, strict=True):
        RunDirectory(path).write_environment({"data": each})
    assert words not in compare(*paths).verdicts[0]


def test_no_verdict_on_an_interval_of_width_0() -> None:
    (same,) = compare(*write("a", (0.5, 0.25)), *write("b", (0.5, 0.25), lr=0.1)).verdicts
    assert same == "A and B are equal with each of 2 seeds"
    found = compare(*write("c", (0.5, 0.75), text="x"), *write("d", (0.25, 0.5), text="y"))
    (words,) = found.verdicts
    assert not found.tests[0].certain
    assert words == (
        "B is better than A by 0.2500 with each of 2 seeds; no verdict, because the difference "
        "does not depend on the seed"
    )
    (words,) = compare("runs/a/1", "runs/d/1").verdicts
    assert words.endswith("with the only common seed; no verdict, because one pair has no interval")


def test_equal_accuracies_by_chance_are_not_certain() -> None:
    """Scores that change in steps: a step is the minimum standard deviation of a difference."""
    paths = [*write("a", (0.5, 0.5, 0.5)), *write("b", (0.25, 0.25, 0.25), lr=0.1)]
    for path in paths:
        run = RunDirectory(path)
        loss = run.result()["metrics"][LOSS]
        run.finish({**run.result(), "metrics": {"test.accuracy": 1 - loss}})
        (path / "split.csv").write_text("set,row\n" + "test,1\n" * 4)
    (test,) = compare(*paths, score="test.accuracy").tests
    assert test.effect is not None and test.effect.low is not None
    assert test.effect.low < 0 and not test.certain


def test_only_common_seeds_are_paired() -> None:
    one, two = write("a", (0.5, 0.6, 0.7)), write("b", (0.3, 0.5), first_seed=2, lr=0.1)
    (test,) = compare(*one, *two).tests
    assert test.seeds == (2, 3)
    three = write("c", (0.1,), first_seed=9, lr=0.2)
    found = compare(*one, *three)
    assert found.tests[0].effect is None
    assert found.verdicts[0].startswith("A and B have no seed in common")


def test_several_comparisons_are_corrected() -> None:
    base = (0.5, 0.6, 0.7)
    sides = {"B": (0.4, 0.49, 0.61), "C": (0.5, 0.7, 0.6)}
    found = compare(
        *write("a", base), *write("b", sides["B"], lr=0.1), *write("c", sides["C"], lr=0.2)
    )
    differences = {
        name: Differences([a - b for a, b in zip(base, side, strict=True)], 0.95, UNKNOWN)
        for name, side in sides.items()
    }
    expected = holm(differences)
    assert [test.tests for test in found.tests] == [2, 2]
    assert found.tests[0].confidence == expected["B"].confidence == 0.975
    assert found.tests[0].effect == expected["B"].effect
    assert "97.5 % interval" in found.verdicts[0]
    assert "corrected for 2 comparisons" in found.verdicts[0]


def test_runs_that_were_not_trained_to_their_end_do_not_count() -> None:
    paths = write("a", (0.5, 0.6))
    newer = write_run(Path("runs/a/x"), (1.0, 0.7), seed=1, time="2026-12-01T12:00:00Z")
    stopped = write_run(Path("runs/a/y"), (1.0, 9.0), seed=7, ending="stopped")
    killed = write_run(Path("runs/b/1"), (1.0, 0.3), lr=0.1, seed=1, ending=None)
    found = compare(*paths, newer, stopped, killed)
    first, second = found.groups
    assert first.scores[LOSS] == estimate((0.7, 0.6), of=Scale(low=0.0))
    assert first.seeds == (1, 2)
    assert second.scores[LOSS].mean == 0.3  # shown, but not tested
    assert found.tests[0].effect is None
    assert list(found.notes) == [
        "A1 has the same spec and seed as a newer run; only the newer one counts",
        "A4 is stopped; its scores are not tested and not part of a mean",
        "B is killed; its scores are not tested and not part of a mean",
    ]


def test_cross_validations_are_shown_and_not_tested() -> None:
    one = write_folds(Path("runs/a/1"), [(0.5,), (0.3,)])
    two = write_folds(Path("runs/b/1"), [(0.6,), (0.2,)], text="x")
    found = compare(one, two)
    assert [group.scores[LOSS].mean for group in found.groups] == [0.4, 0.4]
    assert (found.tests, found.verdicts) == ((), [])
    assert found.notes == ("A and B are cross-validations; means over folds are not tested",)
    single, other = write("c", (0.5,), first_seed=0), write("d", (0.4,), first_seed=0, lr=0.1)
    found = compare(*single, one, *other)
    assert [(test.worse, test.better) for test in found.tests] == [("A", "C")]
    assert found.notes == ("B is a cross-validation; means over folds are not tested",)


def test_environments() -> None:
    paths = [*write("a", (0.5, 0.6)), *write("b", (0.4, 0.5), lr=0.1)]
    for path, data, version in zip(paths, "pqpq", (1, 1, 2, 2), strict=True):
        environment = {"time": path.name, "data": data, "packages": {"numpy": version}}
        RunDirectory(path).write_environment(environment)
    (key,) = compare(*paths).environment  # the data depends on the seed alone
    assert key.key == "packages.numpy"
    assert key.values == ((1, ("A1", "A2")), (2, ("B1", "B2")))
    RunDirectory(paths[0]).write_environment({"data": "r", "packages": {"numpy": 1}})
    assert [each.key for each in compare(*paths).environment] == ["data", "packages.numpy"]


def test_what_is_compared() -> None:
    write("a", (0.5, 0.6))
    write("b", (0.4,), lr=0.1)
    assert len(compare("runs/a/1", "runs/b/1", "runs/a/1").groups) == 2
    write("logged", (0.5,), first_seed=3, log=[{"mlflow": {"uri": "x"}}])  # changes no result
    assert len(compare("runs/a/1", "runs/logged/3").groups) == 1
    assert [len(group.runs) for group in compare(where=["name!=logged"]).groups] == [2, 1]
    assert len(compare("runs/a/1", "runs/a/2", "runs/b/1", where=["name=a"]).groups) == 1
    for words, where, message in (
        ((), (), "needs two runs or more; name them, or use --where"),
        (("runs/a/1",), (), "only runs/a/1 is given"),
        (("runs/a/1", "runs/a/1"), (), "only runs/a/1 is given"),
        ((), ["name=b"], "only runs/b/1 fulfils the conditions"),
        ((), ["name=c"], "none fulfils the conditions"),
    ):
        with pytest.raises(InputError, match=message):
            compare(*words, where=where)
    with pytest.raises(DataError, match="neither a run nor a study"):
        compare("runs", "runs/a/1")
    with pytest.raises(InputError, match=r"no run has this score; did you mean 'validation\.loss'"):
        compare("runs/a/1", "runs/b/1", score="validation.los")


def test_a_study_stands_for_its_trials_by_their_numbers(tmp_path: Path) -> None:
    space = {"optimizer.adam.lr": [0.001, 0.1, 0.01]}
    sweep = write_sweep(tmp_path, spec={**SPEC, "epochs": 1}, search="grid", space=space)
    tune(sweep, jobs=1, studies=tmp_path / "studies")
    groups = compare("studies/search").groups
    assert [(group.label, group.example.trial) for group in groups] == [
        ("A", 0),
        ("B", 1),
        ("C", 2),
    ]


def test_runs_without_a_common_score() -> None:
    rules = {"monitor": "validation.mae", "mode": "auto"}
    one, two = write("a", (0.5, 0.6), early_stopping=rules)
    found = compare(one, two)
    assert (found.score, found.tests, found.curves) == (None, (), {})
    assert found.notes[0] == "the runs have no score in common; choose one with --score"
    with pytest.raises(InputError, match="no score in common; choose another one with --score"):
        compare(one, two, plot="x.png")


def test_a_picture() -> None:
    hostile = "_$\\foo{$"  # Matplotlib reads formulas between dollars
    paths = [*write("a", (0.5, 0.6), text="x"), *write("b", (float("nan"), 0.5), text=hostile)]
    compare(*paths, plot="x.png")
    assert Path("x.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match=r"--plot x\.pdf: not a PNG file"):
        compare(*paths, plot="x.pdf")


def test_letters() -> None:
    assert [label(n) for n in (0, 1, 25, 26, 27, 701, 702)] == [
        *("A", "B", "Z", "AA", "AB", "ZZ", "AAA")
    ]
