"""The spec that a sweep varies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dlrun.search.suggestion import thawed
from dlrun.spec import overrides as override
from dlrun.spec.document import Document
from dlrun.spec.nodes import Mapping, plain
from dlrun.spec.overrides import Override
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import to_yaml
from dlrun.spec.yaml import parse
from dlrun.training.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Base:
    """A spec that has been read, and can be compiled many times with other values.

    Attributes:
        text: as written; of a spec within a sweep, the same values by themselves.
        name: what messages call it.
        root: what it says, each value with its place.
        folder: where relative paths in it start.
    """

    text: str
    name: str
    root: Mapping
    folder: Path

    @classmethod
    def parse(cls, text: str, name: str, folder: Path) -> Base:
        """Take a text apart.

        Args:
            text: one YAML document.
            name: what messages call it.
            folder: where relative paths in it start.

        Raises:
            SpecError: it is no mapping.
        """
        problems = Problems()
        root = parse(text, name, problems)
        problems.raise_if_any()
        return cls(text, name, Document.mapping(root, name, Experiment, problems), folder)

    def having(self, overrides: Iterable[Override], problems: Problems) -> Base:
        """The same with other values, once and for all.

        Args:
            overrides: what to set; later ones win.
            problems: gets paths that lead nowhere.
        """
        root = override.apply(self.root, Experiment, overrides, problems)
        return Base(to_yaml(thawed(plain(root))), self.name, root, self.folder)

    def document(self, overrides: Iterable[Override], problems: Problems) -> Document[Experiment]:
        """The spec with other values.

        Args:
            overrides: what to set; later ones win.
            problems: gets paths that lead nowhere, and what the document finds.
        """
        root = override.apply(self.root, Experiment, overrides, problems)
        return Document(self.folder / "spec.yaml", root, Experiment, problems)
