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
    overrides = dict.fromkeys(_overrides(environment))
    words = list(_words(environment))
    other: Literal["override", "study"] = "study" if suggestion else "override"
    found: dict[str, GivenKey] = {}
    for key, value in written.items():
        if _is_replaced(key, [*overrides, *suggestion], resolved):
            continue
        now = resolved.get(key, value)
        changed = now != value and not (isinstance(value, str) and "${" in value)
        converted = isinstance(value, str) and isinstance(now, int | float)  # such as 5m to 300
        replaced = changed and not converted and _may_be_replaced(key, words, environment)
        found[key] = GivenKey(key, now, other if replaced else "spec")
    for key in overrides:
        if key not in found or found[key].by == "spec":
            known = [each for each in (key, *_below(key, resolved)) if each in resolved]
            for each in known:
                found[each] = GivenKey(each, resolved[each], "override")
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


def _is_replaced(key: str, others: Sequence[str], resolved: Mapping[str, Any]) -> bool:
    """Whether a key of the spec belongs to a component in whose place an override put another."""
    section = key.partition(".")[0]
    return (
        any(other.partition(".")[0] == section for other in others)
        and key not in resolved
        and not any(_below(key, resolved))
    )


def _written(path: Path) -> dict[str, Any]:
    """The values of a spec as it was written; none if it is missing or is not a mapping."""
    from dlrun.spec.nodes import Mapping as Tree
    from dlrun.spec.nodes import plain
    from dlrun.spec.problems import Problems
    from dlrun.spec.yaml import parse

    if not present(path):
        return {}
    try:
        tree = parse(read_text(path, LIMIT), str(path), Problems())
    except RecursionError as error:
        raise DataError(f"{path}: nested too deep; the file is broken") from error
    return dict(single(plain(tree))) if isinstance(tree, Tree) else {}


def _overrides(environment: Mapping[str, Any]) -> Iterator[str]:
    """The keys of the overrides with which a run was started."""
    call = environment.get("call")
    yield from _keys(call.get("overrides") if isinstance(call, Mapping) else ())
    yield from (key for key in _keys(environment.get("command")) if key.partition(".")[0] in _FREE)


def _words(environment: Mapping[str, Any]) -> Iterator[str]:
    """The keys of all values in the command of a run, which is that of a trial in a study."""
    yield from _overrides(environment)
    yield from _keys(environment.get("command"))


def _keys(words: Any) -> Iterator[str]:
    for word in _texts(words):
        key, sign, _ = word.partition("=")
        if sign:
            yield key


def _texts(words: Any) -> Iterable[str]:
    return [word for word in words if isinstance(word, str)] if isinstance(words, list) else ()


def _below(key: str, resolved: Mapping[str, Any]) -> Iterator[str]:
    return (each for each in resolved if each.startswith(f"{key}."))
