"""What an entry has under a key: what dlrun knows of it, its scores, and the values of its spec."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dlrun.collection.entry import Entry
from dlrun.collection.main_field import main_fields
from dlrun.errors import InputError
from dlrun.printable import printable

Value = Any
"""A text, a number, true, false, None where the spec has null, or words (the tags)."""


class Missing:
    """The value of a key that an entry does not have."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()

_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "name": lambda entry: entry.name,
    "id": lambda entry: entry.id,
    "path": lambda entry: entry.directory,
    "kind": lambda entry: entry.kind,
    "status": lambda entry: entry.state,
    "created": lambda entry: entry.created,
    "ended": lambda entry: entry.ended,
    "age": lambda entry: entry.age,
    "best": lambda entry: entry.best,
    "monitor": lambda entry: entry.monitor,
    "tag": lambda entry: entry.tags,
    "note": lambda entry: entry.note or None,
    "size": lambda entry: entry.size,
    "trained": lambda entry: None if entry.kind == "folds" else getattr(entry, "trained", None),
    "best_epoch": lambda entry: getattr(entry, "best_epoch", None),
    "duration": lambda entry: getattr(entry, "seconds", None),
    "study": lambda entry: getattr(entry, "study", None),
    "trial": lambda entry: getattr(entry, "trial", None),
    "repeat": lambda entry: getattr(entry, "repeat", None),
    "fold": lambda entry: getattr(entry, "fold", None),
    "trials": lambda entry: getattr(entry, "trials", None),
}
FIELDS = tuple(_FIELDS)
"""What every entry has, and can be filtered, sorted and shown by."""

TIMES = ("created", "ended")
"""Fields that are times, seconds since 1970."""
DURATIONS = ("age", "duration")
"""Fields that are seconds."""

OTHER_NAMES = {"state": "status", "tags": "tag", "directory": "path"}

SPEC = "spec."
"""Before a key of specs that is called like a field, such as ``spec.name``."""


def value_of(entry: Entry, key: str) -> Value:
    """What an entry has under a key; ``MISSING`` if it does not have it.

    Besides the keys of single values, a key can be that of a component, such as ``optimizer``: its
    value is the name of the component, such as ``adam``.

    Args:
        entry: a run or a study.
        key: a field, the name of a score, or a dotted key of the spec, which ``spec.`` may precede.
    """
    field = _FIELDS.get(key)
    if field is not None:
        value = field(entry)
        return MISSING if value is None else value
    if key in entry.metrics:
        score = entry.metrics[key]
        return MISSING if score is None else score
    key = key.removeprefix(SPEC)
    return entry.spec[key] if key in entry.spec else _component(entry.spec, key)


def _component(spec: Mapping[str, Value], key: str) -> Value:
    prefix, found = f"{key}.", None
    for each in spec:
        if each.startswith(prefix):
            name, dot, _ = each[len(prefix) :].partition(".")
            if not dot or (found is not None and name != found):
                return MISSING
            found = name
    return MISSING if found is None or found.isdecimal() else found


def scores(entries: Iterable[Entry]) -> dict[str, None]:
    """The names of all scores of the entries."""
    return dict.fromkeys(name for entry in entries for name in entry.metrics)


def spec_keys(entries: Iterable[Entry]) -> dict[str, None]:
    """The keys of all specs of the entries."""
    found: dict[str, None] = {}
    for keys in dict.fromkeys(tuple(entry.spec) for entry in entries):
        found.update(dict.fromkeys(keys))
    return found


def checked_key(key: str, entries: Sequence[Entry], place: str) -> str:
    """The key, or the one for which it is another name, such as the short form of a main field.

    Args:
        key: as the user wrote it.
        entries: the runs that are present.
        place: where it was written, for messages.

    Raises:
        InputError: none of the runs has it.
    """
    key = OTHER_NAMES.get(key, key)
    if key in _FIELDS or any(value_of(entry, key) is not MISSING for entry in entries):
        return key
    if any(key in entry.metrics for entry in entries):  # a score that is NaN in all of them
        return key
    if not entries:
        return key
    keys = spec_keys(entries)
    if any(each.startswith(f"{key.removeprefix(SPEC)}.") for each in keys):
        for main in main_fields(key):
            if any(value_of(entry, main) is not MISSING for entry in entries):
                return main
    above = (key.rpartition(".")[0] for key in keys)  # of components, such as optimizer.adam
    above = (key.rpartition(".")[0] for key in above)
    known = dict.fromkeys([*FIELDS, *scores(entries), *filter(None, above), *keys])
    end = key.removeprefix(SPEC)
    advice = _advice(end, [each for each in known if each != end])
    raise InputError(f"{place}: no run has '{printable(key)}'; {advice}")


def _advice(key: str, known: Sequence[str]) -> str:
    from dlrun.spec.problems import did_you_mean, near

    ends = [each for each in known if each.endswith(f".{key}")]
    if ends:
        shown = [f"'{each}'" for each in ends[:3]]
        return f"did you mean {' or '.join(shown)}?"
    if near(key, known) is not None:
        return did_you_mean(key, known)
    listed = ", ".join([*FIELDS[:9], "..."])
    return (
        f"known are fields such as {listed}, scores such as validation.loss, and keys of specs "
        "such as optimizer.adam.lr; --columns shows the values of a key"
    )
