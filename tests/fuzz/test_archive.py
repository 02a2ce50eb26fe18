"""Broken and forged archives, through the functions for Python: an error of ours, or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from archives import members_of
from damages import HARMS, flips, harmed
from hypothesis import HealthCheck, given, settings

import dlrun
from dlrun.api.archive import model_card
from dlrun.errors import InputError
from dlrun.run_directory.archive.write import packed

pytestmark = pytest.mark.slow

ROWS = "a,b,y\n" + "".join(f"{n % 13}.25,{n * n % 7},{'ny'[n % 2]}\n" for n in range(40))
MEMBERS = ["loss.json", "metrics.csv", "resolved.yaml", "result.json", "weights.safetensors"]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("trained")
    (folder / "t.csv").write_text(ROWS)
    spec = {
        "name": "tiny",
        "data": {
            "source": {"csv": {"path": str(folder / "t.csv"), "target": "y"}},
            "preprocess": ["standardize"],
        },
        "model": [{"dense": "${classes}"}],
        "loss": {"cross_entropy": {"weights": "balanced"}},
        "metrics": ["accuracy"],
        "epochs": 2,
    }
    run = dlrun.train(spec, runs=folder / "runs")
    return dlrun.archive(run.path, folder / "a.zip").read_bytes()


def used(folder: Path, content: bytes) -> str:
    """What is wrong with an archive; empty if it can be used."""
    (folder / "t.csv").write_text(ROWS)
    (folder / "a.zip").write_bytes(content)
    try:
        model_card(folder / "a.zip")
        run = dlrun.Run(folder / "a.zip")
        run.evaluate(str(folder / "t.csv"), print)
        [*run.predict_file(str(folder / "t.csv"), print).rows]
        run.predict(np.zeros((2, 2)))
        assert run.result and run.metrics and run.classes and run.plugins == ()
    except InputError as error:
        assert all(line and "\n" not in line for line in error.lines())
        return str(error)
    return ""


def test_a_good_one_is_used(tmp_path: Path, content: bytes) -> None:
    assert used(tmp_path, content) == ""


@settings(
    max_examples=settings.default.max_examples // 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(harms=HARMS)
def test_a_damaged_archive_is_read_or_refused(tmp_path: Path, content: bytes, harms) -> None:
    used(tmp_path, harmed(content, harms))


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_with_a_flipped_bit_and_its_checksum(
    tmp_path: Path, content: bytes, name: str
) -> None:
    members = members_of(content)
    for flipped in flips(members[name], 200):
        used(tmp_path, packed({**members, name: flipped}))


@settings(
    max_examples=settings.default.max_examples // 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.parametrize("name", MEMBERS)
@given(harms=HARMS)
def test_a_forged_member_is_read_or_refused(
    tmp_path: Path, content: bytes, name: str, harms
) -> None:
    members = members_of(content)
    used(tmp_path, packed({**members, name: harmed(members[name], harms)}))
