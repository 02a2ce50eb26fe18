from __future__ import annotations

import hashlib
import importlib.util
import os
import py_compile
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from dlrun.augment.augmentation import Augmentation
from dlrun.errors import DataError, InputError, SpecError
from dlrun.experiment import plugins, trust
from dlrun.experiment.compile import compile_spec
from dlrun.experiment.read import read_experiment, read_trained
from dlrun.launch.resume import resume_run
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.ending import Ending
from dlrun.spec import help as words
from dlrun.training.events import StepEnded
from dlrun.training.stop import Stop

Spec = Callable[..., Path]

PLUGIN = '''
"""Augmentations of our own."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels


@augmentation("{name}")
class Shift(Augmentation):
    """Adds a number to all inputs."""

    most: float = 0.1
    """The largest number."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        samples += draws.uniform(-self.most, self.most).astype("float32")[:, None]
        return samples
'''


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """A component that a test registers is gone after it."""
    yield
    family = Augmentation.family
    for module in {family[name].__module__ for name in family}:
        if not module.startswith("dlrun."):
            family.forget(module)
    for name in [each for each in sys.modules if each.startswith("dlrun_plugin_")]:
        del sys.modules[name]
    plugins._loaded.clear()
    plugins.load_installed.cache_clear()


@pytest.fixture(autouse=True)
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The list of trusted files, which is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "dlrun" / "trusted-plugins"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_of_the_spec_brings_augmentations(spec: Spec, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(PLUGIN.format(name="shift_all"))
    path = spec(plugins=["own.py"], augment=[{"shift_all": 0.2}])
    for allow in (True, False):  # the second time it is there already
        (found,) = compile_spec(path, allow_plugins=allow).experiment.augment
        assert found.kind == "shift_all"
    experiment = compile_spec(path).experiment
    assert experiment.anchored(tmp_path).plugins == (str(tmp_path / "own.py"),)
    own = digest(tmp_path / "own.py")
    assert own in plugins.loaded()
    assert plugins.digests(experiment, tmp_path) == {str(tmp_path / "own.py"): own}


def test_no_file_runs_without_consent(spec: Spec, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("1 / 0")
    path = spec(plugins=["own.py"], augment=["own"], model=[{"dense": 2}])
    with pytest.raises(SpecError) as caught:
        compile_spec(path)
    (line,) = caught.value.faults
    text = path.read_text().splitlines()
    number = next(n for n, each in enumerate(text, start=1) if "own.py" in each)
    column = text[number - 1].index('"own.py"') + 1
    assert line.startswith(f"{path}:{number}:{column}: own.py is Python code")
    assert str(own) in line and digest(own) in line and "--allow-plugins" in line
    with pytest.raises(SpecError, match="is Python code"):
        read_experiment(path)
    run = RunDirectory.make(tmp_path / "run")
    run.write_resolved(path.read_text())
    assert read_trained(run).augment == ()


def test_what_is_trusted_runs_until_it_changes(spec: Spec, tmp_path: Path, trusted: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(PLUGIN.format(name="shift_ours"))
    path = spec(plugins=["own.py"], augment=["shift_ours"])
    assert trust.record(own, digest(own)) == trusted
    assert trusted.stat().st_mode & 0o777 == 0o600
    compile_spec(path)
    own.write_text("1 / 0")
    with pytest.raises(SpecError, match="is Python code"):
        compile_spec(path)


@pytest.mark.parametrize("way", ["file", "folder", "link", "pipe"])
def test_a_list_that_is_not_the_users_own_does_not_count(
    spec: Spec, tmp_path: Path, trusted: Path, way: str
) -> None:
    own = tmp_path / "own.py"
    own.write_text("1 / 0")
    trust.record(own, digest(own))
    if way == "file":
        trusted.chmod(0o666)
    if way == "folder":
        trusted.parent.chmod(0o777)
    if way == "link":
        trusted.rename(tmp_path / "elsewhere")
        trusted.symlink_to(tmp_path / "elsewhere")
    if way == "pipe":
        trusted.unlink()
        os.mkfifo(trusted, 0o600)
    with pytest.raises(SpecError, match=r"only if you allow it \(.*trusted-plugins"):
        compile_spec(spec(plugins=["own.py"]))
    if way in ("file", "folder"):
        with pytest.raises(DataError, match="other users can write"):
            trust.record(own, digest(own))


def test_a_path_cannot_add_digests_to_the_list(tmp_path: Path) -> None:
    other = "0" * 64
    trust.record(tmp_path / f"a\n{other}  b", "1" * 64)
    assert trust.is_trusted("1" * 64) and not trust.is_trusted(other)


def test_the_bytes_that_were_hashed_are_run(spec: Spec, tmp_path: Path) -> None:
    """Neither a compiled copy nor what the file holds later."""
    own = tmp_path / "own.py"
    own.write_text("VALUE = 'as read'  \n")
    status = own.stat()
    evil = tmp_path / "evil.py"
    evil.write_text("VALUE = 'compiled'\n")
    os.utime(evil, ns=(status.st_atime_ns, status.st_mtime_ns))
    cached = importlib.util.cache_from_source(str(own))
    py_compile.compile(str(evil), cfile=cached)
    Path(cached).write_bytes(
        Path(cached).read_bytes()[:12]
        + status.st_size.to_bytes(4, "little")
        + Path(cached).read_bytes()[16:]
    )

    def allow(path: Path, digest: str) -> bool:
        path.write_text("VALUE = 'later'\n")
        return True

    compile_spec(spec(plugins=["own.py"]), allow_plugins=allow)
    (name,) = [each for each in sys.modules if each.startswith("dlrun_plugin_")]
    assert sys.modules[name].__dict__["VALUE"] == "as read"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x = 1\n\ny = 1 / 0\n", "own.py:3: ZeroDivisionError: division by zero"),
        ("def f(:\n", "own.py:1: SyntaxError"),
        (PLUGIN.format(name="rotate"), "augmentation 'rotate' is registered twice"),
    ],
)
def test_faults_of_a_file_have_their_place(
    spec: Spec, tmp_path: Path, text: str, fault: str
) -> None:
    (tmp_path / "own.py").write_text(text)
    path = spec(plugins=["own.py"])
    with pytest.raises(SpecError) as caught:
        compile_spec(path, allow_plugins=True)
    (line,) = caught.value.faults
    assert line.startswith(f"{path}:") and fault in line


def test_a_file_that_fails_leaves_nothing_registered(spec: Spec, tmp_path: Path) -> None:
    """And may be corrected and used in the same process, as in a notebook."""
    path = spec(plugins=["own.py"], augment=["shifted"])
    whole = PLUGIN.replace("{name}", "shifted")
    (tmp_path / "own.py").write_text(f"{whole}\nraise RuntimeError\n")
    with pytest.raises(SpecError, match="RuntimeError"):
        compile_spec(path, allow_plugins=True)
    assert "shifted" not in Augmentation.family
    (tmp_path / "own.py").write_text(whole)
    assert [each.kind for each in compile_spec(path, allow_plugins=True).experiment.augment] == [
        "shifted"
    ]


def test_the_help_is_that_of_the_code_that_ran(spec: Spec, tmp_path: Path) -> None:
    path = spec(plugins=["own.py"], augment=["shifted"])
    (tmp_path / "own.py").write_text(PLUGIN.replace("{name}", "shifted"))
    compile_spec(path, allow_plugins=True)
    (tmp_path / "own.py").write_text("changed = True\n")
    texts = {field.name: field.text for field in words.fields(Augmentation.family["shifted"])}
    assert texts["most"] == "The largest number."


def test_a_missing_file_has_its_place(spec: Spec, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"yaml:\d+:\d+: no.py: No such file"):
        compile_spec(spec(plugins=["no.py"]))
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(SpecError, match=r"yaml:\d+:\d+: .*pipe.py: is not a regular file"):
        compile_spec(spec(plugins=["pipe.py"]))


def test_installed_packages_bring_augmentations(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shifts.py").write_text(PLUGIN.format(name="shift_more"))
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("shifts", "shifts", plugins.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry])
    (found,) = compile_spec(spec(augment=["shift_more"])).experiment.augment
    assert found.kind == "shift_more"


def test_a_broken_package_is_named(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("gone", "no_such_module", plugins.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry])
    with pytest.raises(InputError, match="the augmentations 'no_such_module' cannot be loaded"):
        compile_spec(spec(augment=["flip"]))


def test_a_plugin_that_fails_after_a_resume_is_not_taken_for_a_broken_checkpoint(
    spec: Spec, tmp_path: Path
) -> None:
    fails = "        if (__import__('pathlib').Path(__file__).parent / 'fail').exists():\n"
    fails += "            raise ZeroDivisionError('a bug of the plugin')\n"
    code = PLUGIN.format(name="shift_all")
    (tmp_path / "own.py").write_text(
        code.replace("        samples +=", f"{fails}        samples +=")
    )
    path = spec(
        plugins=["own.py"], augment=["shift_all"], checkpoint={"every": {"steps": 1}, "share": 1.0}
    )
    stop = Stop()
    with start(path, runs=tmp_path / "runs", allow_plugins=True, stop=stop) as training:
        for event in training.events():
            if isinstance(event, StepEnded):
                stop.halted = Ending("study_stopped")
        training.finish()
    (tmp_path / "fail").touch()
    resumed = resume_run(training.directory.path, allow_plugins=True)
    assert isinstance(resumed, Training)
    with resumed, pytest.raises(ZeroDivisionError, match="a bug of the plugin"):
        list(resumed.events())
