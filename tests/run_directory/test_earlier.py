from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.run_directory.earlier import at_first, with_earlier


def test_the_first_value_is_kept_over_many_resumes() -> None:
    ran: dict[str, Any] = {"time": 0, "command": "train", "data": "a"}
    for now in (1, 2, 3):
        ran = with_earlier({"time": now, "command": "resume", "data": "a"}, ran)
    assert (at_first(ran, "time"), at_first(ran, "command")) == (0, "train")
    assert (at_first(ran, "data"), at_first(ran, "none")) == ("a", None)
    assert [each["time"] for each in ran["earlier"]] == [0, 1, 2]


@pytest.mark.parametrize("earlier", [3, [3], [{}], {"time": 5}, None])
def test_a_broken_list_is_ignored(earlier: Any) -> None:
    assert at_first({"time": 1, "earlier": earlier}, "time") == 1


def test_a_resumed_run_began_when_it_was_started(
    spec: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = dlrun.train(spec(), {"epochs": 1}).path
    file = first / "environment.json"
    text = file.read_text()
    begun = text[text.index('"time"') :].split(",")[0]
    old = text.replace(begun, '"time": "2026-01-02T03:04:05Z"')
    file.write_text(old)
    second = dlrun.train(spec(), {"epochs": 1, "seed": 5}).path
    for epochs in (2, 3):
        dlrun.resume(first, {"epochs": epochs})
    newest, oldest = dlrun.runs(sort="created")
    assert (Path(newest.directory).name, Path(oldest.directory).name) == (second.name, first.name)
    assert oldest.created == 1767323045.0
    shutil.copytree(first, first.parent / "z-copy")
    assert dlrun.show("latest").entry.directory == str(second)
