"""``dlrun archive``, and what takes an archive, as processes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Result = subprocess.CompletedProcess[str]
Spec = Callable[..., Path]


@pytest.mark.slow
def test_a_model_is_given_away(
    dlrun: Callable[..., Result], spec: Spec, tmp_path: Path, only_run: Callable[[], Path]
) -> None:
    """Predictions and scores are bit-identical where there is neither the run nor the data."""
    rows = [f"{n % 13}.25,{n * n % 7},{'ny'[n % 2]}\n" for n in range(60)]
    (tmp_path / "t.csv").write_text("a,b,y\n" + "".join(rows))
    data = {"source": {"csv": {"path": "t.csv", "target": "y"}}, "split": {"validation": 0.25}}
    spec(data=data, loss={"cross_entropy": {"weights": "balanced"}})
    assert dlrun("train", "spec.yaml", "-q").returncode == 0
    run = only_run()
    before = [dlrun("predict", run, "t.csv"), dlrun("evaluate", run, "t.csv", "--json")]
    made = dlrun("archive", run, "--out", "m.zip", "--license", "MIT")
    assert (made.returncode, made.stdout, made.stderr) == (0, "archive  m.zip\n", "")
    shutil.rmtree(tmp_path / "runs")
    (tmp_path / "t.csv").rename(tmp_path / "new.csv")
    after = [dlrun("predict", "m.zip", "new.csv"), dlrun("evaluate", "m.zip", "new.csv", "--json")]
    for one, other in zip(before, after, strict=True):
        assert one.returncode == 0 and one.stdout
        assert (other.returncode, other.stdout, other.stderr) == (0, one.stdout, "")
    shown = dlrun("archive", "--show", "m.zip")
    assert shown.returncode == 0
    assert shown.stdout.startswith("# small\n") and "- license: MIT\n" in shown.stdout
    assert shown.stdout.endswith("  weights.safetensors\nall checksums match\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("resume", "m.zip"), "m.zip: an archive, with which you can predict and evaluate only"),
        (("archive", "--show", "m.zip", "--force"), "--show writes nothing"),
        (("archive", "--show", "b.zip"), "b.zip: not an archive of dlrun, or cut off or broken"),
        (("archive", "nothing"), "nothing: no such run directory"),
        (("archive", "--show", "nothing"), "nothing: no such file"),
        (("archive", "--show", "."), ".: is not a regular file but a folder"),
    ],
)
def test_a_line_for_what_cannot_be_done(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    import contextlib
    import io

    from archives import SMALL

    from dlrun.cli.app import run

    (tmp_path / "m.zip").write_bytes(SMALL)
    (tmp_path / "b.zip").write_bytes(SMALL[:-40])
    err = io.StringIO()
    with contextlib.chdir(tmp_path), contextlib.redirect_stderr(err):
        assert run(words) == 2
    (line,) = err.getvalue().splitlines()
    assert said in line
