from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.groups.search import rank, regret, seconds
from benchmarks.measure import Settings
from benchmarks.search.peers import PEERS
from benchmarks.search.peers.base import Worst
from benchmarks.search.problems import PROBLEMS
from benchmarks.search.searching import Trace, search
from benchmarks.search.selection import select
from benchmarks.search.store import Store, key_of

ROOT = Path(__file__).parents[2]
BRANIN, RANDOM = PROBLEMS["branin-low"](), PEERS["random"]
MODULES = {"scikit-optimize": "skopt", "ax-platform": "ax", "HEBO": "hebo", "": "dlrun"}
CHEAP = ("dlrun-bayes", "random", "skopt", "optuna-tpe", "nevergrad")


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = ("benchmarks.run", "--quick", "--searches", str(folder), *arguments)
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_search_keeps_what_it_saw_as_best() -> None:
    long = search(BRANIN, RANDOM, 1, 40)
    assert long.extends(search(BRANIN, RANDOM, 1, 20))
    assert not long.extends(search(BRANIN, RANDOM, 2, 20))
    assert all(long.smallest(n) <= long.regret(n) for n in range(1, 41))
    best = [long.smallest(n) for n in range(1, 41)]
    assert best == sorted(best, reverse=True) and best[0] == long.regret(1)
    assert len(long.seconds) == 4 and long.seconds_at(35) == long.seconds[2] / 10
    assert Trace(20).regret(20) == math.inf and Trace(20).seconds_at(20) is None


def installed(name: str) -> bool:
    package = PEERS[name].package
    return find_spec(MODULES.get(package, package)) is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", [each for each in CHEAP if installed(each)])
def test_a_search_is_repeated_in_spaces_of_all_kinds(name: str) -> None:
    for problem in ("conditional-high", "table-mlp"):
        first, second = (search(PROBLEMS[problem](), PEERS[name], 3, 12) for _ in range(2))
        assert (first.chosen, first.best) == (second.chosen, second.best)
        assert first.regret(12) < math.inf


def test_searches_are_kept_once_and_found_again(tmp_path: Path) -> None:
    store, trace = Store(tmp_path), search(BRANIN, RANDOM, 1, 20)
    store.add(BRANIN, RANDOM, 1, trace)
    for each in (store, Store(tmp_path)):
        assert each.get(BRANIN, RANDOM, 1, 20) == trace
        assert each.get(BRANIN, RANDOM, 1, 10) == trace  # its beginning
        assert each.get(BRANIN, RANDOM, 1, 21) is None
        assert each.get(BRANIN, RANDOM, 2, 20) is None
        assert each.get(PROBLEMS["branin"](), RANDOM, 1, 20) is None
    budgeted = replace(RANDOM, budgeted=True)
    assert Store(tmp_path).get(BRANIN, budgeted, 1, 10) is None


def test_half_a_line_is_left_out_and_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    file, first = tmp_path / "random.jsonl", search(BRANIN, RANDOM, 1, 10)
    Store(tmp_path).add(BRANIN, RANDOM, 1, first)
    file.write_text(file.read_text() + file.read_text()[:40])
    Store(tmp_path).add(BRANIN, RANDOM, 2, search(BRANIN, RANDOM, 2, 10))
    assert Store(tmp_path).get(BRANIN, RANDOM, 1, 10) == first
    assert Store(tmp_path).get(BRANIN, RANDOM, 2, 10) is not None


def test_a_search_that_has_another_result_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(BRANIN, RANDOM, 1, search(BRANIN, RANDOM, 1, 20))
    with pytest.raises(ValueError, match="random does not repeat its search with seed 1"):
        store.add(BRANIN, RANDOM, 1, search(BRANIN, RANDOM, 2, 30))


