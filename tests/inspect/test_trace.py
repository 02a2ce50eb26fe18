from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from profiled import CNN, trained

from dlrun.inspect import profiler as module
from dlrun.inspect.profile import Profile
from dlrun.inspect.profiler import Profiler

Spec = Callable[..., Path]


def test_the_trace_has_a_row_a_thread_on_which_nothing_crosses(profile: Profile) -> None:
    events = profile.trace["traceEvents"]
    names = {each["tid"]: each["args"]["name"] for each in events if each["ph"] == "M"}
    spans = [each for each in events if each["ph"] == "X"]
    assert {each["tid"] for each in spans} <= set(names)
    assert names[0] == "main thread"
    assert {"conv_1 forward", "dense_1 backward", "loss", "gather"} <= {s["name"] for s in spans}
    rows = defaultdict(list)
    for span in spans:
        rows[span["tid"]].append((span["ts"], -span["dur"]))
    for row in rows.values():
        open_until: list[float] = []
        for begin, negative in sorted(row):
            while open_until and open_until[-1] <= begin + 2e-3:
                open_until.pop()
            stop = begin - negative
            assert not open_until or stop <= open_until[-1] + 2e-3
            open_until.append(stop)


def test_the_trace_is_bounded(spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TRACED_STEPS", 3)
    found = trained(spec(**{**CNN, "epochs": 4}), tmp_path / "few", Profiler()).profile
    assert found is not None
    named = Counter(each["name"] for each in found.trace["traceEvents"])
    assert named["loss"] == 3
    monkeypatch.setattr(module, "_MOST_SPANS", 10)
    found = trained(spec(**CNN), tmp_path / "fewer", Profiler()).profile
    assert found is not None
    assert sum(each["ph"] == "X" for each in found.trace["traceEvents"]) == 10
