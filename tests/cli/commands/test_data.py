from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

TABLE = "age,city,one,y\n1,P,7,0\n2,P,7,1\n,R,7,0\n4,,7,1\n" + "".join(
    f"{number},R,7,{number % 2}\n" for number in range(10, 26)
)


def of(source: Any, **split: Any) -> dict[str, Any]:
    return {"source": source, "split": {"validation": 0.2, **split}}


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_a_table(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    result = dlrun("data", spec(data=of({"csv": {"path": "t.csv", "target": "y"}}, stratify=True)))
    assert (result.returncode, result.stderr) == (0, "")
    found = rows(result.stdout)
    assert found[0] == ["20", "samples", "of", "3", "classification"]
    assert ["samples", "16", "80.0%", "4", "20.0%"] in found
    assert ["0", "8", "50.0%", "2", "50.0%"] in found
    assert ["city", "2", "categories", "1", "2"] in found
    (age,) = (row for row in found if row[:2] == ["age", "number"])
    assert (age[2], age[4], age[-1]) == ("1", "1", "25")
    (one,) = (row for row in found if row[:2] == ["one", "number"])
    assert one[-1] == "constant"
    assert "no input occurs in two sets" in result.stdout
    assert "\x1b" not in result.stdout
    assert {each.name for each in tmp_path.iterdir()} == {"spec.yaml", "t.csv"}


def test_leaks_are_told(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    x = np.arange(12.0)[:, None]
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(12) % 2)
    x[3] = 100.0
    x[5] = x[4]
    np.savez(tmp_path / "t.npz", x=x, y=np.zeros(12, int))
    data = of({"npz": "d.npz"}, validation=0, test="t.npz")
    lines = dlrun("data", spec(data=data)).stdout.splitlines()
    assert "test: 1 sample with the same input as an earlier sample" in lines
    assert lines[-1] == (
        "leak: 11 samples of test with an input that is also in train, 4 of them with a different "
        "target: rows 0 and 0, 1 and 1, 2 and 2, 4 and 4, 4 and 5, ..."
    )


def test_a_spec_need_not_be_right_elsewhere(dlrun: Dlrun, spec: Spec) -> None:
    result = dlrun("data", spec(model=[{"dens": 3}], loss="x"))
    assert (result.returncode, result.stderr) == (0, "")
    result = dlrun("data", spec(), "data.source.blobs.samples=-1", "data.split.tset=0.1")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 2
    result = dlrun("data", spec(), "data.split.stratify=1")
    assert "must be true or false" in result.stderr


def test_json_has_all(dlrun: Dlrun, spec: Spec) -> None:
    source = {"blobs": {"samples": 110, "centers": 55}}
    result = dlrun("data", spec(data=of(source)))
    assert "... and 15 more classes; --json has all" in result.stdout
    found = json.loads(dlrun("data", spec(data=of(source)), "--json").stdout)
    assert found["task"] == "classification"
    assert len(found["parts"]["train"]["classes"]) == 55
    assert [each["name"] for each in found["columns"]] == ["x", "y"]
    assert found["leaks"] == []


def test_a_regression(dlrun: Dlrun, spec: Spec) -> None:
    found = rows(dlrun("data", spec(data=of("diabetes"))).stdout)
    assert found[0] == ["442", "samples", "of", "10", "regression"]
    assert any(row[:2] == ["target", "std"] for row in found)


def test_a_sheet_of_images(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    for number in range(10):
        folder = tmp_path / "photos" / "cd"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 8), (number * 20, 0, 0)).save(folder / f"{number}.png")
    path = spec(data=of({"images": "photos"}, validation=0))
    result = dlrun("data", path, "--sheet", "sheet.png", "--columns", "3")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "sheet.png: the first training images of each class"
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (4 + 7 + 4 + 3 * (8 * 16 + 4), 4 + 2 * (8 * 8 + 4))
        reds = {colour[0] for _, colour in sheet.getcolors(10_000) or [] if colour[1:] == (0, 0)}
    assert reds == {0, 40, 80, 20, 60, 100}  # the first three of each class


def test_a_sheet_that_cannot_be(dlrun: Dlrun, spec: Spec) -> None:
    result = dlrun("data", spec(), "--sheet", "s.png")
    assert result.returncode == 2
    assert "--sheet draws images, but samples are 2; leave it out" in result.stderr
    result = dlrun("data", spec(data=of("digits")), "--sheet", "gone/s.png")
    assert result.returncode == 2
    assert "gone: cannot write it: no such file or directory" in result.stderr
