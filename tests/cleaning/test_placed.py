"""Tags protect what is inside of what is tagged, however a run is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from run_folders import write_folds
from sweeps import SPEC, write_sweep

import dlrun

EVERYTHING: Any = {"broken": True, "temporary": True, "last": True, "states": True, "keep_best": 0}


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cross-validation of two folds, each with a checkpoint that only a resume needs."""
    monkeypatch.chdir(tmp_path)
    path = Path("runs/cv/20261101-120000-aaaaaa")
    write_folds(path, [(0.5, 0.4), (0.4, 0.3)])
    for fold in ("fold-1", "fold-2"):
        (path / fold / "checkpoints").mkdir(exist_ok=True)
        (path / fold / "checkpoints" / "previous.safetensors").write_bytes(b"x")
    return path


def test_tags_of_a_cross_validation_protect_its_folds(whole: Path) -> None:
    folds = [whole / "fold-1", whole / "fold-2"]
    assert {each.directory for each in dlrun.clean(last=True).deletions} == {*folds}
    dlrun.tag(whole, ["paper"])
    for roots in ([], ["runs/cv"], [whole], folds):
        cleaned = dlrun.clean(*roots, **EVERYTHING)
        assert cleaned.deletions == ()
        assert cleaned.notes == (f"{whole}: is tagged paper; --tagged includes it",)
    Path("link").symlink_to(folds[0])
    assert dlrun.clean("link", **EVERYTHING).deletions == ()
    assert len(dlrun.clean(last=True, tagged=True).deletions) == 2


def test_broken_tags_of_a_cross_validation_protect_its_folds(whole: Path) -> None:
    (whole / "tags.json").write_text("[")
    cleaned = dlrun.clean(last=True, delete=True)
    assert cleaned.deletions == ()
    (note,) = cleaned.notes
    assert note.startswith(f"{whole}/tags.json:")


def test_tags_of_a_study_protect_a_run_that_is_named_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dlrun.tune(
        write_sweep(tmp_path, spec={**SPEC, "epochs": 1}, search={"random": {"trials": 1}}),
        jobs=1,
    )
    (run,) = Path("studies/search/trials").iterdir()
    assert len(dlrun.clean(run, states=True).deletions) == 1
    dlrun.tag("studies/search", ["paper"])
    assert dlrun.clean(run, states=True).deletions == ()
