from __future__ import annotations

from benchmarks.pages import search
from benchmarks.pages.marked import replaced

CONTENT = {
    "benchmarks": [
        {
            "name": "search/rank",
            "results": [
                {
                    "problems": "with noise",
                    "trials": trials,
                    "search": search,
                    "rank": rank,
                    "interval": [rank - 0.5, rank + 0.5],
                    "worse_than_random_on": ["branin-low"] if search == "b" else [],
                }
                for search, rank in (("a", 1.25), ("b", 1.75))
                for trials in (20, 40)
                if (search, trials) != ("b", 40)
            ],
        },
        {
            "name": "search/regret",
            "results": [
                {"problem": "x", "search": "a", "trials": 20, "mean": 3.0, "less_ours": None},
                {"problem": "x", "search": "a", "trials": 40, "mean": 2.0, "less_ours": None},
                {"problem": "x", "search": "b", "trials": 40, "mean": 5.0, "less_ours": [1, 5]},
                {"problem": "y", "search": "a", "trials": 40, "mean": 0.01234, "less_ours": None},
            ],
        },
        {
            "name": "search/seconds",
            "results": [{"search": "a", "trials": 40, "seconds": {"x": 0.002, "y": 0.5}}],
        },
        {
            "name": "search/curves",
            "results": [
                {"table": "t", "epochs": 9, "search": name, "mean": mean, "ours_less_theirs": less}
                for name, mean, less in (
                    ("a", 1.0, [0, 0]),
                    ("b", 2.0, [-2, -1]),
                    ("c", 3, [-1, 1]),
                )
            ],
        },
        {
            "name": "search/pruners",
            "results": [
                {
                    "table": "t",
                    "pruner": "p",
                    "epochs": [8, 9],
                    "mean": 1,
                    "ours_less_theirs": [0, 0],
                },
                {
                    "table": "t",
                    "pruner": "q",
                    "epochs": [4],
                    "mean": 0.5,
                    "ours_less_theirs": [1, 2],
                },
            ],
        },
    ]
}
TABLES = """before
<!-- search/rank -->
| search | with noise, 20 | with noise, 40 |
| --- | --- | --- |
| a | 1.2 (0.8 to 1.8), 0 | 1.2 (0.8 to 1.8), 0 |
| b | 1.8 (1.2 to 2.2), 1 | |

<!-- search/regret -->
| problem | a | b |
| --- | --- | --- |
| x | 2 | 5 + |
| y | 0.0123 | |
between
<!-- search/seconds -->
| search | at 40 trials |
| --- | --- |
| a | 2 ms to 500 ms |
<!-- search/curves -->
| trainings | epochs | a | b | c |
| --- | --- | --- | --- | --- |
| t | 9 | 1 | 2 + | 3 |
<!-- search/pruners -->
| pruner | t: epochs | regret |
| --- | --- | --- |
| p | 8 | 1 |
| q | 4 | 0.5 - |
"""
RESULTS = {each["name"]: each["results"] for each in CONTENT["benchmarks"]}


def test_tables_are_written_after_their_comments() -> None:
    tables = search.tables(RESULTS)
    empty = "".join(line for line in TABLES.splitlines(True) if not line.startswith("|"))
    assert replaced(empty, tables) == TABLES
    assert replaced(TABLES, tables) == TABLES
