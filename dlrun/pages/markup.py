"""HTML that is safe by construction: text becomes HTML only by being escaped."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable

from dlrun.printable import printable
from dlrun.run_directory.json_text import to_json

_EMPTY = {"img", "input", "link", "meta"}
"""Elements without content and without an end."""


class Html(str):
    """Text that is HTML already; every other text is escaped."""

    __slots__ = ()


Content = str | Iterable[str]
"""Text, HTML, or several of them."""


def escaped(content: Content) -> Html:
    """The content as HTML: plain text is escaped, with invisible characters made visible."""
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return Html(html.escape("\n".join(map(printable, content.split("\n"))), quote=True))
    return Html("".join(map(escaped, content)))


def tag(name: str, content: Content = "", /, **attributes: str | float | bool | None) -> Html:
    """An element.

    Args:
        name: of the element; never from a file.
        content: what it contains.
        attributes: an underscore at the end of a name is removed and others become hyphens, such as
            ``class_`` and ``data_sort``; None and False leave one out, True has no value.
    """
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        word = key.rstrip("_").replace("_", "-")
        shown = value if isinstance(value, str) else f"{value:g}"
        written.append(f" {word}" if value is True else f' {word}="{escaped(shown)}"')
    start = f"<{name}{''.join(written)}>"
    return Html(start if name in _EMPTY else f"{start}{escaped(content)}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Several parts in a row."""
    return Html("".join(escaped(part) for part in parts))


def data_address(kind: str, content: bytes) -> str:
    """The address of content that is part of the page itself, such as of a kind ``image/png``."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def embedded(value: object) -> str:
    """JSON for an element ``script``, which no text in it can end or leave."""
    text = to_json(value)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
