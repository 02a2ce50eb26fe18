"""Server-sent events: how runs change, and that the listing has changed.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from dlrun.collection.entry import Entry
from dlrun.run_directory.json_text import to_json
from dlrun.web.followed import charts_of, files_of, now, states_of
from dlrun.web.growth import Charts, growth
from dlrun.web.watcher import Watcher

_TICK = 0.25
"""Seconds between two looks at whether the reader or the server is gone."""
_INTERVAL = 1.0
"""Seconds between two looks at the files of a run."""
_SILENCE = 15.0
"""Seconds after which something is sent in any case, so that no proxy ends the connection."""

Over = Callable[[], Awaitable[bool]]
"""Whether the reader or the server is gone."""


def event(name: str, data: Any) -> bytes:
    """An event with JSON in it, which has no line ends."""
    return f"event: {name}\ndata: {to_json(data)}\n\n".encode()


class Followed:
    """Runs or studies that a reader follows, and what was sent of them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = list(entries)
        self._files: list[Any] = [None] * len(entries)
        self._charts: Charts = {}
        self._states: Mapping[str, Mapping[str, str]] = {}

    def news(self) -> list[bytes]:
        """The events since the last call: ``charts``, ``state``, and ``end`` if none is running."""
        files = [files_of(entry) for entry in self._entries]
        for place, entry in enumerate(self._entries):
            if files[place] != self._files[place] or entry.state == "running":
                self._entries[place] = now(entry)
        found = []
        if files != self._files:
            charts = charts_of(self._entries)
            grown = growth(self._charts, charts)
            if grown:
                found.append(event("charts", grown))
            self._charts = charts
        states = states_of(self._entries)
        if states != self._states:
            found.append(event("state", states))
        self._files, self._states = files, states
        if not any(entry.state == "running" for entry in self._entries):
            found.append(event("end", {}))
        return found


async def run_events(entries: Sequence[Entry], over: Over) -> AsyncIterator[bytes]:
    """The events of runs or studies until all of them have ended."""
    followed = Followed(entries)
    ended = False
    async for _ in _moments(_INTERVAL, over):
        found = await asyncio.to_thread(followed.news)
        for each in found:
            yield each
            ended = each.startswith(b"event: end")
        if ended:
            return
        if not found:
            yield b""


async def listing_events(watcher: Watcher, over: Over) -> AsyncIterator[bytes]:
    """An event with the revision of the listing whenever it changes."""
    known = -1
    async for _ in _moments(_INTERVAL, over):
        listing = await asyncio.to_thread(watcher.listing)
        if listing.revision != known:
            known = listing.revision
            yield event("listing", {"revision": known})
        else:
            yield b""


async def kept_alive(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The events, and a comment if there was none for a while."""
    last = time.monotonic()
    async for each in events:
        if each:
            last = time.monotonic()
            yield each
        elif time.monotonic() - last > _SILENCE:
            last = time.monotonic()
            yield b": still here\n\n"


async def _moments(interval: float, over: Over) -> AsyncIterator[None]:
    """A moment per interval, the first at once, until it is over."""
    due = time.monotonic()
    while not await over():
        if time.monotonic() >= due:
            yield
            due = time.monotonic() + interval
        await asyncio.sleep(min(_TICK, interval))
