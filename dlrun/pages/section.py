"""A section of a page: a title, HTML, and the data of its charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlrun.pages.markup import Html, join, tag


@dataclass(frozen=True, slots=True)
class Piece:
    """HTML with the data that the script of the page needs for it.

    Attributes:
        html: the piece.
        data: plain data by the ID of the element that the script fills; empty for plain HTML.
    """

    html: Html
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a page.

    Attributes:
        anchor: its ID in the page, for links.
        title: its heading; empty for none.
        pieces: its content.
    """

    anchor: str
    title: str
    pieces: Sequence[Piece]

    @property
    def html(self) -> Html:
        """The section as HTML."""
        body = join(piece.html for piece in self.pieces)
        heading = [tag("h2", self.title)] if self.title else []
        return tag("section", [*heading, body], id=self.anchor)

    @property
    def data(self) -> dict[str, Any]:
        """The data of all its pieces."""
        return {key: value for piece in self.pieces for key, value in piece.data.items()}


@dataclass(frozen=True, slots=True)
class Content:
    """What a page shows.

    Attributes:
        title: of the page.
        subtitle: the line below it.
        sections: in order.
    """

    title: str
    subtitle: str
    sections: Sequence[Section]


def note(text: str) -> Piece:
    """A remark, such as why something is missing."""
    return Piece(tag("p", text, class_="note"))


def grid(pieces: Sequence[Piece]) -> Piece:
    """Pieces next to each other, where there is room."""
    data = {key: value for piece in pieces for key, value in piece.data.items()}
    return Piece(tag("div", [piece.html for piece in pieces], class_="grid"), data)


def missing(anchor: str, title: str, reason: str) -> Section:
    """A section that only says why it is empty."""
    return Section(anchor, title, [note(reason)])
