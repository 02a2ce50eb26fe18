"""The model card of an archive, in Markdown: what the network is, how it was trained and scored.

After Mitchell et al., "Model cards for model reporting", FAT* 2019, as far as a run knows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlrun.experiment.experiment import Experiment
from dlrun.inference.loaded_model import SavedModel
from dlrun.printable import markdown

_SHOWN = 30
"""Names of classes or columns that are listed."""
_LONGEST = 200
"""Characters of a name or a value."""

_USE = """\
## How to use it

FILE is this archive. Samples have the form of the training data, without preprocessing.

```console
$ dlrun archive --show FILE
$ dlrun predict FILE SAMPLES
$ dlrun evaluate FILE SAMPLES_WITH_TARGETS
```

```python
import dlrun

model = dlrun.Run("FILE")
predictions = model.predict(samples)
```
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a card is made from.

    Attributes:
        run: ID of the run.
        experiment: its spec.
        model: its network.
        epoch: after which the weights were saved.
        result: how it ended.
        environment: of the run; empty if it has none.
        samples: number of samples of each set; empty if that is unknown.
        license_line: as the author of the model states it; None if they do not.
    """

    run: str
    experiment: Experiment
    model: SavedModel
    epoch: object
    result: Mapping[str, Any]
    environment: Mapping[str, Any]
    samples: Mapping[str, int]
    license_line: str | None


def model_card(facts: Facts) -> str:
    """The card; equal facts lead to equal text."""
    sections = (_head, _data, _scores, _training, _versions)
    return "\n".join([*("\n".join([*section(facts), ""]) for section in sections), _USE])


def _head(facts: Facts) -> Iterator[str]:
    experiment, model = facts.experiment, facts.model
    line = facts.license_line or "not stated; ask the author of the model"
    values = sum(each.size for each in model.network.parameters.named().values())
    steps = [step.kind for step in experiment.data.preprocess]
    yield f"# {_text(experiment.name)}"
    yield ""
    yield "A neural network, trained with dlrun."
    yield ""
    yield f"- task: {_task(model)}"
    yield f"- input: {_input(model)}"
    yield f"- preprocessing, which is part of the archive: {', '.join(steps) or 'none'}"
    yield f"- network: {values:,} values in {len(experiment.model):,} layers"
    yield f"- weights: {facts.result['weights']}, after epoch {_text(facts.epoch)}"
    yield f"- run: {_text(facts.run)}"
    yield f"- license: {_text(line)}"


def _data(facts: Facts) -> Iterator[str]:
    data = facts.experiment.data
    yield "## Data"
    yield ""
    yield f"The source is `{data.source.kind}`; `{_RESOLVED}` has its settings and the split."
    if fingerprint := facts.environment.get("data"):
        yield f"SHA-256 of the data: {_text(fingerprint)}"
    if facts.samples:
        yield ""
        yield from _table(("set", "samples"), [(k, f"{v:,}") for k, v in facts.samples.items()])


def _scores(facts: Facts) -> Iterator[str]:
    yield "## Scores"
    yield ""
    scores = facts.result["metrics"]
    if not scores:
        yield "The run has neither a validation nor a test set, so it has no scores."
        return
    yield "Measured when the training ended, with the weights of this archive in evaluation mode,"
    yield "on all samples of the run's own validation and test sets. The network was not trained on"
    yield "them. But the validation set may have been used to choose the epoch or the settings, and"
    yield "its scores are then too good."
    yield ""
    rows = [(name, "NaN or infinite" if value is None else value) for name, value in scores.items()]
    yield from _table(("score", "value"), rows)


def _training(facts: Facts) -> Iterator[str]:
    result = facts.result
    yield "## Training"
    yield ""
    yield f"- ended: {result['status']}: {_text(result['reason'])}"
    yield f"- epochs: {result['epochs']}, the best one was {result['best_epoch']}"
    yield f"- loss: {facts.experiment.loss.kind}, optimizer: {facts.experiment.optimizer.kind}"
    yield f"- seed: {facts.experiment.seed}"
    yield f"- time: {result['seconds']:.1f} s"


def _versions(facts: Facts) -> Iterator[str]:
    found = facts.environment
    yield "## Versions"
    yield ""
    packages = _mapping(found.get("packages"))
    rows = [(name, version) for name, version in packages.items() if version is not None]
    rows += [(key, found[key]) for key in ("python", "platform", "kernels") if found.get(key)]
    if model := _mapping(found.get("cpu")).get("model"):
        rows.append(("processor", model))
    if commit := _mapping(found.get("git")).get("commit"):
        rows.append(("git commit", commit))
    if not rows:
        yield "The run does not have them."
        return
    yield "With other versions or on another processor, predictions may differ in the last digits."
    yield ""
    yield from _table(("what", "version"), rows)


_RESOLVED = "resolved.yaml"


def _task(model: SavedModel) -> str:
    if model.classes is None:
        return "regression"
    what = "labels" if model.task == "multi_label" else "classes"
    word = "multi-label classification" if model.task == "multi_label" else "classification"
    return f"{word} with {len(model.classes)} {what}: {_list(model.classes)}"


def _input(model: SavedModel) -> str:
    form = _text(model.source.form_of_files())
    if model.pipeline.vocabulary is not None:
        return f"text{form}, with a vocabulary of {model.pipeline.vocabulary:,}"
    if (columns := model.pipeline.before) is not None:
        names = [column.name for column in columns]
        if model.dates is not None:
            names = model.dates.in_file(names)
        return f"a table with {len(names):,} column{'' if len(names) == 1 else 's'}: {_list(names)}"
    return f"arrays of shape {model.sample_shape}{form}"


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(map(_text, names[:_SHOWN])) + more


def _table(header: tuple[str, str], rows: Sequence[tuple[object, object]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|---|---|"
    for name, value in rows:
        yield f"| {_text(name)} | {_text(value)} |"


def _text(value: object) -> str:
    """Text from a file, which Markdown and a terminal show as it is."""
    return markdown(str(value)[:_LONGEST])


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
