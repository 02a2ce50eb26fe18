"""The short form of a key: ``optimizer.adam`` for the main field of ``adam``, as in overrides."""

from __future__ import annotations

from collections.abc import Iterator


def main_fields(key: str) -> Iterator[str]:
    """The keys that the key of a component may stand for, such as ``optimizer.adam.lr``.

    Only a class knows its main field, and importing all families takes longer than listing runs, so
    call it for keys that no run has.

    Args:
        key: dotted; its last part is the name of a component, which several families may have.
    """
    from dlrun import catalog

    catalog.load()
    kind = key.rpartition(".")[2]
    for root in catalog.FAMILIES:
        if kind in set(root.family) and (field := root.family[kind].main_field()) is not None:
            yield f"{key}.{field}"
