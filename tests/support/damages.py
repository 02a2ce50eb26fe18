"""Ways in which a file comes to be broken."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st

_Harm = tuple[str, float, float, bytes]

_HARMS = ("cut", "flip", "put", "insert", "remove", "repeat", "swap")

HARMS = st.lists(
    st.tuples(
        st.sampled_from(_HARMS),
        st.floats(0, 1, exclude_max=True),
        st.floats(0, 1, exclude_max=True),
        st.one_of(
            st.binary(min_size=1, max_size=4),
            st.sampled_from([b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0" * 40, b"9" * 40]),
        ),
    ),
    min_size=1,
    max_size=4,
)
"""What happens to a file, in turn: how, at which two parts of its length, with which bytes."""


def harmed(content: bytes, harms: list[_Harm]) -> bytes:
    """The content after all of it."""
    for how, first, second, put in harms:
        size = len(content)
        at, to = sorted((int(first * size), int(second * size)))
        match how:
            case "cut":
                content = content[:to]
            case "flip":
                bit = bytes([content[at] ^ (1 << put[0] % 8)]) if size else b""
                content = content[:at] + bit + content[at + 1 :]
            case "put":
                content = content[:at] + put + content[at + len(put) :]
            case "insert":
                content = content[:at] + put + content[at:]
            case "remove":
                content = content[:at] + content[to:]
            case "repeat":
                content = content[:to] + content[at:to] + content[to:]
            case "swap":
                content = content[to:] + content[at:to] + content[:at]
    return content


def cuts(content: bytes, most: int = 60) -> Iterator[bytes]:
    """The content cut off at every place, or at evenly many where there are more than ``most``."""
    step = -(-len(content) // most)
    for end in range(0, len(content), step):
        yield content[:end]


def flips(content: bytes, most: int = 60) -> Iterator[bytes]:
    """The content with one bit the other way, at every place, or at evenly many."""
    step = -(-len(content) // most)
    for at in range(0, len(content), step):
        yield content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :]
