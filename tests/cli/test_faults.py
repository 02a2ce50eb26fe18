"""Every operation that writes, failing or the last one: the same command then ends as if none had.

For each number of an operation there are two processes: one that it strikes, and one after that.
Each kind strikes every third operation, and together they strike all of them.  With
``DLRUN_TEST_EVERY_FAULT=1`` in the environment, each kind strikes every operation.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faults import Kind
from PIL import Image
from sweeps import SPEC, write_sweep
from torture import KILLED, Torture, outcome

Spec = Callable[..., Path]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

TRAIN = ("train", "spec.yaml", "--resume", "auto", "--quiet")
TUNE = ("tune", "sweep.yaml", "--quiet")
KINDS: tuple[Kind, ...] = ("EIO", "ENOSPC", "kill")
BOARD = ("leaderboard.csv", "leaderboard.md", "leaderboard.json", "best.yaml")


@pytest.fixture(scope="module")
def torture() -> Iterator[Torture]:
    with Torture() as server:
        yield server


@pytest.fixture(autouse=True)
def caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the folder of the test, where operations count."""
    monkeypatch.setenv("DLRUN_CACHE", "cache")


def strike(
    torture: Torture, folder: Path, words: tuple[str, ...], kind: Kind, check: Callable[[], None]
) -> None:
    """Strike a command at operations in turn; ``check`` is called after it has run again."""
    assert torture.run(folder, *words, fault=(kind, 0)) == 0
    check()
    operations = int((folder / "operations.txt").read_text())
    assert operations > 20
    every = os.environ.get("DLRUN_TEST_EVERY_FAULT") == "1"
    first, step = (1, 1) if every else (1 + KINDS.index(kind), len(KINDS))
    numbers, struck = range(first, operations + 1, step), 0
    for number in numbers:
        for left in ("runs", "studies", "cache"):
            shutil.rmtree(folder / left, ignore_errors=True)
        (folder / "out.txt").unlink()
        code = torture.run(folder, *words, fault=(kind, number))
        said = (folder / "out.txt").read_text()
        assert code in ((KILLED,) if kind == "kill" else (0, 2)), (number, said)
        assert "internal error" not in said and "Traceback" not in said, (number, said)
        assert code != 2 or len(said.splitlines()) == 1, (number, said)
        struck += code != 0
        assert torture.run(folder, *words) == 0, (number, said, (folder / "out.txt").read_text())
        check()
    assert struck > len(numbers) // 2


@pytest.mark.parametrize("kind", KINDS)
def test_train(spec: Spec, torture: Torture, kind: Kind) -> None:
    folder = spec(epochs=2, checkpoint={"share": 1.0}, early_stopping={"patience": 9}).parent
    assert torture.run(folder, *TRAIN, "--runs", "whole") == 0
    (whole,) = (folder / "whole/small").iterdir()
    expected = outcome(whole)

    def check() -> None:
        ended = [each for each in (folder / "runs/small").iterdir() if whole_run(each)]
        assert [outcome(each) for each in ended] == [expected]

    strike(torture, folder, TRAIN, kind, check)


def whole_run(run: Path) -> bool:
    return (run / "result.json").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_tune(tmp_path: Path, torture: Torture, kind: Kind) -> None:
    sweep = {"search": "grid", "space": {"params.units": [4, 8]}}
    write_sweep(tmp_path, spec={**SPEC, "epochs": 1}, **sweep)
    assert torture.run(tmp_path, *TUNE, "--studies", "whole") == 0
    study = tmp_path / "studies/search"
    expected = board(tmp_path / "whole/search")

    def check() -> None:
        assert board(study) == expected
        records = [json.loads(line) for line in (study / "journal.jsonl").read_text().splitlines()]
        ended = [each for each in records if each["event"] == "ended"]
        assert [each["outcome"]["status"] for each in ended] == ["completed"] * 2
        assert not list(study.rglob("*.tmp"))

    strike(torture, tmp_path, TUNE, kind, check)


def board(study: Path) -> dict[str, Any]:
    return {name: (study / name).read_text() for name in BOARD}


@pytest.mark.parametrize("kind", KINDS)
def test_the_cache_of_decoded_images(spec: Spec, torture: Torture, kind: Kind) -> None:
    photos = spec().parent / "photos"
    draw = np.random.default_rng(1)
    for number in range(24):
        path = photos / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (4, 4), np.uint8)).save(path)
    data = {"source": {"images": {"path": "photos"}}, "split": {"validation": 0.25}}
    model = ["flatten", {"dense": "${classes}"}]
    folder = spec(data=data, model=model, epochs=1).parent
    assert torture.run(folder, *TRAIN, "--runs", "whole") == 0
    (whole,) = (folder / "whole/small").iterdir()
    expected = outcome(whole)

    def check() -> None:
        ended = [each for each in (folder / "runs/small").iterdir() if whole_run(each)]
        assert [outcome(each) for each in ended] == [expected]
        shutil.rmtree(folder / "runs")
        assert torture.run(folder, *TRAIN) == 0  # from what the cache has now
        assert outcome(next((folder / "runs/small").iterdir())) == expected

    strike(torture, folder, TRAIN, kind, check)
