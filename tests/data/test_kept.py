from __future__ import annotations

from pathlib import Path

from dlrun.data.kept import KeptData
from dlrun.data.section import DataSection
from dlrun.data.sources.blobs import Blobs


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
