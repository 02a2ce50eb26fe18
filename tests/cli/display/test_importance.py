from __future__ import annotations

from collections.abc import Mapping

import pytest

from dlrun.cli.display.importance import print_importance
from dlrun.cli.display.terminal import Terminal
from dlrun.search.importance import Importance

WIDTH = Importance(0.75, 0.5, 0.875)


@pytest.mark.parametrize(
    ("importance", "scored", "lines"),
    [
        (
            {"loss": {"params.width": WIDTH}},
            12,
            ["importance    share  95 % interval", "params.width   0.75  0.50 to 0.88"],
        ),
        ({"loss": {}}, 8, ["importance  needs 10 trials with a score; this study has 8"]),
        (
            {"loss": {}, "cost": {}},
            10,
            [
                "importance for loss  none found: no key changes the scores more than chance",
                "",
                "importance for cost  none found: no key changes the scores more than chance",
            ],
        ),
    ],
)
def test_what_is_printed(
    importance: Mapping[str, Mapping[str, Importance]],
    scored: int,
    lines: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_importance(Terminal(), importance, scored)
    assert capsys.readouterr().out.splitlines() == ["", *lines]
