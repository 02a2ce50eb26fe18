"""What is read from an archive is what was written, or there is an error of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archives import MEMBERS, SMALL, Member, rewritten, written
from damages import HARMS, cuts, flips, harmed
from hypothesis import HealthCheck, given, settings

from dlrun.errors import DataError, InputError
from dlrun.run_directory.archive.archive import Archive
from dlrun.run_directory.archive.write import packed


def with_manifest(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The small archive with another manifest."""

    def apply(found: list[Member]) -> list[Member]:
        (info, data), *rest = found
        known = json.loads(data)
        changed = change(known)
        return [
            (info, changed if isinstance(changed, bytes) else json.dumps(changed).encode()),
            *rest,
        ]

    return rewritten(apply)


def test_everything_is_read(tmp_path: Path) -> None:
    archive = Archive.open(written(tmp_path, packed({**MEMBERS, "loss.json": b'{"alpha": [1]}'})))
    assert archive.card() == "# small\n"
    assert archive.read_resolved() == b"name: small\n"
    assert archive.environment() == {}
    assert archive.training_result()["status"] == "completed"
    assert archive.metrics() == {"epoch": [1, 2], "train.loss": [0.5, 0.25]}
    assert archive.fitted_loss() == {"alpha": [1]}
    weights = archive.load_weights("best")
    assert weights.arrays["dense_1.bias"].tolist() == [1, 1] and weights.metadata == {"epoch": 1}
    with pytest.raises(DataError, match="has only the best weights"):
        archive.load_weights("last")


def test_optional_members_may_be_missing(tmp_path: Path) -> None:
    few = {key: each for key, each in MEMBERS.items() if key not in ("metrics.csv", "spec.yaml")}
    archive = Archive.open(written(tmp_path, packed(few)))
    assert archive.fitted_loss() is None
    with pytest.raises(DataError, match=r"has no metrics\.csv"):
        archive.metrics()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda found: b"{", "not JSON"),
        (lambda found: b"[" * 60_000, "nested too deep"),
        (lambda found: b"\xff", "not UTF-8"),
        (lambda found: [], "expected a JSON object"),
        (lambda found: {}, "manifest is of another format"),
        (lambda found: {**found, "format": "onnx"}, "manifest is of another format"),
        (lambda found: {**found, "version": 2}, "format 2, this version of dlrun reads 1"),
        (lambda found: {**found, "version": True}, "update dlrun"),
        (lambda found: {**found, "members": []}, "does not list the members"),
        (lambda found: {**found, "members": {}}, "does not list the members"),
        (
            lambda found: {**found, "members": {**found["members"], "card.md": 1}},
            r"has no size and SHA-256 of card\.md",
        ),
        (
            lambda found: {
                **found,
                "members": {**found["members"], "card.md": {"sha256": "0", "size": 10**300}},
            },
            r"card\.md has 8 bytes, the manifest 1000",
        ),
        (lambda found: {**found, "size": 10**400}, r"10000000000000000000\.\.\. is too large"),
    ],
)
def test_a_manifest_that_is_wrong(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], said: str
) -> None:
    with pytest.raises(DataError, match=said) as raised:
        Archive.open(written(tmp_path, with_manifest(change)))
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_member_with_another_checksum_is_refused(tmp_path: Path, name: str) -> None:
    """The size is right, and so are all headers of the zip file."""

    def change(found: list[Member]) -> list[Member]:
        return [
            (i, data[:-1] + bytes([data[-1] ^ 1]) if i.filename == name else data)
            for i, data in found
        ]

    archive = Archive.open(written(tmp_path, rewritten(change)))
    with pytest.raises(DataError, match=f"{name} is broken or was changed"):
        archive.verify()
    readers = {
        "card.md": archive.card,
        "resolved.yaml": archive.read_resolved,
        "environment.json": archive.environment,
        "result.json": archive.result,
        "metrics.csv": archive.metrics,
        "weights.safetensors": lambda: archive.load_weights("best"),
    }
    if name in readers:
        with pytest.raises(DataError, match="is broken or was changed"):
            readers[name]()


def everything(path: Path) -> str | None:
    """What is wrong with an archive of which everything is read; None if nothing is."""
    try:
        archive = Archive.open(path)
        archive.verify()
        archive.card(), archive.environment(), archive.training_result(), archive.metrics()
        archive.fitted_loss(), archive.load_weights("best"), archive.read_resolved()
    except InputError as error:
        (line,) = error.lines()
        return line
    return None


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    for cut in cuts(SMALL, 200):
        assert everything(written(tmp_path, cut)) is not None


def test_a_flipped_bit_changes_nothing_that_is_read(tmp_path: Path) -> None:
    """It is refused, except in a time or a version, which no one reads."""
    read = 0
    for flipped in flips(SMALL, 400):
        read += everything(written(tmp_path, flipped)) is None
    assert read < 100


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(harms=HARMS)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, harms: Any) -> None:
    everything(written(tmp_path, harmed(SMALL, harms)))


@pytest.mark.parametrize("name", sorted(MEMBERS))
@settings(
    max_examples=settings.default.max_examples // 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(harms=HARMS)
def test_a_forged_member_is_read_or_refused(tmp_path: Path, name: str, harms: Any) -> None:
    """Its checksums are right."""
    content = packed({**MEMBERS, name: harmed(MEMBERS[name], harms)})
    everything(written(tmp_path, content))
