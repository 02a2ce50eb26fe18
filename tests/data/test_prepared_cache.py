from __future__ import annotations

import os
from pathlib import Path

import pytest

from dlrun.data.prepared_cache import KeptData
from dlrun.data.section import DataSection
from dlrun.data.sources.blobs import Blobs
from dlrun.data.sources.csv import Csv
from dlrun.data.split.section import Split


def test_the_same_data_is_made_once_whatever_the_batch_size() -> None:
    kept, folder = KeptData(), Path()
    section = DataSection(source=Blobs(samples=60))
    first = kept(section, 1, folder)
    assert kept(section.model_copy(update={"batch_size": 7}), 1, folder) is first
    assert kept(section, 2, folder) is not first
    assert kept(DataSection(source=Blobs(samples=61)), 1, folder) is not first
    for seed in range(10, 20):
        kept(section, seed, folder)
    assert kept(section, 1, folder) is not first  # it has made room


@pytest.mark.parametrize("file", ["t.csv", "v.csv", "rows.txt"])
def test_a_file_that_was_changed_is_read_again(tmp_path: Path, file: str) -> None:
    kept, rows = KeptData(), "x,y\n1,a\n2,b\n3,a\n4,b\n"
    for name, text in (("t.csv", rows), ("v.csv", rows), ("rows.txt", "0\n1\n")):
        (tmp_path / name).write_text(text)
    split = Split(lists={"test": "rows.txt"}) if file == "rows.txt" else Split(validation="v.csv")
    section = DataSection(source=Csv(path="t.csv", target="y"), split=split)
    first = kept(section, 1, tmp_path)
    assert kept(section, 1, tmp_path) is first
    changed = (tmp_path / file).read_text().replace("1", "3")
    (tmp_path / file).write_text(changed)
    os.utime(tmp_path / file, (0, 0))
    assert kept(section, 1, tmp_path) is not first
