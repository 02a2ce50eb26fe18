"""The smallest sets of samples that trials of a space have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dlrun.search.space import Space


def fewest_samples(
    space: Space, base: Mapping[str, int], variants: Mapping[str, Sequence[Mapping[str, int]]]
) -> dict[str, int]:
    """The number of samples of the smallest set of each part that a trial may have.

    Args:
        space: the search space.
        base: the sizes in the spec, with its own values.
        variants: those with each value of a key, or with both ends of its range, by key.
    """
    found = {}
    for part, own in base.items():
        least = list[int]()
        for key, each in variants.items():
            here = [known[part] for known in each if part in known]
            if all(size == own for size in here):
                continue
            # A spec has its own size in no trial, if every trial has a value of the key.
            least.append(min([*here, own] if space.dimensions[key].when else here))
        found[part] = min(least, default=own)
    return found