def test_a_search_by_other_code_or_of_another_version_is_not_taken(tmp_path: Path) -> None:
    peer, trace = PEERS["optuna-tpe"], search(BRANIN, RANDOM, 1, 10)
    store = Store(tmp_path)
    store.add(BRANIN, peer, 1, trace)
    (line,) = map(json.loads, (tmp_path / "optuna-tpe.jsonl").read_text().splitlines())
    assert line["version"] == key_of(BRANIN, peer, 1).version
    for changed in ({"code": "other"}, {"content": "other"}):
        (tmp_path / "optuna-tpe.jsonl").write_text(json.dumps({**line, **changed}) + "\n")
        assert Store(tmp_path).get(BRANIN, peer, 1, 10) is None
    (tmp_path / "optuna-tpe.jsonl").write_text(json.dumps({**line, "version": "0.1"}) + "\n")
    assert (Store(tmp_path).get(BRANIN, peer, 1, 10) is None) == installed(peer.name)


def test_a_failure_counts_as_the_worst_value_so_far() -> None:
    told = Worst()
    assert [told(value) for value in (None, 1.0, 3.0, 2.0, None)] == [10.0, 1.0, 3.0, 2.0, 3.0]


def test_a_selection_by_patterns() -> None:
    found = select(["branin*"], ["random", "optuna-*"], [40, 20, 40], 3)
    assert found.problems[:3] == ("branin", "branin-low", "branin-high")
    assert found.peers == ("random", "optuna-tpe", "optuna-gp")
    assert (found.trials, len(found.numbers)) == ((20, 40), 3)
    assert found.lengths(PEERS["random"]) == (40,)
    assert found.lengths(PEERS["nevergrad"]) == (20, 40)


def test_the_extra_has_the_libraries() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["optional-dependencies"]["bench-search"], *project["dependencies"]]
    names = {re.split(r"[=<>]", each)[0] for each in needed}
    # Versions of HEBO for current versions of NumPy do not exist.
    assert {peer.package for peer in PEERS.values()} - names == {"", "HEBO"}


@pytest.mark.slow
def test_a_measurement_is_resumed(tmp_path: Path) -> None:
    chosen = ("--problems", "branin", "branin-low", "--peers", "random")
    first = run("--only", "search/regret", *chosen, "--seeds", "1", folder=tmp_path)
    assert first.returncode == 0, first.stderr
    file = tmp_path / "random.jsonl"
    before = file.read_text()
    assert before.count("\n") == 2
    more = run("--only", "search/rank", *chosen, "--seeds", "2", folder=tmp_path)
    assert more.returncode == 0, more.stderr
    assert file.read_text().startswith(before)
    assert file.read_text().count("\n") == 4
    assert "search/rank" in more.stdout


def test_stored_searches_are_compared_without_running_any(tmp_path: Path) -> None:
    settings = Settings(
        searches=select(
            ["branin-low"], ["random", "dlrun-bayes", "ax"], [10, 20], 3, tmp_path, stored=True
        )
    )
    for seed in settings.searches.numbers:
        Store(tmp_path).add(BRANIN, RANDOM, seed, search(BRANIN, RANDOM, seed, 20))
    first = settings.searches.numbers[0]
    bayes = PEERS["dlrun-bayes"]
    Store(tmp_path).add(BRANIN, bayes, first, search(BRANIN, bayes, first, 10))
    files = {path.name: path.read_text() for path in tmp_path.iterdir()}
    report = regret(settings)
    assert [row[:2] for row in report.rows] == [
        ("branin-low", "dlrun-bayes"),
        ("branin-low", "random"),
    ]
    ours = [row for row in report.data if row["search"] == "dlrun-bayes"]
    assert [(row["trials"], row["seeds"]) for row in ours] == [(10, [first])]
    ranked = rank(settings)
    assert [row[:3] for row in ranked.rows] == [
        ("with noise", "10", "random"),
        ("with noise", "20", "random"),
    ]
    assert "with noise, 10 trials: dlrun-bayes has not searched all problems" in ranked.notes
    assert [row[0] for row in seconds(settings).rows] == ["dlrun-bayes", "random"]
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


@pytest.mark.slow
def test_unknown_names_are_refused(tmp_path: Path) -> None:
    for option, word in (("--problems", "problem"), ("--peers", "search")):
        done = run("--only", "search/regret", option, "nothing", folder=tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith(f"no {word} is called nothing; choose from ")
