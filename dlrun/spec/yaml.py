"""YAML files to nodes, safely.

PyYAML only cuts the text into events.  What they mean is decided in ``core_schema`` and
``composer``, so that every value has its line and column, and that no file can cost more than the
limits there and here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from dlrun.errors import DataError, SpecError
from dlrun.files import open_regular
from dlrun.spec.composer import TOO_DEEP, Composer, GiveUpError
from dlrun.spec.nodes import SURROGATE, Node
from dlrun.spec.origin import InFile
from dlrun.spec.problems import Problems
from dlrun.spec.yaml_hints import hint, mark_of

MAX_BYTES = 2**20

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> tuple[str, str]:
    """The text of a spec, and its name for messages.

    Raises:
        SpecError: the file is missing, too large, or not UTF-8.
    """
    return decoded(read_content(path), str(path)), str(path)


def read_content(path: Path) -> bytes:
    """The bytes of a spec.

    Raises:
        SpecError: the file is missing or too large.
    """
    name = str(path)
    try:
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
    except DataError as error:
        if path.is_dir():
            raise SpecError([f"{name}: this is a directory; name the YAML file in it"]) from None
        raise SpecError([str(error)]) from error
    except FileNotFoundError:
        raise SpecError([f"{name}: no such file"]) from None
    except OSError as error:
        raise SpecError([f"{name}: cannot be read: {error.strerror}"]) from error
    except ValueError:
        raise SpecError([f"{name!r}: not a valid file name"]) from None
    if len(content) > MAX_BYTES:
        raise SpecError([f"{name}: larger than {MAX_BYTES // 2**20} MiB; keep data in a data file"])
    return content


def decoded(content: bytes, name: str) -> str:
    """The text of a file's bytes.

    Args:
        content: of the file.
        name: of the file, for messages.

    Raises:
        SpecError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise SpecError(
            [f"{name}:{line}:{column}: not UTF-8; save the file in that encoding"]
        ) from error


def parse(text: str, name: str, problems: Problems) -> Node | None:
    """The tree of a text; None if it cannot be parsed at all.

    Args:
        text: one YAML document.
        name: of the file, for messages.
        problems: gets every error, such as duplicate keys; the rest is parsed all the same.
    """
    composer = Composer(name, problems)
    if lone := SURROGATE.search(text):  # bytes of an argument that were not UTF-8
        before = text[: lone.start()]
        place = InFile(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.add(place, "text that is not valid Unicode", "write it in UTF-8")
        return None
    try:
        for event in _events(text):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        mark = mark_of(error)
        what = " ".join(filter(None, (error.context, error.problem)))
        place = composer.place(mark) if mark else InFile(name, 1, 1)
        if "nesting depth" in what:  # PyYAML 6.0.4 reads ahead and may notice it before Composer
            problems.add(place, *TOO_DEEP)
        else:
            problems.add(place, f"not YAML: {what}", hint(text, place, what))
        return None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = InFile(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.add(place, "a character that YAML does not allow", "remove it")
        return None
    except GiveUpError:
        return None
    return composer.root


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()
