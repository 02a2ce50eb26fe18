from __future__ import annotations

import json

from html_page import Page

from dlrun.pages.markup import Html, embedded, escaped, join, tag

BAD = "</script><img src=x onerror=alert(1)>\"'&\u202e\x1b[31m"


def test_text_becomes_html_only_by_being_escaped() -> None:
    made = tag("p", [BAD, tag("b", "x")], title=BAD)
    page = Page(made)
    assert [name for name, _ in page.elements] == ["p", "b"]
    shown = BAD.replace("\u202e", r"\u202e").replace("\x1b", r"\x1b")
    assert page.of("p")[0]["title"] == shown
    assert page.texts["p"] == [f"{shown}x"]
    assert escaped(Html("<b>")) == "<b>"
    assert join(["<", Html("<br>")]) == "&lt;<br>"


def test_lines_of_text_stay_lines() -> None:
    assert tag("pre", "a\nb\rc") == "<pre>a\nb\\rc</pre>"


def test_attributes() -> None:
    made = tag("input", class_="x", data_sort=1.5, hidden=True, id=None, checked=False)
    assert made == '<input class="x" data-sort="1.5" hidden>'


def test_embedded_json_cannot_leave_its_element() -> None:
    text = embedded({"name": BAD, "<!--": float("nan")})
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"name": BAD, "<!--": None}
