"""``dlrun.Findings``: claims with honest verdicts, kept in a folder, shown by reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dlrun
from dlrun.errors import DataError, InputError

UNIT = {"unit": "test accuracy"}


def findings() -> dlrun.Findings:
    texts = {"question": "Is it so?", "method": "Ten seeds.", "limits": "Other data."}
    return dlrun.Findings("A <b>title</b>", **texts, command="make it", environment={"dlrun": "1"})


def pairs(effect: float, spread: float, n: int = 10) -> dict[str, Any]:
    """Two sides whose differences have exactly this mean and standard deviation."""
    values = np.random.default_rng(n).normal(size=n)
    values = effect + spread * (values - values.mean()) / values.std(ddof=1)
    return {"better": (0.5 + values).tolist(), "than": [0.5] * n}


@pytest.mark.parametrize(
    ("effect", "keys", "verdict"),
    [
        (0.1, {}, "holds"),
        (0.1, {"by": 0.05}, "holds"),
        (0.1, {"by": 0.09}, "undecided"),
        (0.1, {"by": 0.2}, "the opposite holds"),
        (0.01, {}, "undecided"),
        (-0.1, {}, "the opposite holds"),
        (-0.1, {"lower": True}, "holds"),
        (0.0, {"within": 0.05}, "holds"),
        (0.04, {"within": 0.05}, "undecided"),
        (0.1, {"within": 0.05}, "the opposite holds"),
        (-0.1, {"within": 0.05}, "the opposite holds"),
    ],
)
def test_a_claim_holds_if_its_interval_is_on_the_claimed_side(
    effect: float, keys: dict[str, Any], verdict: str
) -> None:
    made = findings()
    made.claim("so", **pairs(effect, 0.03), **UNIT, **keys)
    (found,) = made.verdicts
    assert found.verdict == verdict
    assert found.effect == pytest.approx(-effect if keys.get("lower") else effect)
    assert found.low is not None and found.high is not None
    assert found.low < found.effect < found.high


def test_a_single_claim_has_the_textbook_interval() -> None:
    from scipy import stats

    made = findings()
    sides = pairs(0.1, 0.03, 7)
    made.claim("so", **sides, **UNIT)
    expected = stats.ttest_rel(sides["better"], sides["than"]).confidence_interval(0.95)
    (found,) = made.verdicts
    assert (found.low, found.high) == pytest.approx(tuple(expected))
    assert found.standardized == pytest.approx(0.1 / 0.03)


def test_false_claims_rarely_hold_however_many_there_are() -> None:
    random = np.random.default_rng(5)
    wrong = 0
    for _ in range(400):
        made = findings()
        for number in range(8):
            better, than = random.normal(size=(2, 6)).tolist()
            made.claim(f"claim {number}", better=better, than=than, unit="score")
        wrong += any(each.verdict != "undecided" for each in made.verdicts)
    # Both directions of eight claims: 5 % in all, at most 2.5 % each; 3 standard errors.
    assert wrong / 400 < 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


def test_sides_of_different_lengths_or_one_pair_are_refused() -> None:
    with pytest.raises(InputError, match="has 2 and 1 values"):
        findings().claim("so", better=[1.0, 2.0], than=[1.0], unit="score")
    with pytest.raises(InputError, match="two or more"):
        findings().claim("so", better=[1.0], than=[1.0], unit="score")


def written(folder: Path) -> dlrun.Findings:
    from PIL import Image

    folder.mkdir(parents=True)
    made = findings()
    made.claim("A beats B | <i>surely</i>", **pairs(0.1, 0.03), **UNIT, remark="as expected")
    made.table("All of it", ["name", "score"], [["one", 1.25], ["two", None]])
    Image.new("RGB", (4, 4)).save(folder / "curve.png")
    made.picture("curve.png", "A curve", "It rises.")
    made.result = "It is so, says `code <b>`."
    made.write(folder)
    return made


def test_the_readme_says_everything(tmp_path: Path) -> None:
    written(tmp_path / "one")
    text = (tmp_path / "one" / "README.md").read_text()
    for part in (
        "Is it so?",
        "Ten seeds.",
        "It is so, says `code <b>`.",
        "Other data.",
        "`make it`",
        "It rises.",
    ):
        assert part in text
    assert "| A beats B \\| <i>surely</i> *as expected* | **holds** | test accuracy |" in text
    assert "| one | 1.25 |\n| two |  |" in text


def test_a_report_of_a_folder_shows_every_claim(tmp_path: Path) -> None:
    written(tmp_path / "all" / "one")
    written(tmp_path / "all" / "group" / "two")
    page = dlrun.report(tmp_path / "all")
    assert "2 claims of 2 experiments" in page
    assert page.count("A beats B | &lt;i&gt;surely&lt;/i&gt;") == 4  # in the table and below
    assert page.count("data:image/png;base64,") == 2
    assert page.count("It is so, says <code>code &lt;b&gt;</code>.") == 2
    assert "<b>title" not in page and "<i>" not in page


def test_findings_beside_runs_are_shown_with_them(tmp_path: Path) -> None:
    written(tmp_path / "runs" / "one")
    spec = {
        "name": "tiny",
        "data": {"source": "moons"},
        "model": [{"dense": "${classes}"}],
        "loss": "cross_entropy",
        "epochs": 1,
    }
    dlrun.train(spec, runs=tmp_path / "runs")
    page = dlrun.report(tmp_path / "runs")
    assert "Ten seeds." in page and "1 runs and 0 studies" in page


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            {"pictures": [{"file": "../secret.png", "title": "", "alt": ""}]},
            "pictures.0: file must be the name",
        ),
        (
            {"pictures": [{"file": "a.svg", "title": "", "alt": ""}]},
            "pictures.0: file must be the name",
        ),
        ({"tables": [{"title": "", "header": ["a"], "rows": [[1, 2]]}]}, "tables.0"),
        ({"claims": [{}]}, "claims.0.claim"),
        ({"unknown": 1}, "unknown"),
        ({"seconds": "soon"}, "seconds"),
    ],
)
def test_broken_findings_are_refused_with_their_place(
    tmp_path: Path, change: dict[str, Any], what: str
) -> None:
    written(tmp_path / "one")
    path = tmp_path / "one" / "findings.json"
    content = json.loads(path.read_text())
    content["findings"] |= change
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=what) as caught:
        dlrun.report(tmp_path / "one", tmp_path / "one.html")
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "one.html").exists()


def test_pictures_that_are_missing_links_or_no_pictures_are_left_out(tmp_path: Path) -> None:
    written(tmp_path / "one")
    picture = tmp_path / "one" / "curve.png"
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture.read_bytes())
    for change in (picture.unlink, lambda: picture.symlink_to(secret), lambda: swap(picture)):
        change()
        page = dlrun.report(tmp_path / "one")
        assert "data:image/png" not in page and "A curve: " in page


def swap(picture: Path) -> None:
    picture.unlink()
    picture.write_text("<svg/>")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        findings().write(tmp_path / "missing")


def test_a_readme_of_someone_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(DataError, match="was not written from findings"):
        findings().write(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"better": [1.0, float("nan")]}, "not finite"),
        ({"better": ["a", "b"]}, "lists of numbers"),
        ({"better": 1.0}, "lists of numbers"),
        ({"by": -0.1}, "by must be 0 or more"),
        ({"by": float("nan")}, "by must be 0 or more"),
        ({"within": -1.0}, "within must be above 0"),
        ({"within": 0.1, "by": 0.1}, "by or within, not both"),
        ({"step": -1.0}, "step must be 0 or more"),
        ({"confidence": 95.0}, r"such as 0\.95, got 95\.0"),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(keys: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError, match=what):
        findings().claim("so", **{"better": [1.0, 2.0], "than": [0.0, 0.5], **UNIT, **keys})


def test_tables_and_pictures_are_checked_when_they_are_added() -> None:
    with pytest.raises(InputError, match="one cell for each column"):
        findings().table("All", ["a", "b"], [[1.0]])
    with pytest.raises(InputError, match=r"table: rows\.0\.0"):
        findings().table("All", ["a"], [[float("nan")]])
    for file in ("../a.png", "/etc/passwd", "a.svg", ""):
        with pytest.raises(InputError, match="the name of a PNG file, without a folder"):
            findings().picture(file, "", "")


def test_an_interval_is_where_its_verdict_says() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        made = findings()
        for number in range(3):
            better, than = random.normal(random.uniform(-0.5, 0.5), 1, size=(2, 8)).tolist()
            made.claim(f"claim {number}", better=better, than=than, unit="score", within=1.3)
        for each in made.verdicts:
            assert each.low is not None and each.high is not None
            assert (each.verdict == "holds") == (each.low > -1.3 and each.high < 1.3)


def test_broken_findings_hide_no_others(tmp_path: Path) -> None:
    written(tmp_path / "all" / "one")
    written(tmp_path / "all" / "two")
    path = tmp_path / "all" / "two" / "findings.json"
    path.write_text("{")
    page = dlrun.report(tmp_path / "all")
    assert "1 claims of 1 experiments" in page
    assert f"{path}:1:2: not JSON" in page


def test_experiments_beyond_the_limit_are_mentioned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dlrun.findings.find.MOST", 2)
    for name in "abc":
        written(tmp_path / "all" / name)
    page = dlrun.report(tmp_path / "all")
    assert "2 claims of 2 experiments" in page
    assert "only the first 2 experiments are shown" in page
