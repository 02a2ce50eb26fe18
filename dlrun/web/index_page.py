"""The page of all runs; its script asks for the rows."""

from __future__ import annotations

from dlrun.pages.markup import join, tag
from dlrun.pages.section import Content, Piece, Section
from dlrun.web.listing import Listing
from dlrun.web.shell import shell


def index_page(listing: Listing) -> str:
    """The page of all runs; its script asks for the rows."""
    controls = tag(
        "form",
        [
            tag(
                "input",
                id="condition",
                type="search",
                placeholder="filter: optimizer.adam.lr<1e-2",
                aria_label="Add a condition",
                list="keys",
                autocomplete="off",
                spellcheck="false",
            ),
            tag(
                "input",
                id="column",
                type="search",
                placeholder="add a column",
                aria_label="Add a column",
                list="keys",
                autocomplete="off",
                spellcheck="false",
            ),
            tag("label", [tag("input", type="checkbox", id="inner"), "runs of studies, folds"]),
            tag("button", "Compare", type="button", id="compare", disabled=True),
            tag("button", "Clear", type="button", id="clear", hidden=True),
        ],
        id="controls",
    )
    known = tag("datalist", [tag("option", value=key) for key in listing.known[:500]], id="keys")
    pager = [
        tag("button", "Previous", type="button", id="before", disabled=True),
        tag("output", "", id="window"),
        tag("button", "Next", type="button", id="after", disabled=True),
    ]
    pieces = [
        controls,
        known,
        tag("div", "", id="conditions"),
        tag("p", "", id="problem", role="alert", hidden=True),
        tag(
            "div",
            tag("table", [tag("thead", ""), tag("tbody", "")], id="rows"),
            class_="scroll",
        ),
        tag("div", pager, class_="pager"),
        tag("details", [tag("summary", ""), tag("div", "")], id="notes", hidden=True),
    ]
    section = Section("runs", "", [Piece(join(pieces))])
    return shell(Content("Runs and studies", "", [section]), home=False)
