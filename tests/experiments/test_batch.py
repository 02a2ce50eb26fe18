"""The scripts for batch systems do what they say, with a Slurm that is played."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from torture import outcome

Spec = Callable[..., Path]

BATCH = Path(__file__).parents[2] / "experiments" / "batch"

SBATCH = """#!/bin/bash
# Runs the script for as long as it is put back into the queue.
export SLURM_JOB_ID=7 SLURM_CPUS_PER_TASK=1
while true; do
    rm -f requeued
    bash "$@"
    code=$?
    echo "$code" >> codes
    [ -e requeued ] || exit "$code"
done
"""
SRUN = '#!/bin/bash\nexec "$@"\n'
SCONTROL = '#!/bin/bash\n[ "$*" = "requeue 7" ] && touch requeued\n'


@pytest.fixture
def slurm(tmp_path: Path, spec: Spec) -> Callable[..., list[int]]:
    """Submits the script in ``tmp_path``; the exit codes of its jobs."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in (("sbatch", SBATCH), ("srun", SRUN), ("scontrol", SCONTROL)):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    program = Path(sys.executable).parent
    path = os.pathsep.join([str(tools), str(program), os.environ["PATH"]])

    def submit(*words: str) -> list[int]:
        subprocess.run(
            ["sbatch", BATCH / "train.sbatch", *words],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            check=False,
            timeout=200,
        )
        return [int(line) for line in (tmp_path / "codes").read_text().split()]

    return submit


@pytest.mark.slow
def test_a_job_goes_back_into_the_queue_until_training_is_done(
    slurm: Callable[..., list[int]], spec: Spec, tmp_path: Path
) -> None:
    # Each job makes one of five steps and is out of time; the last one ends the epoch.
    path = spec(epochs=1)
    codes = slurm(path.name, "max_time=1e-9")
    assert codes == [75] * 5 + [0]
    (run,) = tmp_path.glob("runs/*/*")
    result = json.loads((run / "result.json").read_text())
    assert (result["status"], result["epochs"]) == ("completed", 1)


def test_a_signal_while_python_starts_puts_the_job_back(
    slurm: Callable[..., list[int]], spec: Spec, tmp_path: Path
) -> None:
    started = tmp_path / "tools" / "dlrun"
    started.write_text("#!/bin/bash\n[ -e once ] || { touch once; kill -USR1 $$; }\n")
    started.chmod(0o755)
    assert slurm(spec().name) == [138, 0]


def test_a_faulty_spec_does_not_come_back(slurm: Callable[..., list[int]], spec: Spec) -> None:
    assert slurm(spec(epochs=0).name) == [2]


def test_the_script_is_one_that_slurm_takes() -> None:
    text = (BATCH / "train.sbatch").read_text()
    subprocess.run(["bash", "-n", BATCH / "train.sbatch"], check=True)
    options = dict(re.findall(r"^#SBATCH --([a-z-]+)(?:=(.*))?$", text, re.MULTILINE))
    assert options["signal"] == "USR1@300"
    assert {"requeue", "time", "open-mode"} <= options.keys()
    assert "requeue" not in text.partition("srun")[0].partition("#SBATCH")[0]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose folder ``training`` is as cron and systemd are told."""
    folder = tmp_path / "training"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "dlrun").symlink_to(Path(sys.executable).with_name("dlrun"))
    shutil.copy(BATCH / "digits.yaml", folder)
    text = (folder / "digits.yaml").read_text()
    assert "epochs: 2000" in text
    (folder / "digits.yaml").write_text(text.replace("epochs: 2000", "epochs: 1"))
    return tmp_path


def run_of(home: Path) -> dict[str, Any]:
    (run,) = home.glob("training/runs/*/*")
    return outcome(run)


@pytest.mark.slow
def test_the_line_of_the_crontab_runs(home: Path) -> None:
    (line,) = (
        line for line in (BATCH / "crontab").read_text().splitlines() if not line.startswith("#")
    )
    command = line.split(maxsplit=5)[5]
    assert "%" not in command  # which cron takes for a line break
    for _ in range(2):
        subprocess.run(["sh", "-c", command], env={**os.environ, "HOME": str(home)}, check=True)
    assert run_of(home)["status"] == "completed"
    assert "already finished" not in (home / "training" / "cron.log").read_text()


@pytest.mark.slow
def test_the_unit_of_systemd_runs(home: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(BATCH / "dlrun-train.service")
    service = unit["Service"]
    assert service["Restart"] == "on-failure"
    assert "75" not in service["RestartPreventExitStatus"].split()
    command = service["ExecStart"].replace("%h", str(home)).split()
    folder = service["WorkingDirectory"].replace("%h", str(home))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert "all epochs are done" in done.stdout
    assert run_of(home)["status"] == "completed"
