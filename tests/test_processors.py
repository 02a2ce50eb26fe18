from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from dlrun.processors import processors, quota

V2 = "30 23 0:26 {root} /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "31 23 0:27 {root} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
V1_MEMORY = "32 23 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
OTHERS = "23 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"

Machine = Callable[[str, str, Mapping[str, str]], Path]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A root folder with the mounts, the groups of this process, and files of groups."""

    def make(mounts: str, groups: str, files: Mapping[str, str]) -> Path:
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/self/mountinfo").write_text(OTHERS + mounts)
        (tmp_path / "proc/self/cgroup").write_text(groups)
        for name, text in files.items():
            file = tmp_path / "sys/fs/cgroup" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n")
        return tmp_path

    return make


def test_a_container_has_the_quota_of_version_2(machine: Machine) -> None:
    # As docker run --cpus=1.5 sets it, seen from inside.
    root = machine(V2.format(root="/"), "0::/\n", {"cpu.max": "150000 100000"})
    assert quota(root) == 1.5
    assert processors(root) == min(2, processors(Path("/nowhere")))


def test_a_container_has_the_quota_of_version_1(machine: Machine) -> None:
    files = {
        "cpu,cpuacct/cpu.cfs_quota_us": "50000",
        "cpu,cpuacct/cpu.cfs_period_us": "100000",
    }
    mounts = V1.format(root="/docker/7f") + V1_MEMORY
    root = machine(mounts, "5:memory:/docker/7f\n4:cpu,cpuacct:/docker/7f\n", files)
    assert quota(root) == 0.5
    assert processors(root) == 1


@pytest.mark.parametrize(
    ("own", "above", "top", "expected"),
    [
        ("max 100000", "300000 100000", "", 3),
        ("400000 100000", "100000 50000", "", 2),
        ("200000 100000", "max 100000", "800000 100000", 2),
        ("max 100000", "max 100000", "", None),
    ],
)
def test_the_smallest_quota_of_all_groups_above_counts(
    machine: Machine, own: str, above: str, top: str, expected: float | None
) -> None:
    files = {"user.slice/job.scope/cpu.max": own, "user.slice/cpu.max": above}
    if top:  # the real root group has no such file
        files["cpu.max"] = top
    root = machine(V2.format(root="/"), "0::/user.slice/job.scope\n", files)
    assert quota(root) == expected


def test_both_versions_side_by_side(machine: Machine) -> None:
    files = {
        "cpu.max": "300000 100000",
        "cpu,cpuacct/slurm/job_3/cpu.cfs_quota_us": "-1",
        "cpu,cpuacct/slurm/job_3/cpu.cfs_period_us": "100000",
        "cpu,cpuacct/slurm/cpu.cfs_quota_us": "250000",
        "cpu,cpuacct/slurm/cpu.cfs_period_us": "100000",
    }
    groups = "4:cpu,cpuacct:/slurm/job_3\n1:name=systemd:/slurm\n0::/\n"
    root = machine(V2.format(root="/") + V1.format(root="/"), groups, files)
    assert quota(root) == 2.5


@pytest.mark.parametrize("path", ["/elsewhere", "/../other"])
def test_a_mount_that_shows_other_groups_gives_the_limit_of_its_top(
    machine: Machine, path: str
) -> None:
    root = machine(V2.format(root="/pod"), f"0::{path}\n", {"cpu.max": "200000 100000"})
    assert quota(root) == 2


def test_a_group_beside_the_mounted_one_is_not_below_it(machine: Machine) -> None:
    files = {"cpu.max": "200000 100000", "1/cpu.max": "100000 100000"}
    root = machine(V2.format(root="/pod"), "0::/pod1\n", files)
    assert quota(root) == 2


def test_a_mount_point_with_a_space(machine: Machine) -> None:
    mount = "30 23 0:26 / /sys/fs/cgroup/a\\040b rw - cgroup2 none rw\n"
    root = machine(mount, "0::/\n", {"a b/cpu.max": "100000 100000"})
    assert quota(root) == 1


@pytest.mark.parametrize("text", ["", "garbage", "0 100000", "-1 100000", "100000 0", "1 2 3"])
def test_what_is_no_quota_is_no_limit(machine: Machine, text: str) -> None:
    assert quota(machine(V2.format(root="/"), "0::/\n", {"cpu.max": text})) is None


def test_without_control_groups_the_affinity_counts(tmp_path: Path) -> None:
    assert quota(tmp_path) is None
    assert processors(tmp_path) >= 1


def test_the_affinity_counts_where_it_is_smaller(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    root = machine(V2.format(root="/"), "0::/\n", {"cpu.max": "800000 100000"})
    assert processors(root) == 3
