from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import dlrun
from dlrun.errors import DataError, InputError, SpecError

Spec = Callable[..., Path]


def test_it_is_what_the_command_prints(
    spec: Spec, command: Callable[..., str], in_json: Callable[[Any], Any]
) -> None:
    path = spec()
    assert in_json(asdict(dlrun.data_overview(path))) == json.loads(command("data", path, "--json"))


def test_a_spec_may_be_a_mapping_of_which_only_the_data_counts(spec: Spec, tmp_path: Path) -> None:
    path = spec(data={"source": "digits"}, model=["unknown"])
    content = json.loads(path.read_text())
    sheet = tmp_path / "digits.png"
    given = dlrun.data_overview(content, sheet=sheet, columns=2)
    assert given == dlrun.data_overview(path)
    assert sheet.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SpecError):
        dlrun.data_overview({"name": "none"})


def test_a_sheet_needs_images(spec: Spec, tmp_path: Path) -> None:
    content = json.loads(spec().read_text())
    with pytest.raises(InputError, match=r"^spec: --sheet draws images, but samples are 2"):
        dlrun.data_overview(content, sheet=tmp_path / "sheet.png")


def test_a_sheet_does_not_replace_what_is_read(spec: Spec, tmp_path: Path) -> None:
    for name in ("a/1.png", "a/2.png", "b/1.png", "b/2.png"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), 50).save(tmp_path / "photos" / name)
    path = spec(data={"source": {"images": "photos"}})
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"not a PNG file; end its name in \.png"):
        dlrun.data_overview(path, sheet=path)
    (link := tmp_path / "link.png").symlink_to(path)
    with pytest.raises(DataError, match="is the file that is read; write to another one"):
        dlrun.data_overview(path, sheet=link)
    with pytest.raises(DataError, match="photos, which is read; write to another file"):
        dlrun.data_overview(path, sheet=tmp_path / "photos" / "a" / "1.png")
    assert path.read_bytes() == before
