"""A spec from file to components: read, overridden, interpolated, built."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Generic, TypeVar

from dlrun.spec import overrides as override
from dlrun.spec.build import build, build_field
from dlrun.spec.component import Component
from dlrun.spec.draft import Draft, draft
from dlrun.spec.given import Given, open_given
from dlrun.spec.interpolate import interpolate, interpolate_field
from dlrun.spec.nodes import Mapping, Node, Sequence
from dlrun.spec.origin import InFile, Origin
from dlrun.spec.overrides import Overrides
from dlrun.spec.problems import Problems
from dlrun.spec.unknown import Facts
from dlrun.spec.yaml import decoded, parse

C = TypeVar("C", bound=Component)
F = TypeVar("F", bound=Component)


class Document(Generic[C]):
    """A spec whose text is read and whose overrides are set.

    Facts of the data such as ``${classes}`` are known only after the ``data`` section is read, so
    ``field`` builds that section first; ``build`` then builds everything.

    Attributes:
        path: the file; for a spec given as a mapping, a name in the working directory.
        content: the bytes of the file.
        in_file: whether there is such a file.
        root: the tree, with all overrides set.
        problems: every error so far; later checks add theirs here.
    """

    def __init__(
        self,
        path: Path,
        root: Mapping,
        cls: type[C],
        problems: Problems,
        content: bytes = b"",
        *,
        in_file: bool = True,
    ) -> None:
        self.path, self.problems = path, problems
        self.content, self.in_file = content, in_file
        self.root, self._cls = root, cls

    @classmethod
    def open(
        cls, spec: Given, of: type[C], overrides: Overrides = (), *, word: str = "spec"
    ) -> Document[C]:
        """Read a spec.

        Args:
            spec: path of the YAML file, or its content.
            of: the component that it describes.
            overrides: keys with other values.
            word: what messages call a mapping.

        Raises:
            SpecError: the file cannot be read, or does not contain a mapping.
        """
        problems = Problems()
        path, tree, content = open_given(spec, problems, word)
        root = cls.mapping(tree, str(path), of, problems, word)
        root = override.apply(root, of, override.read(overrides, problems), problems)
        in_file = isinstance(spec, str | Path)
        return cls(path, root, of, problems, content, in_file=in_file)

    @classmethod
    def of_content(cls, content: bytes, path: Path, of: type[C]) -> Document[C]:
        """A spec whose bytes have been read already.

        Args:
            content: of a YAML file, or of a part of another file.
            path: what messages call it.
            of: the component that it describes.

        Raises:
            SpecError: it does not contain a mapping.
        """
        problems = Problems()
        tree = parse(decoded(content, str(path)), str(path), problems)
        return cls(path, cls.mapping(tree, str(path), of, problems), of, problems, content)

    @staticmethod
    def mapping(
        root: Node | None,
        name: str,
        of: type[Component],
        problems: Problems,
        word: str = "spec",
    ) -> Mapping:
        """The content of a file, which must be a mapping.

        Args:
            root: as parsed; None if it could not be parsed, with the reason in ``problems``.
            name: of the file.
            of: the component that it describes.
            problems: the errors so far.
            word: what messages call the file.

        Raises:
            SpecError: it is not a mapping, or another kind of file.
        """
        if not isinstance(root, Mapping):
            if not problems:
                known = f"it begins with keys such as {', '.join(list(of.model_fields)[:3])}"
                problems.add(InFile(name, 1, 1), f"a {word} must be a mapping of keys", known)
            problems.raise_if_any()
        assert isinstance(root, Mapping)
        required = [key for key, field in of.model_fields.items() if field.is_required()]
        if of.other_file is not None and len(root.entries.keys() & set(required)) <= 1:
            keys, advice = of.other_file
            if keys <= root.entries.keys():
                problems.add(root.origin, advice)
                problems.raise_if_any()
        return root

    def __contains__(self, name: str) -> bool:
        """Whether the spec has a key."""
        return name in self.root.entries

    def without(self, name: str) -> Document[C]:
        """The same spec with a key removed, so that its default applies."""
        entries = {key: entry for key, entry in self.root.entries.items() if key != name}
        root = Mapping(entries, self.root.origin)
        return Document(
            self.path, root, self._cls, self.problems, self.content, in_file=self.in_file
        )

    def place(self, name: str, item: int) -> Origin:
        """The origin of an item of a list; that of the list if the item does not exist."""
        node = self.root.get(name)
        if isinstance(node, Sequence) and item < len(node.items):
            node = node.items[item]
        return self.root.origin if node is None else node.origin

    def field(self, name: str) -> Any:
        """One field of the spec alone, or its default; None if it has errors.

        Only ``params`` can be interpolated in it.  Errors are added to ``problems``.
        """
        field = self._cls.model_fields[name]
        node = self.root.get(name)
        if node is None:
            return None if field.is_required() else field.get_default(call_default_factory=True)
        done = interpolate_field(self.root, name, self.problems)
        return build_field(self._cls, name, done, self.problems)

    def draft(self, facts: Facts) -> Draft[C]:
        """The spec as far as it can be built; errors are added to ``problems``.

        Args:
            facts: values that follow from the data.
        """
        root = interpolate(self.root, facts, self.problems)
        made = build(self._cls, root, self.problems)
        return draft(self._cls, root) if made is None else Draft(made)

    def field_draft(self, name: str, cls: type[F]) -> Draft[F] | None:
        """A section of the spec alone, as far as it can be built; None if the spec has none.

        Only ``params`` can be interpolated in it.  Errors are added to ``problems``.

        Args:
            name: its key.
            cls: its type.
        """
        if name not in self:
            return None
        node = interpolate_field(self.root, name, self.problems)
        made = build(cls, node, self.problems, name)
        return draft(cls, node) if made is None else Draft(made)

    def build(self, facts: Facts) -> C:
        """The whole spec.

        Args:
            facts: values that follow from the data.

        Raises:
            SpecError: the spec has errors; the message lists all of them.
        """
        root = interpolate(self.root, facts, self.problems)
        made = build(self._cls, root, self.problems)
        self.problems.raise_if_any()
        assert made is not None
        return made
