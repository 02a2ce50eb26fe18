from __future__ import annotations

from dlrun.run_directory.flat import flat


def test_single_values_have_dotted_keys() -> None:
    data = {"a": {"b": 1, "c": [2, {"d": None}]}, "e": (), "f": {}}
    assert dict(flat(data)) == {"a.b": 1, "a.c.0": 2, "a.c.1.d": None, "e": (), "f": {}}
