"""Python files that specs, runs and studies name: which commands run them, and when."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Result = subprocess.CompletedProcess[str]
Dlrun = Callable[..., Result]
Spec = Callable[..., Path]

PLUGIN = '''
from pathlib import Path
from dlrun.augment.augmentation import Augmentation, augmentation

with Path({log!r}).open("a") as log:
    log.write("run\\n")


@augmentation("shift_ours")
class Shift(Augmentation):
    """Adds a number to all inputs."""

    most: float = 0.1
    """The number."""

    def apply(self, samples, draws, kernels):
        samples += draws.uniform(-self.most, self.most).astype("float32")[:, None]
        return samples
'''


class Place:
    """A folder with a spec that names a Python file, and commands in it."""

    def __init__(self, folder: Path, dlrun: Dlrun, spec: Spec) -> None:
        self.folder, self._dlrun, self._spec = folder, dlrun, spec
        self.log = folder / "log"
        self.own = folder / "own.py"
        self.own.write_text(PLUGIN.format(log=str(self.log)))
        self.trusted = folder / "config" / "dlrun" / "trusted-plugins"
        self.spec = spec(plugins=["own.py"], augment=["shift_ours"], epochs=1)

    def __call__(self, *arguments: str | Path) -> Result:
        return self._dlrun(*arguments, XDG_CONFIG_HOME=str(self.folder / "config"))

    @property
    def ran(self) -> bool:
        """Whether the file has run since this was asked last."""
        found = self.log.exists()
        self.log.unlink(missing_ok=True)
        return found

    def distrust(self) -> None:
        self.trusted.unlink()
        assert self.ran

    def write_sweep(self, **keys: Any) -> Path:
        sweep = {
            "name": "sweep",
            "spec": "spec.yaml",
            "search": {"random": {"trials": 2}},
            "objective": {"minimize": "validation.loss"},
            "space": {"optimizer.adam.lr": {"log_uniform": [0.001, 0.1]}},
            **keys,
        }
        path = self.folder / "sweep.yaml"
        path.write_text(yaml.safe_dump(sweep))
        return path


@pytest.fixture
def place(tmp_path: Path, dlrun: Dlrun, spec: Spec) -> Place:
    return Place(tmp_path, dlrun, spec)


def refused(place: Place, *arguments: str | Path) -> None:
    result = place(*arguments)
    assert (result.returncode, result.stdout) == (2, ""), result.stderr
    (line,) = result.stderr.splitlines()
    digest = hashlib.sha256(place.own.read_bytes()).hexdigest()
    assert "own.py is Python code" in line and digest in line and "--allow-plugins" in line
    assert not place.ran and not place.trusted.exists()


@pytest.mark.parametrize(
    "words", [("check",), ("augment",), ("find-lr", "--steps", "20"), ("train", "-q")]
)
def test_a_spec(place: Place, words: tuple[str, ...]) -> None:
    refused(place, words[0], place.spec, *words[1:])
    result = place(words[0], place.spec, *words[1:], "--allow-plugins")
    assert result.returncode == 0, result.stderr
    assert f"is trusted from now on, see {place.trusted}" in result.stderr
    assert place.ran
    result = place(words[0], place.spec, *words[1:])
    assert (result.returncode, "trusted" in result.stderr) == (0, False), result.stderr
    assert place.ran


def test_data_runs_no_file(place: Place) -> None:
    result = place("data", place.spec)
    assert result.returncode == 0, result.stderr
    assert not place.ran


def test_a_run(place: Place, only_run: Callable[[], Path]) -> None:
    assert place("train", place.spec, "-q", "--allow-plugins").returncode == 0
    run = only_run()
    place.distrust()
    refused(place, "resume", run, "epochs=2", "-q")
    refused(place, "verify", run)
    (place.folder / "samples.csv").write_text("x,y\n")
    for words in (("evaluate", run), ("evaluate", run, "--json")):
        result = place(*words)
        assert result.returncode == 0, result.stderr
        assert result.stderr.startswith("plugins not run, evaluate does not need them: ")
        assert result.stderr.count("\n") == 1 and not place.ran
    assert place("verify", run, "--allow-plugins").returncode == 0
    assert place.ran
    assert place("resume", run, "epochs=2", "-q").returncode == 0
    assert place.ran
    environment = json.loads((run / "environment.json").read_text())
    digest = hashlib.sha256(place.own.read_bytes()).hexdigest()
    assert environment["plugins"] == {str(place.own): digest}


def test_folds(place: Place) -> None:
    words = ("train", place.spec, "data.split={folds: 2}", "-q")
    refused(place, *words)
    result = place(*words, "--allow-plugins")
    assert result.returncode == 0, result.stderr
    assert place.ran


@pytest.mark.slow
def test_a_study_and_its_workers(place: Place) -> None:
    sweep = place.write_sweep()
    refused(place, "tune", sweep, "--jobs", "2", "-q")
    result = place("tune", sweep, "--jobs", "2", "-q", "--allow-plugins")
    assert result.returncode == 0, result.stderr
    assert place.log.read_text().count("run") >= 2, "in the study, and in a worker"
    journal = (place.folder / "studies" / "sweep" / "journal.jsonl").read_text()
    assert "is Python code" not in journal


def test_a_study_that_is_asked(place: Place) -> None:
    sweep = place.write_sweep()
    refused(place, "suggest", sweep)
    study = place.folder / "studies" / "sweep"
    assert place("suggest", sweep, "--allow-plugins").returncode == 0
    place.distrust()
    refused(place, "suggest", study)
    refused(place, "report-result", study, "0", "0.5")
    assert place("report-result", study, "0", "0.5", "--allow-plugins").returncode == 0
    assert place.ran


def test_a_list_that_cannot_be_kept_is_said(place: Place) -> None:
    place.trusted.mkdir(parents=True)
    result = place("check", place.spec, "--allow-plugins")
    assert result.returncode == 0, result.stderr
    assert "is allowed this time only" in result.stderr and str(place.trusted) in result.stderr
    assert place.ran


@pytest.mark.slow
def test_modules_in_the_working_directory_are_not_imported(place: Place) -> None:
    trap = f"open({str(place.folder / 'trapped')!r}, 'a').write(__name__ + '\\n')\n"
    names = ("yaml", "numpy", "numba", "typer", "rich", "pydantic", "signal", "json", "sitecustom")
    for name in names:
        (place.folder / f"{name}.py").write_text(trap)
    plain = place._spec("plain.yaml", epochs=1)
    assert place("train", plain, "-q").returncode == 0
    sweep = place.write_sweep(spec="plain.yaml")
    assert place("tune", sweep, "--jobs", "1", "-q").returncode == 0
    # ``json`` and ``signal`` are the interpreter's own, which ``-m`` looks for before we run.
    assert not (place.folder / "trapped").exists()
    subprocess.run([sys.executable, "-c", "import yaml"], cwd=place.folder, check=False)
    assert (place.folder / "trapped").exists(), "the trap is one"
