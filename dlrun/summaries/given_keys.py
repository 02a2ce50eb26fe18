"""The keys that differ from the defaults: those that spec, overrides or study contain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from dlrun.errors import DataError
from dlrun.redact import redacted
from dlrun.run_directory.access import present, read_text
from dlrun.run_directory.spec_keys import LIMIT, single

_FREE = ("epochs", "max_time", "checkpoint")
"""Keys of overrides that are in the command line only, because a resumed run may change them."""


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key of a spec that someone has set.

    Attributes:
        key: dotted, as in overrides.
        value: in the resolved spec, or as written if it was written in a short form.
        by: what set it: the spec, an override, or the study of the run.
    """

    key: str
    value: Any
    by: Literal["spec", "override", "study"]


def given_keys(
    directory: Path,
    resolved: Mapping[str, Any],
    environment: Mapping[str, Any],
    suggestion: Mapping[str, Any],
) -> tuple[GivenKey, ...]:
    """The keys that were set, in the order of the spec, then those of overrides and the study.

    Args:
        directory: of a run.
        resolved: every value of its resolved spec by dotted key.
        environment: the content of environment.json.
        suggestion: values of its trial; empty if it belongs to no study.

    Raises:
        DataError: spec.yaml is a link, a pipe or too large.
    """
    written = _written(directory / "spec.yaml")
    overrides = list(_overrides(environment))
    set_by_them = {key: value for word in overrides for key, value in _values(word)}
    others = [*_keys(overrides), *suggestion]
    words = list(_words(environment))
    other: Literal["override", "study"] = "study" if suggestion else "override"
    found: dict[str, GivenKey] = {}
    for key, value in written.items():
        later = list(suggestion) if key in set_by_them else others
        if _is_replaced(key, value, later, resolved):
            continue
        now = resolved.get(key, set_by_them.get(key, value))
        changed = now != value and not (isinstance(value, str) and "${" in value)
        converted = isinstance(value, str) and isinstance(now, int | float)  # such as 5m to 300
        replaced = changed and not converted and _may_be_replaced(key, words, environment)
        found[key] = GivenKey(key, now, other if replaced else "spec")
    for key, value in set_by_them.items():
        if key in found and found[key].by != "spec":
            continue
        if (key in resolved or _below(key, resolved)) and not _is_replaced(
            key, value, list(suggestion), resolved
        ):
            found[key] = GivenKey(key, resolved.get(key, value), "override")
    for key, value in suggestion.items():
        found[key] = GivenKey(key, resolved.get(key, value), "study")
    return tuple(
        replace(each, value=redacted(each.value)) if isinstance(each.value, str) else each
        for each in found.values()
    )


def _may_be_replaced(key: str, words: Sequence[str], environment: Mapping[str, Any]) -> bool:
    """Whether a changed value is not only the one of the spec in another form, such as a full path.

    Args:
        key: of the value.
        words: the keys that the command of the run contains.
        environment: the content of environment.json.
    """
    if key.partition(".")[0] in _FREE or not environment.keys() & {"call", "command"}:
        return True  # a resumed run may change it; or no command is known
    return any(f"{key}.".startswith(f"{each}.") or each.startswith(f"{key}.") for each in words)


def _is_replaced(key: str, value: Any, others: Sequence[str], resolved: Mapping[str, Any]) -> bool:
    """Whether a value is not in effect, because a later one replaces it.

    Args:
        key: of the value.
        value: as written.
        others: keys that were set after it.
        resolved: every value of the resolved spec by dotted key.
    """
    if any(key.startswith(f"{other}.") for other in others):
        return True  # the value of the other key replaces all below it
    if key in resolved:
        return False
    below = _below(key, resolved)
    if not below:  # it belongs to another component than the one that replaced it
        return any(other.partition(".")[0] == key.partition(".")[0] for other in others)
    if key in others:
        return True
    # A short form, such as adam of an optimizer, or 8 of a dense layer.
    return any(other.startswith(f"{key}.") for other in others) and not _is_among(value, key, below)


def _is_among(value: Any, key: str, below: Mapping[str, Any]) -> bool:
    """Whether a short form is still right: the name of the component, or one of its values."""
    if not isinstance(value, str):
        return value in below.values()
    if "${" in value or any(f"{each}.".startswith(f"{key}.{value}.") for each in below):
        return True
    return any(isinstance(each, str) and each.endswith(value) for each in below.values())  # a path


def _written(path: Path) -> dict[str, Any]:
    """The values of a spec as it was written; none if it is missing or is not a mapping."""
    data = _parsed(read_text(path, LIMIT), str(path)) if present(path) else None
    return dict(single(data)) if isinstance(data, Mapping) else {}


def _values(word: str) -> Iterator[tuple[str, Any]]:
    """The values in an override with their keys: several if it sets a mapping or a list."""
    key, _, text = word.partition("=")
    yield from single({key.strip(): _parsed(text, word)})


def _parsed(text: str, place: str) -> Any:
    """Plain data of YAML.

    Raises:
        DataError: it is nested too deep.
    """
    from dlrun.spec.nodes import plain
    from dlrun.spec.problems import Problems
    from dlrun.spec.yaml import parse

    try:
        tree = parse(text, place, Problems())
        return None if tree is None else plain(tree)
    except RecursionError as error:
        raise DataError(f"{place}: nested too deep; the file is broken") from error


def _overrides(environment: Mapping[str, Any]) -> Iterator[str]:
    """The overrides with which a run was started."""
    call = environment.get("call")
    yield from _settings(call.get("overrides") if isinstance(call, Mapping) else ())
    command = _settings(environment.get("command"))
    yield from (word for word in command if word.partition("=")[0].partition(".")[0] in _FREE)


def _words(environment: Mapping[str, Any]) -> Iterator[str]:
    """The keys of all values in the command of a run, which is that of a trial in a study."""
    yield from _keys(_overrides(environment))
    yield from _keys(_settings(environment.get("command")))


def _keys(words: Iterable[str]) -> Iterator[str]:
    return (word.partition("=")[0].strip() for word in words)


def _settings(words: Any) -> Iterable[str]:
    """The words that set a key."""
    known = words if isinstance(words, list) else ()
    return (word for word in known if isinstance(word, str) and "=" in word)


def _below(key: str, resolved: Mapping[str, Any]) -> Mapping[str, Any]:
    return {each: value for each, value in resolved.items() if each.startswith(f"{key}.")}
