"""How charts have grown since a reader got them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Charts = Mapping[str, Mapping[str, Any]]
"""Plain data of charts by the ID of their elements."""


def growth(before: Charts, after: Charts) -> dict[str, Any]:
    """What has to be added to charts: for each that differs, where its series differ and the rest.

    Args:
        before: the charts that the reader has.
        after: the charts as they are.

    Returns:
        By chart the scale and ends of y, and by series the number of points that stay, and x and
        y of those that follow; charts that did not change are left out.
    """
    found = {}
    for key, chart in after.items():
        old = before.get(key, {"series": ()})
        if old == chart:
            continue
        series = []
        for place, each in enumerate(chart["series"]):
            known = old["series"][place] if place < len(old["series"]) else {"x": (), "y": ()}
            stay = _common(known, each)
            name = each["name"]
            series.append(
                {"name": name, "from": stay, "x": each["x"][stay:], "y": each["y"][stay:]}
            )
        y = chart["y"]
        found[key] = {"scale": y["scale"], "ends": y.get("ends"), "series": series}
    return found


def _common(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    pairs_one = zip(one["x"], one["y"], strict=True)
    pairs_other = zip(other["x"], other["y"], strict=True)
    count = 0
    for first, second in zip(pairs_one, pairs_other, strict=False):
        if first != second:
            break
        count += 1
    return count
