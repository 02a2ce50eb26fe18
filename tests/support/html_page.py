"""An HTML file, parsed: its elements, its policy, and the JSON in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "img", "input", "link"}


class Page(HTMLParser):
    """Every element with its attributes; the text of those that contain text alone.

    Attributes:
        elements: name and attributes, in order.
        texts: the text of elements by their name, in order.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for each in set(self._open):
            self.texts[each][-1] += data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def sections(self) -> list[str]:
        return [attributes["id"] for attributes in self.of("section")]

    @property
    def data(self) -> dict[str, Any]:
        """The data of the charts, by their names."""
        found: dict[str, Any] = json.loads(self.texts["script"][0])
        return {key.removeprefix("chart-"): value for key, value in found.items()}

    @property
    def policy(self) -> str:
        (found,) = (
            each["content"]
            for each in self.of("meta")
            if each.get("http-equiv") == "Content-Security-Policy"
        )
        return found


def opened(text: str) -> Page:
    """A page, after checks that hold for each: one file, a strict policy, no code but dlrun's."""
    page = Page(text)
    directives = dict(each.split(" ", 1) for each in page.policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["img-src"] == directives["media-src"] == "data:"
    for name, element in (("script-src", "script"), ("style-src", "style")):
        allowed = directives.pop(name)
        own = page.texts[element][-1]
        found = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert allowed == f"'sha256-{found}'"
    kinds = [each.get("type", "") for each in page.of("script")]
    assert kinds == ["application/json", ""]
    for name, attributes in page.elements:
        assert not [key for key in attributes if key.startswith("on") or key == "style"], name
        for key in ("src", "href", "xlink:href", "action", "srcset"):
            if key in attributes:
                assert re.match(r"#|data:(image/png|audio/wav);base64,", attributes[key]), name
    anchors = [each["id"] for _, each in page.elements if "id" in each]
    assert len(anchors) == len(set(anchors))
    links = [each["href"].removeprefix("#") for each in page.of("a")]
    assert set(links) <= set(anchors)
    drawn = {
        each["id"].removeprefix("chart-")
        for _, each in page.elements
        if {"data-chart", "data-parallel"} & each.keys()
    }
    assert drawn == set(page.data)
    return page
