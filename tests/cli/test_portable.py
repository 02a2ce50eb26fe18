"""``numerics: portable`` as processes that see the processors of several generations."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__
from warm import environment

from dlrun import portable
from dlrun.errors import MachineError

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

_ABOVE_AVX2 = " ".join(name for name in __cpu_dispatch__ if "512" in name or name == "X86_V4")

# What libraries would choose on other processors; code that this one cannot run is not among it.
GENERATIONS: Mapping[str, Mapping[str, str]] = {
    "of 2011": {
        "OPENBLAS_CORETYPE": "Sandybridge",
        "NUMBA_CPU_NAME": "sandybridge",
        "NUMBA_CPU_FEATURES": "+avx",
        "NPY_DISABLE_CPU_FEATURES": " ".join(__cpu_dispatch__),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA",
    },
    "of 2013": {
        "OPENBLAS_CORETYPE": "Haswell",
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "+avx2,+fma",
        "NPY_DISABLE_CPU_FEATURES": _ABOVE_AVX2,
    },
    "of AMD": {
        "OPENBLAS_CORETYPE": "Zen",
        "NUMBA_CPU_NAME": "znver2",
        "NUMBA_CPU_FEATURES": "+avx2,+fma",
        "NUMBA_OPT": "1",
        "NPY_DISABLE_CPU_FEATURES": _ABOVE_AVX2,
    },
    "this one": {},
}

DENSE = [{"dense": 48}, "batch_norm", "relu", {"dropout": 0.2}, {"dense": "${classes}"}]
CONVOLUTIONAL = [
    {"conv": {"filters": 8, "kernel": 3}},
    "batch_norm",
    "relu",
    {"max_pool": 2},
    "flatten",
    {"dense": "${classes}"},
]
RECURRENT = [{"lstm": 24}, {"dense": "${classes}"}]
ATTENTIVE = [
    {"multi_head_attention": {"heads": 2}},
    "layer_norm",
    "gelu",
    "flatten",
    {"dense": "${classes}"},
]


def _possible() -> bool:
    try:
        return portable.environment({})["OPENBLAS_CORETYPE"] == "Haswell"
    except MachineError:
        return False


pytestmark = pytest.mark.skipif(
    not _possible(), reason="portable numerics are tested on x86-64 with AVX2 and FMA"
)


@pytest.fixture
def numbers(tmp_path: Path) -> Callable[..., Path]:
    """Writes an archive of samples of a shape, and a spec that trains on it."""

    def write(model: list[Any], *shape: int, **keys: Any) -> Path:
        random = np.random.default_rng(7)
        x = random.standard_normal((160, *shape)).astype(np.float32) * 3
        y = (x.reshape(len(x), -1)[:, :4].sum(axis=1) > 0).astype(np.int64)
        np.savez(tmp_path / "samples.npz", x=x, y=y)
        spec = {
            "name": "numbers",
            "numerics": "portable",
            "data": {
                "source": {"npz": {"path": "samples.npz"}},
                "split": {"validation": 0.25},
                "preprocess": ["standardize"],
                "batch_size": 24,
            },
            "model": model,
            "loss": "cross_entropy",
            "metrics": ["accuracy", "roc_auc"],
            "epochs": 2,
            **keys,
        }
        path = tmp_path / "spec.yaml"
        path.write_text(json.dumps(spec))
        return path

    return write


def bits(run: Path) -> dict[str, object]:
    """All numbers of a run."""
    rows = [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]
    seconds = rows[0].index("seconds")
    result = json.loads((run / "result.json").read_text())
    weights = ("best", "last")
    return {
        "metrics.csv": [[*row[:seconds], *row[seconds + 1 :]] for row in rows],
        "result": {key: result[key] for key in result if key != "seconds"},
        **{name: (run / "checkpoints" / f"{name}.safetensors").read_bytes() for name in weights},
    }


@pytest.fixture
def trained(dlrun: Dlrun, tmp_path: Path) -> Callable[..., Path]:
    """Trains as on a processor of a generation, and gives the run directory."""

    def train(spec: Path, generation: str, *words: str, code: int = 0, **more: str) -> Path:
        runs = f"runs {generation} {' '.join(words)}"
        variables = {**GENERATIONS[generation], **more}
        done = dlrun("train", spec, *words, "-q", "--runs", runs, **variables)
        assert (done.returncode, done.stderr) == (code, "")
        (run,) = (tmp_path / runs).glob("*/*")
        return run

    return train


@pytest.fixture
def predicted(dlrun: Dlrun) -> Callable[..., str]:
    """Predicts and scores as on a processor of a generation."""

    def predict(run: Path, generation: str, **more: str) -> str:
        variables = {**GENERATIONS[generation], **more}
        done = [dlrun(word, run, "samples.npz", **variables) for word in ("predict", "evaluate")]
        assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 2
        return "".join(each.stdout for each in done)

    return predict


def test_a_portable_run_has_the_same_bits_on_processors_of_other_generations(
    numbers: Any, trained: Any, dlrun: Dlrun
) -> None:
    spec = numbers(DENSE, 20)
    run, here = (trained(spec, each) for each in ("of 2011", "this one"))
    assert bits(run) == bits(here)
    file = run / "environment.json"
    content = json.loads(file.read_text())
    content["cpu"] = {"model": "Another Processor", "count": 96, "usable": 96}
    file.write_text(json.dumps(content))
    verified = dlrun("verify", run)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert verified.stdout.startswith("bit-identical: ") and verified.stdout.count("\n") == 1
    shown = dlrun("show", run)
    assert "portable numerics (x86-64-v3)" in shown.stdout


def test_a_native_run_has_other_bits_there_and_verify_names_the_processor(
    numbers: Any, trained: Any, dlrun: Dlrun
) -> None:
    spec = numbers(DENSE, 20, numerics="native")
    run, here = (trained(spec, each) for each in ("of 2011", "this one"))
    there, numbers_here = bits(run), bits(here)
    assert all(there[key] != numbers_here[key] for key in there)
    verified = dlrun("verify", run)
    assert verified.returncode == 4
    assert "environment: blas.0.architecture 'Sandybridge' and " in verified.stdout
    assert "\nlikely cause: the processors differ" in verified.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)  # compiles for two processors
@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (DENSE, (20,)),
        (CONVOLUTIONAL, (12, 12, 3)),
        (RECURRENT, (9, 6)),
        (ATTENTIVE, (9, 8)),
    ],
    ids=["dense", "convolutional", "recurrent", "attentive"],
)
def test_compiled_kernels_have_the_same_bits_too(
    model: list[Any],
    shape: tuple[int, ...],
    numbers: Any,
    trained: Any,
    predicted: Any,
    dlrun: Dlrun,
) -> None:
    spec = numbers(model, *shape)
    old, new = (trained(spec, each, DLRUN_KERNELS="numba") for each in ("of 2011", "of AMD"))
    assert bits(old) == bits(new)
    texts = [predicted(old, each, DLRUN_KERNELS="numba") for each in ("of 2013", "this one")]
    assert texts[0] == texts[1]
    verified = dlrun("verify", old, DLRUN_KERNELS="numba")
    assert (verified.returncode, verified.stdout.count("\n")) == (0, 1)
    native = trained(spec, "of 2011", "numerics=native", DLRUN_KERNELS="numba")
    assert bits(native)["last"] != bits(old)["last"]


@pytest.mark.slow
def test_a_run_is_resumed_on_another_processor_as_if_nothing_had_happened(
    numbers: Any, trained: Any, dlrun: Dlrun
) -> None:
    spec = numbers(DENSE, 20)
    run = trained(spec, "of 2011", "max_time=0.001s", code=75)
    resumed = dlrun("resume", run, "max_time=null", "-q", **GENERATIONS["of 2013"])
    assert (resumed.returncode, resumed.stderr) == (0, "")
    assert bits(run) == bits(trained(spec, "this one"))


def test_a_resumed_native_run_gets_a_note_on_the_other_processor(
    numbers: Any, trained: Any, dlrun: Dlrun
) -> None:
    spec = numbers(DENSE, 20, numerics="native")
    run = trained(spec, "this one", "max_time=0.001s", code=75)
    file = run / "environment.json"
    content = json.loads(file.read_text())
    content["cpu"]["model"] = "Another Processor"
    file.write_text(json.dumps(content))
    resumed = dlrun("resume", run, "max_time=null", "-q")
    assert resumed.returncode == 0
    assert "resumed on another processor (" in resumed.stderr
    assert "was Another Processor), so last bits may differ" in resumed.stderr


def test_a_run_that_was_resumed_with_code_for_another_processor_says_so(
    numbers: Any, trained: Any, dlrun: Dlrun
) -> None:
    spec = numbers(DENSE, 20, numerics="native")
    run = trained(spec, "of 2011", "max_time=0.001s", code=75)
    resumed = dlrun("resume", run, "max_time=null", "-q")
    assert resumed.returncode == 0
    assert "resumed with other BLAS kernels (" in resumed.stderr
    verified = dlrun("verify", run)
    assert verified.returncode == 4
    cause = "likely cause: one of the runs was resumed with BLAS kernels "
    assert verified.stdout.splitlines()[-1].startswith(cause)
    assert "Sandybridge" in verified.stdout.splitlines()[-1]
    assert json.loads(dlrun("verify", run, "--json").stdout)["processes"].keys() == {"BLAS kernels"}


@pytest.mark.slow
def test_a_study_suggests_and_scores_the_same_on_all_processors(
    numbers: Any, tmp_path: Path, dlrun: Dlrun
) -> None:
    numbers(DENSE, 20)
    sweep = {
        "name": "study",
        "spec": "spec.yaml",
        "space": {
            "optimizer.adam.lr": {"log_uniform": [1e-4, 1e-1]},
            "model.3.dropout": {"uniform": [0.0, 0.6]},
        },
        "search": {"bayes": {"trials": 8}},
        "objective": {"minimize": "validation.loss"},
    }
    (tmp_path / "sweep.yaml").write_text(json.dumps(sweep))
    tables = {}
    for name in ("of 2011", "this one"):
        done = dlrun(
            *("tune", "sweep.yaml", "-q", "--jobs", "1", "--studies", name), **GENERATIONS[name]
        )
        assert (done.returncode, done.stderr) == (0, "")
        tables[name] = (tmp_path / name / "study" / "leaderboard.csv").read_text()
    assert tables["of 2011"] == tables["this one"]


def test_a_process_with_portable_numerics_is_the_same_process(
    numbers: Any, started: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = started("train", numbers(DENSE, 20), "epochs=1", "log=[]")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    (run,) = (tmp_path / "runs").glob("*/*")
    command = json.loads((run / "environment.json").read_text())["command"]
    assert command[1:] == [
        "-m",
        "dlrun",
        "train",
        str(tmp_path / "spec.yaml"),
        "epochs=1",
        "log=[]",
    ]


def test_a_signal_while_the_process_is_replaced_ends_it_as_any_other(
    numbers: Any, started: Callable[..., subprocess.Popen[str]]
) -> None:
    process = started("train", numbers(DENSE, 20), "epochs=100000", "-q")
    variables = Path(f"/proc/{process.pid}/environ")
    while b"NUMBA_CPU_NAME=" not in variables.read_bytes():
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (75, "")


def test_numerics_cannot_be_searched_through_a_parameter(
    numbers: Any, dlrun: Dlrun, tmp_path: Path
) -> None:
    spec = numbers(DENSE, 20, numerics="${x}", params={"x": "native"})
    sweep = {
        "name": "study",
        "spec": "spec.yaml",
        "search": "grid",
        "objective": {"minimize": "validation.loss"},
        "space": {"params.x": ["native", "portable"]},
    }
    (tmp_path / "sweep.yaml").write_text(json.dumps(sweep))
    for words in (("train", spec), ("check", spec), ("tune", "sweep.yaml")):
        done = dlrun(*words)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert "${x} decides before anything else is computed; write native or portable" in line
    unknown = dlrun("train", numbers(DENSE, 20, numerics="${gone}"))
    assert len(unknown.stderr.splitlines()) == 1


def test_folds_record_their_numerics_in_all_places(trained: Any, numbers: Any) -> None:
    keys = {"split": {"validation": 0.25, "folds": 2}, "batch_size": 24}
    spec = numbers(DENSE, 20, epochs=1)
    content = json.loads(spec.read_text())
    content["data"] |= keys
    spec.write_text(json.dumps(content))
    whole = trained(spec, "this one")
    found = [json.loads(each.read_text()) for each in whole.rglob("environment.json")]
    assert [each["numerics"]["target"] for each in found] == ["x86-64-v3"] * 3


def test_looking_at_a_portable_spec_needs_no_other_process(numbers: Any, dlrun: Dlrun) -> None:
    spec = numbers(DENSE, 20)
    failing = "import os; from dlrun.__main__ import main; os.execve = None; main()"
    for command in ("check", "data"):
        done = subprocess.run(
            [sys.executable, "-c", failing, command, str(spec)],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_python_is_told_which_environment_it_needs(
    numbers: Any, trained: Any, tmp_path: Path
) -> None:
    spec = numbers(DENSE, 20)
    program = f"print(dlrun.train({str(spec)!r}).path)"

    def python(program: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", f"import dlrun; {program}"],
            cwd=tmp_path,
            env={**environment(), "OPENBLAS_CORETYPE": "Nehalem", **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    refused = python(program, NUMBA_OPT="1")
    assert refused.returncode == 1
    message = refused.stderr.splitlines()[-1]
    assert f"{spec}:1:" in message and "; unset NUMBA_OPT; then start Python again" in message
    words = message.partition(": set ")[2].partition(";")[0].split()
    assert "OPENBLAS_CORETYPE=Haswell" in words
    done = python(program, **dict(word.split("=", 1) for word in words))
    assert done.returncode == 0, done.stderr
    run = done.stdout.strip()
    assert bits(tmp_path / run) == bits(trained(spec, "of 2013"))
    for call in ("predict([[0.0] * 20])", "predict_file('samples.npz')", "evaluate()"):
        last = python(f"dlrun.Run({run!r}).{call}").stderr.splitlines()[-1]
        assert f"{run}: 'numerics: portable' needs a process with other " in last
    assert python(f"print(dlrun.Run({run!r}).classes)").stdout == "('0', '1')\n"


def test_a_processor_without_avx2_is_refused(numbers: Any, tmp_path: Path) -> None:
    spec = numbers(DENSE, 20)
    older = (
        "import sys; from dlrun import portable; from dlrun.__main__ import main; "
        "portable._flags = lambda root: {'avx', 'sse4_2', 'movbe'}; sys.argv[0] = 'dlrun'; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", older, "train", str(spec)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{spec}:1:")
    assert "this one lacks abm, avx2, bmi1, bmi2, f16c, fma; use 'numerics: native'" in done.stderr
    assert not (tmp_path / "runs").exists()
