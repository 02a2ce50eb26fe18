"""A spec on its way from file to components: read, overridden, interpolated, built."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Generic, TypeVar

from dlrun.spec import overrides as override
from dlrun.spec.build import build, build_field
from dlrun.spec.component import Component
from dlrun.spec.interpolate import interpolate, interpolate_field
from dlrun.spec.nodes import Mapping, Node, Sequence
from dlrun.spec.origin import InFile, Origin
from dlrun.spec.overrides import Overrides
from dlrun.spec.problems import Problems
from dlrun.spec.unknown import Facts
from dlrun.spec.yaml import parse, read

C = TypeVar("C", bound=Component)


class Document(Generic[C]):
    """A spec whose text is read and whose overrides are set.

    What the data says (``${classes}``) is known only behind the section on data, so that is built
    first, by ``field``, and everything, once more, by ``build``.

    Attributes:
        path: the file.
        root: what it says, with all overrides.
        problems: every fault so far; whoever finds another one adds it here.
    """

    def __init__(self, path: Path, root: Mapping, cls: type[C], problems: Problems) -> None:
        self.path, self.problems = path, problems
        self.root, self._cls = root, cls

    @classmethod
    def open(cls, path: Path, of: type[C], overrides: Overrides = ()) -> Document[C]:
        """Read a file.

        Args:
            path: of the YAML file.
            of: the component that it describes.
            overrides: keys with other values.

        Raises:
            SpecError: the file cannot be read, or holds no mapping.
        """
        text, name = read(path)
        problems = Problems()
        root = cls.mapping(parse(text, name, problems), name, of, problems)
        root = override.apply(root, of, override.read(overrides, problems), problems)
        return cls(path, root, of, problems)

    @staticmethod
    def mapping(root: Node | None, name: str, of: type[Component], problems: Problems) -> Mapping:
        """What a file holds, if it is a mapping.

        Args:
            root: as parsed; None where it could not be, and ``problems`` says why.
            name: of the file.
            of: the component that it describes.
            problems: the faults so far.

        Raises:
            SpecError: it is none.
        """
        if not isinstance(root, Mapping):
            if not problems:
                known = f"it begins with keys such as {', '.join(list(of.model_fields)[:3])}"
                problems.add(InFile(name, 1, 1), "a spec is a mapping of keys", known)
            problems.raise_if_any()
        assert isinstance(root, Mapping)
        return root

    def __contains__(self, name: str) -> bool:
        """Whether the spec has a key."""
        return name in self.root.entries

    def without(self, name: str) -> Document[C]:
        """The same spec, with the default of a key instead of its value."""
        entries = {key: entry for key, entry in self.root.entries.items() if key != name}
        root = Mapping(entries, self.root.origin)
        return Document(self.path, root, self._cls, self.problems)

    def place(self, name: str, item: int) -> Origin:
        """Where an item of a list stands, or the list where that is nowhere."""
        node = self.root.get(name)
        if isinstance(node, Sequence) and item < len(node.items):
            node = node.items[item]
        return self.root.origin if node is None else node.origin

    def field(self, name: str) -> Any:
        """One field of the spec by itself, or its default; None where it has faults.

        Only ``params`` may be interpolated in it.  Faults go to ``problems``.
        """
        field = self._cls.model_fields[name]
        node = self.root.get(name)
        if node is None:
            return None if field.is_required() else field.get_default(call_default_factory=True)
        done = interpolate_field(self.root, name, self.problems)
        return build_field(self._cls, name, done, self.problems)

    def build(self, facts: Facts) -> C:
        """The whole spec.

        Args:
            facts: what the data says.

        Raises:
            SpecError: there are faults, here or before; all of them are in it.
        """
        root = interpolate(self.root, facts, self.problems)
        made = build(self._cls, root, self.problems)
        self.problems.raise_if_any()
        assert made is not None
        return made
