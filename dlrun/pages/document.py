"""A page as one file: sections, styles, scripts and data, with a strict content policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import metadata, resources

from dlrun.pages.markup import Html, embedded, tag
from dlrun.pages.section import Content


def document(content: Content) -> str:
    """The text of the HTML file.

    The content policy forbids every request and every script or style except those of dlrun, which
    it names by their SHA-256.  Pictures and sounds are part of the file.
    """
    style, script = stylesheet(), scripts()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_source(script)}",
            f"style-src {_source(style)}",
            "img-src data:",
            "media-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    head = [
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Html(f"<style>{style}</style>"),
    ]
    return page(content, head, [Html(f"<script>{script}</script>")])


def page(
    content: Content, head: Sequence[Html], end: Sequence[Html], top: Sequence[Html] = ()
) -> str:
    """The text of a page.

    Args:
        content: what it shows.
        head: elements of its head, after the usual ones.
        end: the last elements, such as scripts, which can read the data of the charts.
        top: the first elements.
    """
    sections = content.sections
    data = {key: value for section in sections for key, value in section.data.items()}
    links = [
        tag("a", section.title, href=f"#{section.anchor}") for section in sections if section.title
    ]
    parts = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", content.title),
        *head,
    ]
    subtitle = [tag("p", content.subtitle, class_="subtitle")] if content.subtitle else []
    body = [
        *top,
        tag("header", [tag("h1", content.title), *subtitle]),
        *([tag("nav", links, aria_label="Sections")] if links else []),
        tag("main", [section.html for section in sections]),
        tag("footer", f"Made by dlrun {metadata.version('dlrun')} from the directory alone."),
        Html(f'<script type="application/json" id="data">{embedded(data)}</script>'),
        *end,
    ]
    text = tag("html", [tag("head", parts), tag("body", body)], lang="en")
    return f"<!doctype html>\n{text}\n"


@cache
def stylesheet() -> str:
    """The styles of every page."""
    return asset("uPlot.min.css") + asset("page.css")


@cache
def scripts() -> str:
    """uPlot, after its licence, and dlrun's own scripts."""
    licence = asset("uPlot-LICENSE.txt")
    own = "".join(map(asset, ("theme.js", "ticks.js", "charts.js", "tables.js", "parallel.js")))
    return f"/*!\n{licence}\n*/\n{asset('uPlot.iife.min.js')}\n{own}"


def asset(name: str) -> str:
    """The text of one of the files that pages are made of."""
    return (resources.files("dlrun.pages") / "assets" / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    """The source expression of the policy that allows exactly this text."""
    checksum = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(checksum).decode()}'"
