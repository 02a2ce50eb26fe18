"""Values that no field of any component accepts."""

from __future__ import annotations

from collections.abc import Iterator

from dlrun.spec.flow import show
from dlrun.spec.nodes import Node, Scalar, Sequence
from dlrun.spec.origin import Origin


def unusable(node: Node, key: str) -> Iterator[tuple[Origin, str, str]]:
    """Their origin, the error and the advice.

    Only a ``seed``, the key of random streams, has 64 bits without a sign.
    """
    if isinstance(node, Scalar):
        value, bits = node.value, 64 if key.rpartition(".")[2] == "seed" else 63
        if isinstance(value, int) and not -(2**63) <= value < 2**bits:
            what = f"a whole number can be at most 2^{bits} - 1, got {show(value)}"
            yield node.origin, what, "use a smaller one, or quote it if it is text"
        elif isinstance(value, str) and "\0" in value:
            yield node.origin, f"text contains a NUL character: {show(value)}", "remove it"
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from unusable(item, key)
    else:
        for name, entry in node.entries.items():
            yield from unusable(entry.value, name)
