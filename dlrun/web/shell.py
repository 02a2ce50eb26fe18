"""A page of the board: the pieces of a report, with styles and scripts as separate files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from dlrun.pages import document
from dlrun.pages.markup import Html, join, tag
from dlrun.pages.section import Content


def shell(content: Content, live: str = "", more: Html | None = None, *, home: bool = True) -> str:
    """The text of a page.

    Args:
        content: what it shows.
        live: the address of the events that it follows; empty for none.
        more: what is next to the link to all runs; None for nothing.
        home: whether to link to the page of all runs.
    """
    link = tag("a", "All runs", href="/") if home else Html("")
    state = tag("output", "", id="live", data_live=live) if live else Html("")
    top = tag("div", [link, join([state, more or Html("")])], class_="bar")
    style = tag("link", rel="stylesheet", href=_address("page.css"))
    script = tag("script", "", src=_address("page.js"))
    return document.page(content, [style], [script], [top])


@cache
def assets() -> Mapping[str, tuple[str, str]]:
    """The files that pages load, by name: their type and their text."""
    folder = resources.files("dlrun.web") / "assets"
    own = {name: (folder / name).read_text(encoding="utf-8") for name in _OWN}
    return {
        "page.css": ("text/css", document.stylesheet() + own["board.css"]),
        "page.js": (
            "text/javascript",
            f"{document.scripts()}\n{own['live.js']}\n{own['board.js']}",
        ),
    }


_OWN = ("board.css", "board.js", "live.js")


def _address(name: str) -> str:
    """The address of a file; another one for each content, so that browsers can keep it."""
    text = assets()[name][1]
    return f"/assets/{name}?v={hashlib.sha256(text.encode()).hexdigest()[:16]}"
