"""Where a run was trained: what can change the last bits of equal trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Circumstances = Mapping[str, str]
"""The parts of an environment that bits depend on, by a name for people."""

PROCESSOR = ("processor", "BLAS kernels")
"""What does not matter with portable numerics."""


def circumstances(environment: Mapping[str, Any]) -> Circumstances:
    """Those of a run, from its ``environment.json``; parts that are missing are left out.

    The kernels are not among them: which ones are used follows from the spec.
    """
    packages, numerics = (_mapping(environment.get(key)) for key in ("packages", "numerics"))
    found = {"Python": environment.get("python"), **packages}
    if numerics:
        found |= {key: numerics.get(key) for key in ("target", "llvmlite")}
    else:
        blas = environment.get("blas")
        first = _mapping(blas[0]) if isinstance(blas, list) and blas else {}
        kernels = first.get("architecture")
        model = _mapping(environment.get("cpu")).get("model")
        found |= dict(zip(PROCESSOR, (model, kernels), strict=True))
    return {name: str(value) for name, value in found.items() if value is not None}


def differing(known: Sequence[Circumstances]) -> dict[str, list[str]]:
    """The values of those parts of which there are several, in the order of the alphabet."""
    names = dict.fromkeys(name for each in known for name in each)
    values = {name: sorted({each.get(name, "none") for each in known}) for name in names}
    return {name: found for name, found in values.items() if len(found) > 1}


def differing_line(what: str, differing: Mapping[str, Sequence[str]]) -> str:
    """A line about parts of which there are several; empty if there are none.

    Args:
        what: was done with several of them.
        differing: their values by name.
    """
    if not differing:
        return ""
    parts = [f"{name} {' and '.join(values)}" for name, values in differing.items()]
    cure = "; with 'numerics: portable', results do not depend on the processor"
    return (
        f"{what} with {'; '.join(parts)}, so results may differ in their last digits"
        f"{cure * any(name in differing for name in PROCESSOR)}"
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
