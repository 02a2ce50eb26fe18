"""The spec that a sweep varies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dlrun.experiment.experiment import Experiment
from dlrun.search.suggestion import thawed
from dlrun.spec import overrides as override
from dlrun.spec.document import Document
from dlrun.spec.nodes import Mapping, plain
from dlrun.spec.overrides import Override
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import to_yaml
from dlrun.spec.yaml import parse


@dataclass(frozen=True, slots=True)
class Base:
    """A spec that is read once and compiled many times with different values.

    Attributes:
        text: as written; for a spec within a sweep, its values as YAML.
        name: shown in messages.
        root: its tree, each value with its place.
        folder: where relative paths in it start.
    """

    text: str
    name: str
    root: Mapping
    folder: Path

    @classmethod
    def parse(cls, text: str, name: str, folder: Path) -> Base:
        """Parse a spec.

        Args:
            text: one YAML document.
            name: shown in messages.
            folder: where relative paths in it start.

        Raises:
            SpecError: it is not a mapping, or not YAML.
        """
        problems = Problems()
        root = parse(text, name, problems)
        problems.raise_if_any()
        return cls(text, name, Document.mapping(root, name, Experiment, problems), folder)

    def having(self, overrides: Iterable[Override], problems: Problems) -> Base:
        """The spec with some values replaced.

        Args:
            overrides: what to set; later ones win.
            problems: gets paths that do not exist.
        """
        root = override.apply(self.root, Experiment, overrides, problems)
        return Base(to_yaml(thawed(plain(root))), self.name, root, self.folder)

    def document(self, overrides: Iterable[Override], problems: Problems) -> Document[Experiment]:
        """The spec with some values replaced, ready to be built.

        Args:
            overrides: what to set; later ones win.
            problems: gets paths that do not exist, and the errors of the document.
        """
        root = override.apply(self.root, Experiment, overrides, problems)
        return Document(self.folder / "spec.yaml", root, Experiment, problems)
