from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from html_page import opened
from page_studies import made
from run_folders import write_folds

from dlrun.errors import DataError
from dlrun.pages.folder.page import folder_page

Trained = Callable[..., Path]


@pytest.fixture
def folder(trained: Trained, tmp_path: Path) -> Path:
    """Two runs of one name, and a study."""
    path = trained()
    for number in (1, 2):
        own = tmp_path / "all" / "runs" / "small" / f"2026010{number}-000000-aaaaaa"
        shutil.copytree(path, own)
        environment = json.loads((own / "environment.json").read_text())
        environment["time"] = f"2026-01-0{number}T00:00:00Z"
        (own / "environment.json").write_text(json.dumps(environment))
    made(tmp_path / "all")
    return tmp_path / "all"


@pytest.fixture(autouse=True)
def existing(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()


def test_runs_and_studies_are_found_and_runs_of_a_study_are_not(folder: Path) -> None:
    page = opened(folder_page(folder))
    text = page.texts["section"][page.sections.index("runs")]
    assert text.index("20260102-000000-aaaaaa") < text.index("20260101-000000-aaaaaa")
    assert text.count("done") == 2
    assert "#experiment-0" in [each["href"] for each in page.of("a")]
    curves = page.data["experiment-0-validation.loss"]["series"]
    assert [each["name"][:8] for each in curves] == ["20260102", "20260101"]
    assert "12 done, 0 failed" in page.texts["section"][page.sections.index("studies")]
    assert "Best: trial" in page.texts["section"][page.sections.index("study-0")]


def test_what_is_broken_is_named(folder: Path) -> None:
    runs = sorted((folder / "runs/small").iterdir())
    (runs[0] / "result.json").write_text("{")
    (runs[1] / "result.json").unlink()
    page = opened(folder_page(folder))
    overview, rows = page.texts["section"][:2]
    assert "20260101" in overview
    assert "not JSON" in overview
    assert "killed" in rows
    assert "20260101" not in rows


def test_a_study_that_cannot_be_ranked_says_why(folder: Path) -> None:
    (folder / "studies/search/resolved.yaml").write_text("name: search\n")
    page = opened(folder_page(folder))
    assert "resolved.yaml" in page.texts["section"][page.sections.index("study-0")]


def test_the_folder_is_only_read(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    folder_page(folder)
    assert sorted(folder.rglob("*")) == before


def test_no_link_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    (tmp_path / "else/link").symlink_to(folder, target_is_directory=True)
    with pytest.raises(DataError, match="has no run and no study"):
        folder_page(tmp_path / "else")


def test_a_cross_validation_has_the_mean_curve_of_its_folds(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    write_folds(folder / "runs/folds/a", [(0.5, 0.25, 0.125), (1.0, 0.75)])
    page = opened(folder_page(folder))
    (curve,) = page.data["experiment-0-validation.loss"]["series"]
    assert (curve["name"], curve["y"]) == ("a", [0.75, 0.5])
    text = page.texts["section"][page.sections.index("experiment-0")]
    assert "Curves of cross-validations are means over their folds." in text
    write_folds(folder / "runs/begun/b", [(), ()], ended=False)
    text = opened(folder_page(folder)).texts["section"][-2:]
    assert any("No run has a finished epoch." in each for each in text)
