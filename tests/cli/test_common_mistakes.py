"""What people often write wrongly: each mistake is one line with its place, cause and remedy."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dlrun.cli.app import run
from dlrun.cli.exit_codes import ExitCode

Result = subprocess.CompletedProcess[str]

SPEC = """\
name: moons
data:
  source: {moons: {samples: 60}}
  split: {validation: 0.2}
  batch_size: 8
model:
  - dense: 4
  - relu
  - dense: ${classes}
loss: cross_entropy
metrics: [accuracy]
optimizer: {adam: {lr: 0.01}}
epochs: 2
"""

SWEEP = """\
name: search
spec: spec.yaml
objective: {minimize: validation.loss}
search: {random: {trials: 3}}
space:
  optimizer.adam.lr: [0.01, 0.1]
"""

Row = tuple[str, str, str, str]
"""The right text and the wrong one; line and column; the rest of the message."""

MODEL: list[Row] = [
    ("dense: 4", "Linear: 4", "7:5", "unknown layer 'Linear'; did you mean 'dense'?"),
    ("dense: 4", "fc: 4", "7:5", "unknown layer 'fc'; did you mean 'dense'?"),
    ("dense: 4", "Conv2d: 4", "7:5", "unknown layer 'Conv2d'; did you mean 'conv'?"),
    ("dense: 4", "dense(4)", "7:5", "unknown layer 'dense(4)'; write 'dense: 4'"),
    ("dense: 4", "dense 4", "7:5", "unknown layer 'dense 4'; write 'dense: 4'"),
    ("dense: 4", "dense:4", "7:5", "unknown layer 'dense:4'; write 'dense: 4'"),
    ("dense: 4", "dense", "7:5", "dense needs 'units'; add it"),
    ("dense: 4", "dense: 4.0", "7:12", "'units' must be a whole number, got 4.0; write 4"),
    ("dense: 4", "{type: dense, units: 4}", "7:6", "name as the key: 'dense: {...}'"),
    ("dense: 4", "dense: {out_features: 4}", "7:13", "'out_features'; did you mean 'units'?"),
    ("dense: 4", "conv: {filters: 1, kernel_size: 3}", "7:24", "did you mean 'kernel'?"),
    ("dense: 4", "dense: {units: 4, activation: relu}", "7:23", "next item of the list"),
    (
        "dense: 4",
        "dense: {units: 4, kernel_regularizer: l2}",
        "7:23",
        "write 'penalty: {l2: 1e-4}'",
    ),
    ("dense: 4", "dense: {units: 4, in_features: 2}", "7:23", "remove it; the size of the input"),
    ("dense: 4", "ResNet18", "7:5", "write its layers, such as [dense: 64, relu, dense: ${cl"),
    ("relu", "nn.ReLU", "8:5", "unknown layer 'nn.ReLU'; did you mean 'relu'?"),
    ("relu", "torch.nn.ReLU()", "8:5", "did you mean 'relu'?"),
    ("relu", "BatchNorm2d", "8:5", "did you mean 'batch_norm'?"),
    ("relu", "BatchNormalization", "8:5", "did you mean 'batch_norm'?"),
    ("relu", "bn", "8:5", "did you mean 'batch_norm'?"),
    ("relu", "attention", "8:5", "did you mean 'multi_head_attention'?"),
    ("relu", "AdaptiveAvgPool2d", "8:5", "did you mean 'global_average_pool'?"),
    ("relu", "MaxPool2d: 2", "8:5", "did you mean 'max_pool'?"),
    ("relu", "LogSoftmax", "8:5", "remove it; the loss applies the softmax"),
    ("relu", "activation: relu", "8:5", "write the activation as an item, such as '- relu'"),
    ("relu", "dropout: {p: 0.5}", "8:15", "dropout has no key 'p'; did you mean 'rate'?"),
    ("${classes}", "$classes", "9:12", "must be a whole number, got '$classes'; write ${classes}"),
    ("${classes}", "${n_classes}", "9:12", "unknown ${n_classes}; did you mean 'classes'?"),
    ("model:", "layers:", "6:1", "the spec has no key 'layers'; did you mean 'model'?"),
    ("model:", "network:", "6:1", "the spec has no key 'network'; did you mean 'model'?"),
]

TRAINING: list[Row] = [
    ("cross_entropy", "CrossEntropyLoss", "10:7", "did you mean 'cross_entropy'?"),
    ("cross_entropy", "nll", "10:7", "unknown loss 'nll'; did you mean 'cross_entropy'?"),
    ("cross_entropy", "BCEWithLogitsLoss", "10:7", "did you mean 'binary_cross_entropy'?"),
    ("cross_entropy", "mean_squared_error", "10:7", "did you mean 'mse'?"),
    ("cross_entropy", "mse", "10:7", "but they are classes; use cross_entropy"),
    ("loss: cross", "criterion: cross", "10:1", "no key 'criterion'; did you mean 'loss'?"),
    ("[accuracy]", "accuracy", "11:10", "'metrics' must be a list; write [accuracy]"),
    ("[accuracy]", "[acc]", "11:11", "unknown metric 'acc'; did you mean 'accuracy'?"),
    ("[accuracy]", "[f1_score]", "11:11", "unknown metric 'f1_score'; did you mean 'f1'?"),
    ("[accuracy]", "[loss]", "11:11", "remove it; the loss is always computed"),
    ("[accuracy]", "[accuracy, accuracy]", "11:21", "'accuracy' is listed twice; remove one"),
    ("{adam: {lr: 0.01}}", "{type: adam, lr: 1}", "12:13", "name as the key: 'adam: {...}'"),
    ("{adam: {lr: 0.01}}", "{name: adam, lr: 1}", "12:13", "name as the key: 'adam: {...}'"),
    ("{adam: {lr: 0.01}}", "{lr: 0.01}", "12:13", "write the optimizer's name before it"),
    ("{adam: {lr: 0.01}}", "torch.optim.Adam", "12:12", "did you mean 'adam'?"),
    ("lr: 0.01", "learning_rate: 0.01", "12:20", "adam has no key 'learning_rate'; did you mean"),
    ("lr: 0.01", "lr: 0.01, weight_decay: 0.1", "12:30", "write it at the top level of the spec"),
    ("lr: 0.01", 'lr: "0.01"', "12:24", "'lr' must be a number, got '0.01'; remove the quotes"),
    ("lr: 0.01", "lr: cosine", "12:24", "a schedule is at the top level, such as 'schedule:"),
    ("epochs: 2", "num_epochs: 2", "13:1", "did you mean 'epochs'?"),
    ("epochs: 2", "n_epochs: 2", "13:1", "did you mean 'epochs'?"),
    ("epochs: 2", 'epochs: "2"', "13:9", "must be a whole number, got '2'; remove the quotes"),
    ("epochs: 2", "epochs: 1e3", "13:9", "write 1000"),
    ("epochs: 2", "epochs: 2\nepochs: 3", "14:1", "duplicate key 'epochs'; first used at"),
    ("epochs: 2", "max_steps: 2", "13:1", "use 'epochs'; the number of steps follows"),
]

FURTHER_KEYS = {
    "lr: 0.1": "it belongs under 'optimizer': optimizer.adam.lr",
    "learning_rate: 0.1": "it belongs under 'optimizer': optimizer.adam.lr",
    "momentum: 0.9": "which has no 'momentum'; remove it, or write optimizer.sgd.momentum",
    "batch_size: 8": "it belongs under 'data': data.batch_size",
    "preprocess: [standardize]": "it belongs under 'data': data.preprocess",
    "train_test_split: 0.2": "it belongs under 'data': data.split.test",
    "validation_split: 0.2": "it belongs under 'data': data.split.validation",
    "patience: 5": "it belongs under 'early_stopping': early_stopping.patience",
    "l2: 0.1": "it belongs under 'penalty': penalty.l2",
    "device: cuda": "remove it; dlrun trains on the processor",
    "gpus: 1": "remove it; dlrun trains on the processor",
    "num_workers: 4": "DLRUN_THREADS sets the number of threads",
    "callbacks: [early_stopping]": "write 'early_stopping', 'schedule' and 'checkpoint'",
    "shuffle: true": "remove it; training samples are shuffled in every epoch",
    "dropout: 0.5": "add it to 'model' as an item, such as '- dropout: 0.5'",
    "wandb: true": "remove it; every run directory has the metrics",
    "output_dir: out": "use the option --runs",
    "verbose: 1": "use the option --quiet",
    "random_state: 1": "did you mean 'seed'?",
    "scheduler: cosine": "did you mean 'schedule'?",
    "grad_clip: 1.0": "did you mean 'clip'?",
    "transforms: [noise]": "did you mean 'augment'?",
}
"""Keys at the end of a spec that has none of that name, and the remedy."""

REST: list[Row] = [
    ("{moons: {samples: 60}}", "train.csv", "3:11", "'csv: {path: train.csv, target: COLUMN}'"),
    ("{moons: {samples: 60}}", "a/b.tsv.gz", "3:11", "'csv: {path: a/b.tsv.gz, target: COLUMN}'"),
    ("epochs: 2", "clip: 1.0", "13:7", "clip must be a mapping of keys; write {norm: 1.0}"),
    ("epochs: 2", "clip: {max_norm: 1}", "13:8", "no key 'max_norm'; did you mean 'norm'?"),
    ("epochs: 2", "schedule: StepLR", "13:11", "did you mean 'step'?"),
    ("epochs: 2", "schedule: CosineAnnealingLR", "13:11", "did you mean 'cosine'?"),
    ("epochs: 2", "augment: [RandomHorizontalFlip]", "13:11", "did you mean 'flip'?"),
    ("epochs: 2", "early_stopping: {monitor: loss}", "13:27", "mean 'validation.loss'?"),
    ("epochs: 2", "early_stopping: {monitor: val_loss}", "13:27", "mean 'validation.loss'?"),
    ("epochs: 2", "early_stopping: {monitor: f1}", "13:27", "add f1 to the 'metrics' of the spec"),
    ("epochs: 2", "early_stopping: true", "13:17", "write {patience: 10}"),
    ("epochs: 2", "early_stopping: 5", "13:17", "write {patience: 5}"),
    ("{validation: 0.2}", "0.2", "4:10", "must be a mapping of keys; write {validation: 0.2}"),
    ("{moons: {samples: 60}}", "mnist", "3:11", "not built in; read its files with 'idx'"),
    ("{moons: {samples: 60}}", "{path: a.csv}", "3:12", "write the source's name before it"),
    ("{moons: {samples: 60}}", "*.csv", "3:12", "a value that begins with * must be in quotes"),
    (
        "{validation: 0.2}",
        "{val: 0.2}",
        "4:11",
        "split has no key 'val'; did you mean 'validation'?",
    ),
    ("{validation: 0.2}", "{test_size: 0.2}", "4:11", "did you mean 'test'?"),
    ("{validation: 0.2}", "{train: 0.8}", "4:11", "remove it; all samples outside of the other"),
    ("{validation: 0.2}", "{validation: 30%}", "4:23", "must be a fraction such as 0.3"),
    ("batch_size: 8", "preprocess: [StandardScaler]", "5:16", "did you mean 'standardize'?"),
    ("batch_size: 8", "augment: [noise]", "5:3", "'augment' belongs at the top level of the spec"),
]

YAML: list[Row] = [
    ("  batch_size", "\tbatch_size", "5:1", "indent with spaces, not tabs"),
    ("  - dense: 4\n  - relu\n", "  dense: 4\n  relu\n", "8:3", "begin items of a list with '- '"),
    ("- relu", "-relu", "8:3", "begin items of a list with '- '"),
    ("name: moons", 'name: "moons', "1:7", 'close the quote "'),
    ("name: moons", "name: 'moons", "1:7", "close the quote '"),
    ("metrics: [accuracy]", "metrics: [accuracy", "11:10", "close the ["),
    ("loss: cross", "loss:cross", "10:1", "write 'key: value' with a space"),
    ("name: moons", "name: moons: 2", "1:12", "quote a value that contains ': '"),
    ("- dense: ${classes}", "- dense: {units: ${classes}}", "9:21", "put ${...} in quotes"),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("spec.yaml").write_text(SPEC)
    Path("sweep.yaml").write_text(SWEEP)


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """What a command that cannot be done prints."""
    code = run(words)
    out, err = capsys.readouterr()
    assert (code, out) == (ExitCode.INPUT_ERROR, "")
    assert "Traceback" not in err and "internal error" not in err
    return err.splitlines()


@pytest.mark.parametrize(
    ("right", "wrong", "place", "text"), [*MODEL, *TRAINING, *REST, *YAML], ids=str
)
def test_specs(
    capsys: pytest.CaptureFixture[str], right: str, wrong: str, place: str, text: str
) -> None:
    assert right in SPEC
    Path("spec.yaml").write_text(SPEC.replace(right, wrong, 1))
    (line,) = refusal(capsys, "check", "spec.yaml")
    assert line.startswith(f"spec.yaml:{place}: ")
    assert text in line


@pytest.mark.parametrize("wrong", FURTHER_KEYS)
def test_further_keys(capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    Path("spec.yaml").write_text(f"{SPEC}{wrong}\n")
    (line,) = refusal(capsys, "check", "spec.yaml")
    key = wrong.partition(":")[0]
    assert line.startswith(f"spec.yaml:14:1: the spec has no key '{key}'; ")
    assert FURTHER_KEYS[wrong] in line


SWEEPS: list[Row] = [
    ("{minimize: validation.loss}", "{minimize: loss}", "3:23", "did you mean 'validation.loss'?"),
    ("{minimize: validation.loss}", "val_loss", "3:12", "write {minimize: validation.loss}"),
    ("{minimize: validation.loss}", "acc", "3:12", "write {maximize: validation.accuracy}"),
    ("{minimize: validation.loss}", "{minimize: val_loss}", "3:23", "mean 'validation.loss'?"),
    ("{minimize: validation.loss}", "{maximize: train_f1}", "3:23", "and write 'train.f1'"),
    ("{minimize: validation.loss}", "[validation.loss]", "3:12", "known keys: maximize, minimize"),
    ("{minimize: validation.loss}", "{maximise: train.loss}", "3:13", "did you mean 'maximize'?"),
    ("{minimize: validation.loss}", "{maximize: test.accuracy}", "3:23", "use validation.accuracy"),
    (
        "{minimize: validation.loss}",
        "{minimize: validation.loss, maximize: validation.accuracy}",
        "3:12",
        "either 'maximize' or 'minimize'; for both, write two items in a list 'objectives'",
    ),
    ("{random: {trials: 3}}", "{grid: {trials: 5}}", "4:17", "use random, sobol or bayes for a"),
    ("{random: {trials: 3}}", "tpe", "4:9", "unknown sampler 'tpe'; did you mean 'bayes'?"),
    ("{random: {trials: 3}}", "{random: {n_trials: 3}}", "4:19", "did you mean 'trials'?"),
    ("{random: {trials: 3}}", "{hyperband: {trials: 3}}", "4:10", "write 'prune: hyperband'"),
    ("name: search", "name: search\ntrials: 3", "2:1", "it belongs under 'search'"),
    ("name: search", "name: search\npruner: median", "2:1", "did you mean 'prune'?"),
    ("name: search", "name: search\nepochs: 3", "2:1", "'epochs' belongs at the top level of the"),
    ("search: {r", "sampler: {r", "4:1", "a sweep has no key 'sampler'; did you mean 'search'?"),
    ("space:", "parameters:", "5:1", "did you mean 'space'?"),
    ("spec: spec.yaml", "base: spec.yaml", "2:1", "did you mean 'spec'?"),
    ("spec: spec.yaml", "spec: sweep.yaml", "2:7", "this is a sweep, not a spec"),
    ("[0.01, 0.1]", "{categorical: [0.01, 0.1]}", "6:23", "did you mean 'choice'?"),
    ("[0.01, 0.1]", "{loguniform: [0.01, 0.1]}", "6:23", "did you mean 'log_uniform'?"),
    ("[0.01, 0.1]", "{low: 0.01, high: 0.1}", "6:23", "such as 'uniform: [0.1, 0.5]'"),
    ("[0.01, 0.1]", "{uniform: {min: 0.1}}", "6:33", "write both ends as a list"),
    ("[0.01, 0.1]", "{log_uniform: [0.1, 0.01]}", "6:36", "must go from a lower to a higher"),
    (
        "[0.01, 0.1]",
        "0.01",
        "6:22",
        "write a list of values, such as [0.01]",
    ),
    ("optimizer.adam.lr: [", "lr: [", "6:3", "belongs under 'optimizer': optimizer.adam.lr"),
    ("optimizer.adam.lr: [", "model.0.units: [", "6:3", "write the layer's name before it"),
    (
        "optimizer.adam.lr: [0.01, 0.1]",
        "optimizer: {adam: {lr: [0.01, 0.1]}}",
        "6:15",
        "write a key of the space as one path, such as 'optimizer.adam.lr'",
    ),
    (
        "optimizer.adam.lr: [0.01, 0.1]",
        "weight_decay: [0.0, 1.0]\n  clip.norm: {choice: [1.0], when: {weight_decay: 1}}",
        "7:51",
        "'weight_decay' is never 1; its values are [0.0, 1.0]",
    ),
    (
        "space:\n",
        "space:\n  epochs: {choice: [1, 2], when: {optimizer.adam.lr: 1}}\n",
        "6:54",
        "'optimizer.adam.lr' is never 1; its values are [0.01, 0.1]",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "place", "text"), SWEEPS, ids=str)
def test_sweeps(
    capsys: pytest.CaptureFixture[str], right: str, wrong: str, place: str, text: str
) -> None:
    assert right in SWEEP
    Path("sweep.yaml").write_text(SWEEP.replace(right, wrong, 1))
    (line,) = refusal(capsys, "tune", "sweep.yaml", "--dry-run")
    assert line.startswith(f"sweep.yaml:{place}: ")
    assert text in line


LINES = {
    "trian spec.yaml": "dlrun: No such command 'trian'. Did you mean 'train'? (see dlrun --help)",
    "run spec.yaml": "dlrun: No such command 'run'; use dlrun train (see dlrun --help)",
    "fit spec.yaml": "dlrun: No such command 'fit'; use dlrun train (see dlrun --help)",
    "version": "dlrun: No such command 'version'; use dlrun --version (see dlrun --help)",
    "train": "dlrun train: SPEC is missing: the experiment, a YAML file (see dlrun train --help)",
    "diff runs/a": "dlrun diff: B is missing: another run (see dlrun diff --help)",
    "train sweep.yaml": "sweep.yaml:1:1: this is a sweep, not a spec; use dlrun tune",
    "check sweep.yaml": "sweep.yaml:1:1: this is a sweep, not a spec; use dlrun tune",
    "tune spec.yaml": "spec.yaml:1:1: this is the spec of one training, not a sweep; use dlrun",
    "evaluate spec.yaml": "spec.yaml: a file, not a run directory; name the directory of a run",
    "study sweep.yaml": "sweep.yaml: not a study: it has no journal.jsonl; name the directory of",
    "runs --top 0": "dlrun runs: --top must be at least 1 (see dlrun runs --help)",
    "runs --top x": "dlrun runs: --top must be a whole number (see dlrun runs",
    "board --port 99999": "dlrun board: --port must be at most 65535 (see dlrun board --help)",
    "runs --csv --json": "--csv and --json exclude each other; use one of them",
    "compare --csv --md": "--csv and --md exclude each other; use one of them",
    "study . --md --json": "--md and --json exclude each other; use one of them",
    "train .": ".: this is a directory; name the YAML file in it",
    "archive . -o -": "dlrun archive: --out: '-' is standard output, which cannot be used here",
    "compare . . --plot -": "dlrun compare: --plot: '-' is standard output, which cannot be used",
    "data spec.yaml --sheet -": "dlrun data: --sheet: '-' is standard output, which cannot be",
    "augment spec.yaml --preview -": "dlrun augment: --preview: '-' is standard output, which",
    "suggest sweep.yaml --out -": "dlrun suggest: --out: '-' is standard output, which cannot be",
    "find-lr spec.yaml --into -": "dlrun find-lr: --into: '-' is standard output, which cannot be",
    "train spec.yaml --epochs 5": "No such option: --epochs; write epochs=VALUE, without --",
    "train --config spec.yaml": "write the file alone, such as dlrun train spec.yaml",
    "train spec.yaml --lr=5": "No such option: --lr; write optimizer.adam.lr=VALUE, without --",
    "train spec.yaml --device cuda": "No such option: --device; remove it; dlrun trains on the",
    "train spec.yaml epochs:5": "override epochs:5: not an override; write key=value",
    "train spec.yaml lr=1": "override lr=1: unknown key 'lr'; it belongs under 'optimizer'",
    "train spec.yaml optimizer.lr=1": "it is a key of 'adam': write the optimizer's name before",
    "train spec.yaml model[0].dense=4": "unknown key 'model[0]'; write model.0",
    "train spec.yaml model.dense=4": "write the number of the item, such as model.0.dense",
    "train spec.yaml model.3.dense=4": "no item '3' in the list; there are 3, counted from 0",
    "train spec.yaml metrics=accuracy": "'metrics' must be a list; write [accuracy]",
    'tune sweep.yaml claims={"a":1}': "'claims' must be a list, got {a: 1}; put it in brackets",
    "tune sweep.yaml constraints=lr<1": "must be a list, got 'lr<1'; put it in brackets: [...]",
    'tune sweep.yaml search={"grid":{},"random":{}}': "only one sampler is possible; remove one",
    "train spec.yaml data.split.validation=30%": "must be a fraction such as 0.3, got '30%'",
    "train spec.yaml data.source=*.csv": "a value that begins with * must be in quotes: '*'",
    "tune sweep.yaml search=grid trials=5": "unknown key 'trials'; 'search' is 'grid', which has",
}
"""Command lines, and what their error contains."""


@pytest.mark.parametrize("words", LINES)
def test_command_lines(capsys: pytest.CaptureFixture[str], words: str) -> None:
    (line,) = refusal(capsys, *words.split())
    assert LINES[words] in line


@pytest.mark.parametrize("words", ["trian spec.yaml", "train sweep.yaml", "train spec.yaml lr=1"])
def test_a_process_ends_with_the_same_line(dlrun: Callable[..., Result], words: str) -> None:
    result = dlrun(*words.split())
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert LINES[words] in line
