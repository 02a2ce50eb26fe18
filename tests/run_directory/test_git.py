from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dlrun.run_directory.git import git_state


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def committed(folder: Path, *options: str) -> str:
    """A repository of one file, and its commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", *options)
    (folder / "file").write_text("one")
    git(folder, "add", "file")
    git(folder, "commit", "-m", "one")
    return git(folder, "rev-parse", "HEAD")


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)])
def test_commit_and_changes(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert git_state(tmp_path) is None
    git(tmp_path, "init", *options)
    assert git_state(tmp_path) is None
    commit = committed(tmp_path, *options)
    (tmp_path / "untracked").write_text("")
    (tmp_path / "in").mkdir()
    assert git_state(tmp_path / "in") == {"commit": commit, "dirty": False}
    (tmp_path / "file").write_text("two")
    assert git_state(tmp_path) == {"commit": commit, "dirty": True}
    git(tmp_path, "add", "file")
    assert git_state(tmp_path) == {"commit": commit, "dirty": True}


def test_packed_refs_and_branches(tmp_path: Path) -> None:
    commit = committed(tmp_path)
    git(tmp_path, "checkout", "-b", "some/branch")
    git(tmp_path, "pack-refs", "--all")
    git(tmp_path, "gc")
    assert not list((tmp_path / ".git" / "refs" / "heads" / "some").glob("*"))
    assert git_state(tmp_path) == {"commit": commit, "dirty": False}
    git(tmp_path, "checkout", "--detach")
    assert git_state(tmp_path) == {"commit": commit, "dirty": False}


def test_a_second_working_tree(tmp_path: Path) -> None:
    commit = committed(tmp_path / "first")
    git(tmp_path / "first", "worktree", "add", "-b", "other", "../second")
    assert git_state(tmp_path / "second") == {"commit": commit, "dirty": False}
    (tmp_path / "second" / "file").write_text("two")
    assert git_state(tmp_path / "second") == {"commit": commit, "dirty": True}
    assert git_state(tmp_path / "first") == {"commit": commit, "dirty": False}


def test_no_git_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = committed(tmp_path / "repository")
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert git_state(tmp_path / "repository") == {"commit": commit, "dirty": None}
    assert git_state(tmp_path) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"core.fsmonitor": "TRAP"},
        {"filter.evil.clean": "TRAP"},
        {"filter.evil.process": "TRAP"},
        {"filter.evil.smudge": "TRAP", "filter.evil.required": "true"},
        {"diff.evil.textconv": "TRAP", "diff.evil.command": "TRAP", "diff.external": "TRAP"},
        {"core.hooksPath": "HOOKS"},
        {"alias.status": "!TRAP", "core.pager": "TRAP", "pager.status": "TRAP"},
        {"core.sshCommand": "TRAP", "credential.helper": "!TRAP", "gpg.program": "TRAP"},
        {"core.repositoryformatversion": "1", "extensions.partialClone": "origin"}
        | {"remote.origin.url": "ext::TRAP", "remote.origin.promisor": "true"},
        {"include.path": "INCLUDED"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_a_repository_runs_nothing(tmp_path: Path, settings: dict[str, str]) -> None:
    folder = tmp_path / "repository"
    commit = committed(folder)
    (folder / ".gitattributes").write_text("* filter=evil diff=evil\n")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/trapped\ncat\n")
    trap.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "pre-auto-gc", "reference-transaction"):
        (hooks / name).symlink_to(trap)
    included = tmp_path / "included"
    included.write_text(f'[core]\nfsmonitor = {trap}\n[filter "evil"]\nclean = {trap}\n')
    words = {"TRAP": str(trap), "HOOKS": str(hooks), "INCLUDED": str(included)}
    for key, value in settings.items():
        for word, path in words.items():
            value = value.replace(word, path)
        git(folder, "config", key, value)
    if "extensions.partialClone" in settings:  # objects that git would fetch
        for file in (folder / ".git" / "objects").glob("??/*"):
            file.unlink()
    (folder / "file").unlink()  # an index entry whose file is another one, of the same size
    (folder / "file").write_text("two")
    (tmp_path / "trapped").unlink(missing_ok=True)

    state = git_state(folder)
    assert not (tmp_path / "trapped").exists()
    gone = "extensions.partialClone" in settings
    assert state == {"commit": commit, "dirty": None if gone else True}


@pytest.mark.parametrize("key", ["core.fsmonitor", "filter.evil.clean"])
def test_the_traps_are_some(tmp_path: Path, key: str) -> None:
    """What the tests above set runs where git reads the repository's configuration."""
    committed(tmp_path)
    (tmp_path / ".gitattributes").write_text("* filter=evil\n")
    git(tmp_path, "config", key, f"touch {tmp_path}/trapped; cat")
    (tmp_path / "file").unlink()
    (tmp_path / "file").write_text("two")
    subprocess.run(["git", "status"], cwd=tmp_path, check=False, capture_output=True)
    assert (tmp_path / "trapped").exists()


def test_a_git_in_the_working_directory_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = committed(tmp_path)
    trap = tmp_path / "git"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/trapped\n")
    trap.chmod(0o755)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    assert git_state(Path()) == {"commit": commit, "dirty": False}
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize(
    "head",
    ["ref: ../../secret", "ref: refs/../../secret", "ref: refs/heads/loop", "x" * 40, "", "\xff"],
)
def test_strange_refs_lead_nowhere(tmp_path: Path, head: str) -> None:
    committed(tmp_path)
    (tmp_path / "secret").write_text("0" * 40)
    (tmp_path / ".git" / "refs" / "heads" / "loop").write_text("ref: refs/heads/loop")
    (tmp_path / ".git" / "HEAD").write_text(head, encoding="latin-1")
    assert git_state(tmp_path) is None


@pytest.mark.parametrize("name", ["HEAD", "index"])
def test_pipes_are_not_waited_for(tmp_path: Path, name: str) -> None:
    committed(tmp_path)
    (tmp_path / ".git" / name).unlink()
    os.mkfifo(tmp_path / ".git" / name)
    state = git_state(tmp_path)
    assert state is None or state["dirty"] is None
