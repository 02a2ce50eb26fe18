"""A real Slurm on this machine: one node, its own configuration and key, all in one folder.

munged, slurmctld and slurmd run as root, on ports of their own; another Slurm of the machine is not
touched.  They end with the tests, however those end: a process waits for that.  Debian's packages
are munge, slurmctld, slurmd and slurm-client.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol", "squeue", "srun")
CPUS = 4
"""Of the node, whatever the machine has."""
_PATIENCE = 300.0
"""Seconds, far more than needed, as other programs may have the processors."""

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerType=sched/builtin
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,sched_interval=1
ReturnToService=2
KillWait=10
MessageTimeout=100
TCPTimeout=60
BatchStartTimeout=300
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str | None:
    """Why there can be no Slurm here; None where there can."""
    if os.geteuid() != 0:
        return "its daemons need root"
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    absent = [name for name in PROGRAMS if shutil.which(name, path=search) is None]
    return f"there is no {', '.join(absent)}" if absent else None


class Slurm:
    """The cluster, while its block lasts.

    Args:
        folder: for its files, empty.

    Attributes:
        variables: of the environment that Slurm's commands need.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        self._host = socket.gethostname().partition(".")[0]
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
        self.variables = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": path}

    def __enter__(self) -> Self:
        for name in ("state", "spool"):
            (self._folder / name).mkdir()
        key = self._folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(64))
        with _free_ports(2) as (controller, node):
            text = CONFIGURATION.format(
                folder=self._folder,
                host=self._host,
                controller_port=controller,
                node_port=node,
                cpus=CPUS,
            )
        (self._folder / "slurm.conf").write_text(text)
        (self._folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")
        self._guard = subprocess.Popen(
            [sys.executable, __file__, str(self._folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self._start("munged", "--foreground", "--force", *self._munge())
            self._wait(lambda: (self._folder / "munge.socket").exists())
            self.start_controller()
            self._start("slurmd", "-D", "-N", self._host)
            self._wait(lambda: self.says("sinfo", "-h", "-o", "%T") == "idle")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def start_controller(self) -> None:
        """Start slurmctld, which knows its jobs from before."""
        self._start("slurmctld", "-D")
        self._wait(lambda: self.says("scontrol", "ping").endswith("is UP"))

    def stop_controller(self) -> None:
        """End slurmctld, which stores what it knows."""
        daemon = self._daemons.pop("slurmctld")
        daemon.terminate()
        daemon.wait(_PATIENCE)

    def says(self, *command: str) -> str:
        """What a command of Slurm prints; nothing where it fails."""
        done = subprocess.run(
            command,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    def jobs(self, *states: str) -> list[int]:
        """Ids of the jobs in these states; of those that have not ended where none is given."""
        chosen = [f"--states={','.join(states)}"] if states else []
        return sorted(map(int, self.says("squeue", "-h", "-o", "%i", *chosen).split()))

    def _munge(self) -> Iterator[str]:
        yield f"--socket={self._folder / 'munge.socket'}"
        for name in ("key", "pid", "log", "seed"):
            yield f"--{name}-file={self._folder / f'munge.{name}'}"

    def _start(self, name: str, *words: str) -> None:
        with (self._folder / f"{name}.out").open("ab") as out:
            self._daemons[name] = subprocess.Popen(
                [shutil.which(name, path=self.variables["PATH"]) or name, *words],
                env={**os.environ, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def _wait(self, ready: object) -> None:
        assert callable(ready)
        deadline = time.monotonic() + _PATIENCE
        while not ready():
            for name, daemon in self._daemons.items():
                assert daemon.poll() is None, f"{name} ended: {self.log(name)}"
            assert time.monotonic() < deadline, "".join(map(self.log, self._daemons))
            time.sleep(0.05)

    def log(self, name: str) -> str:
        """What a daemon wrote."""
        files = (self._folder / f"{name}.out", self._folder / f"{name}.log")
        return "".join(each.read_text(errors="replace") for each in files if each.exists())

    def _end(self) -> None:
        """Cancel all jobs, end the daemons, and kill what is left."""
        with suppress(subprocess.TimeoutExpired):
            self.says("scancel", "--signal=KILL", "--full", "--user=root")
            self.says("scancel", "--user=root")
        for name in ("slurmctld", "slurmd", "munged"):
            daemon = self._daemons.pop(name, None)
            if daemon is not None:
                daemon.send_signal(signal.SIGKILL if name == "slurmctld" else signal.SIGTERM)
                try:
                    daemon.wait(10)
                except subprocess.TimeoutExpired:
                    daemon.kill()
                    daemon.wait()
        self._guard.communicate()  # it sees the end of its input


def sweep(folder: Path) -> None:
    """Kill all processes of the cluster of a folder: all have its configuration's name."""
    mark = f"SLURM_CONF={folder / 'slurm.conf'}\0".encode()
    found = True
    while found:
        found = False
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (process / "environ").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
                    found = True


@contextmanager
def _free_ports(count: int) -> Iterator[tuple[int, ...]]:
    """Ports that nobody uses: they are taken until the block ends."""
    sockets: list[socket.socket] = []
    try:
        for _ in range(count):
            sockets.append(socket.socket())
            sockets[-1].bind(("127.0.0.1", 0))
        yield tuple(each.getsockname()[1] for each in sockets)
    finally:
        for each in sockets:
            each.close()


def settings(folder: Path, slurm: Slurm, **more: str) -> Mapping[str, str]:
    """Environment variables with which dask-jobqueue submits jobs of one processor to it."""
    names = {"cores": "1", "memory": "500MB", "interface": "lo", **more}
    return {
        **slurm.variables,
        "DASK_CONFIG": str(folder / "no-configuration"),
        **{f"DASK_JOBQUEUE__SLURM__{key.upper()}": value for key, value in names.items()},
    }


if __name__ == "__main__":
    sys.stdin.read()  # until the tests are gone
    sweep(Path(sys.argv[1]))
