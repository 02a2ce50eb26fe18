"""Pages and answers of the board, without a server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from asgi import Answer, events
from html_page import Page
from page_studies import made
from run_folders import write_run

from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.lock import Lock
from dlrun.run_directory.tags import Tags, write_tags
from dlrun.web.listing import key_of
from dlrun.web.watcher import Watcher

pytest.importorskip("starlette")

Get = Callable[..., Answer]


def page(answer: Answer) -> Page:
    """A page of the board, after checks for each: no code in it, nothing from elsewhere."""
    found = Page(answer.text)
    scripts = found.of("script")
    assert [each.get("type", "") for each in scripts] == ["application/json", ""]
    assert scripts[1]["src"].startswith("/assets/page.js?v=")
    assert found.texts["script"][1] == ""
    for name, attributes in found.elements:
        assert not [key for key in attributes if key.startswith("on") or key == "style"], name
        for key in ("src", "href", "action"):
            if key in attributes:
                assert re.match(r"#|/(?!/)|data:(image/png|audio/wav);base64,", attributes[key])
    return found


def all_keys(get: Get, query: str = "") -> list[str]:
    return [row["key"] for row in get("/api/rows", query).json["rows"]]


def test_rows_are_filtered_sorted_and_cut(get: Get) -> None:
    found = get("/api/rows", "where=optimizer.adam.lr%3E0.05&sort=validation.loss&limit=1")
    assert found.headers["content-type"] == "application/json"
    assert [row["cells"][1] for row in found.json["rows"]] == ["20261102-120000-aaaaa2"]
    assert found.json["matched"] == 2
    wrong = get("/api/rows", "where=optimizer.adam.lx%3E1")
    assert wrong.status == 400
    assert "did you mean" in wrong.json["error"]
    assert get("/api/rows", "offset=x").status == 400


@pytest.mark.slow
def test_a_page_has_a_window_of_rows_only(runs: Path, get: Get, watcher: Watcher) -> None:
    for number in range(120):
        write_run(runs / "many" / f"r{number:03}")
    watcher.refresh()
    first, second = (get("/api/rows", f"offset={offset}").json for offset in (0, 100))
    assert (len(first["rows"]), len(second["rows"]), first["matched"]) == (100, 23, 123)
    assert not page(get("/")).of("td")


def test_a_run_has_the_sections_of_its_report(get: Get) -> None:
    key = all_keys(get)[0]
    found = page(get(f"/entry/{key}"))
    assert {"run", "scores", "curves", "spec", "commands"} <= set(found.sections)
    assert found.data["curve-loss"]["series"][1]["y"] == [0.5, 0.3]
    assert not [each for each in found.of("output") if "data-live" in each]


def test_a_study_has_the_sections_of_its_report(tmp_path: Path) -> None:
    from asgi import ask

    from dlrun.web.app import application

    made(tmp_path, trials=4)
    app = application(Watcher([tmp_path / "studies"]), "127.0.0.1", 7070, None)
    (key,) = (row["key"] for row in ask(app, "/api/rows").json["rows"])
    found = page(ask(app, f"/entry/{key}"))
    assert {"leaderboard", "parallel", "slices"} <= set(found.sections)
    (link,) = (each["href"] for each in found.of("a") if "where=study" in each["href"])
    inner = ask(app, "/api/rows", query=link.partition("?")[2]).json
    assert inner["matched"] == 4


def test_runs_are_compared(get: Get) -> None:
    keys = all_keys(get)
    found = page(get("/compare", f"keys={','.join(keys)}"))
    assert found.sections == ["runs", "keys", "scores", "curves"]
    text = found.texts["section"]
    assert "optimizer.adam.lr" in text[1]
    assert "validation.loss" in text[2]
    names = [each["name"] for each in found.data["compare-validation.loss"]["series"]]
    assert names == [f"2026110{number}-120000-aaaaa{number}" for number in (3, 2, 1)]
    assert get("/compare", "keys=" + ",".join(map(str, range(60)))).status == 400


def test_no_run_is_best_by_losses_of_different_units(
    runs: Path, get: Get, watcher: Watcher
) -> None:
    keys = all_keys(get)
    names = [f"2026110{number}-120000-aaaaa{number}" for number in (3, 2, 1)]
    same = page(get("/compare", f"keys={','.join(keys)}")).texts["section"][2]
    write_run(runs / "moons" / "20261104-120000-aaaaa4", (0.001,), loss={"focal": {"gamma": 2.0}})
    watcher.refresh()
    found = page(get("/compare", f"keys={','.join(all_keys(get))}")).texts["section"][2]
    loss, accuracy = "none: different loss", "validation.accuracy"
    assert loss not in same and any(same.count(name) > 1 for name in names)
    assert found.count(loss) == 2 and loss not in found.partition(accuracy)[2]


@pytest.mark.parametrize(
    "path",
    [
        "/entry/0123456789abcdef0123",
        "/entry/..",
        "/entry/../../etc/passwd",
        "/entry/%2e%2e%2fsecret",
        "/assets/../app.py",
        "/assets/board.js",
        "/etc/passwd",
        "/compare",
        "/api/live",
    ],
)
def test_no_address_leads_to_a_file(get: Get, path: str) -> None:
    found = get(path)
    assert found.status == 404
    assert b"root:" not in found.body


def test_a_path_is_no_key(runs: Path, get: Get) -> None:
    run = next((runs / "moons").iterdir())
    for word in (str(run), str(run).replace("/", "%2F"), run.name):
        assert get(f"/entry/{word}").status == 404
        assert get("/compare", f"keys={word}").status == 404
        assert get("/api/live", f"keys={word}").status == 404
    assert get(f"/entry/{key_of(str(run))}").status == 200
    assert get(f"/entry/{key_of(str(runs))}").status == 404


def test_everything_of_a_stranger_is_escaped(runs: Path, get: Get, watcher: Watcher) -> None:
    bad = '<img src=x onerror=alert(1)>"\u202e\x1b[31m'
    run = write_run(runs / "moons" / "<b>evil", name=bad, extra={bad: bad})
    write_tags(run, Tags(("good",), bad))
    write_run(runs / "moons" / "other")
    (runs / "<i>broken").mkdir()
    (runs / "<i>broken" / "spec.yaml").write_text("")
    watcher.refresh()
    answer = get("/api/rows", "column=note")
    assert "\x1b" not in answer.text
    assert "\u202e" not in answer.text
    assert any(bad[:10] in cell for row in answer.json["rows"] for cell in row["cells"])
    key = key_of(str(run))
    other = key_of(str(runs / "moons" / "other"))
    pages = (get("/"), get(f"/entry/{key}"), get("/compare", f"keys={key},{other}"))
    for each in map(page, pages):
        assert not each.of("img")
        assert not each.of("b") or "evil" not in each.texts["b"][0]
        assert not each.of("i")


def test_a_broken_run_is_a_page_with_its_error(runs: Path, get: Get) -> None:
    run = next((runs / "moons").iterdir())
    (run / "result.json").write_text("{")
    found = get(f"/entry/{key_of(str(run))}")
    assert found.status == 200
    assert "not JSON" in page(found).texts["p"][0]


def test_nothing_is_written(runs: Path, get: Get) -> None:
    def content() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in runs.rglob("*")
        }

    before = content()
    keys = all_keys(get)
    for path, query in [
        ("/", ""),
        ("/compare", f"keys={','.join(keys)}"),
        (f"/entry/{keys[0]}", ""),
    ]:
        assert get(path, query).status == 200
    assert content() == before


def test_assets_are_kept_by_browsers(get: Get) -> None:
    for name, kind in (("page.js", "text/javascript"), ("page.css", "text/css")):
        found = get(f"/assets/{name}")
        assert found.headers["content-type"].startswith(kind)
        assert "immutable" in found.headers["cache-control"]
        assert found.headers["content-security-policy"]


def test_a_training_is_followed(runs: Path, get: Get, watcher: Watcher) -> None:
    """New epochs, and in the end the result, arrive as events."""
    path = write_run(runs / "moons" / "20261105-120000-cccccc", (0.5,), ending=None, epochs=3)
    run, lock = RunDirectory(path), Lock.acquire(path)
    try:
        key = key_of(str(path))
        assert watcher.refresh().by_key[key].state == "running"
        shown = page(get(f"/entry/{key}"))
        (live,) = (each["data-live"] for each in shown.of("output"))
        seen: list[int] = []

        def enough(body: bytes) -> bool:
            """Train an epoch whenever the one before has arrived."""
            found = events(body)
            epochs = sum(name == "charts" for name, _ in found)
            if epochs in (1, 2) and epochs not in seen:
                seen.append(epochs)
                row = {"epoch": epochs + 1, "step": 10, "seconds": 0.1, "lr": 0.01}
                scores = {"train.loss": 0.2, "validation.loss": 0.4, "validation.accuracy": 0.6}
                run.append_metrics(row | scores)
            if epochs == 3 and 3 not in seen:
                seen.append(3)
                result = json.loads(
                    (runs / "moons" / "20261101-120000-aaaaa1" / "result.json").read_text()
                )
                run.finish(result | {"epochs": 3})
                lock.release()
            return False

        answer = get("/api/live", live.partition("?")[2], enough=enough)
    finally:
        lock.release()
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.body)
    charts = [data["chart-curve-loss"]["series"][1] for name, data in found if name == "charts"]
    assert [(each["from"], each["y"]) for each in charts] == [(0, [0.5]), (1, [0.4]), (2, [0.4])]
    states = [data[key] for name, data in found if name == "state"]
    assert [each["progress"] for each in states][:3] == ["1/3", "2/3", "3/3"]
    assert states[-1]["status"] == "done"
    assert found[-1][0] == "end"


def test_events_end_with_the_server(watcher: Watcher) -> None:
    from asgi import ask

    from dlrun.web.app import application

    app = application(watcher, "127.0.0.1", 7070, None, stopping=lambda: True)
    assert ask(app, "/api/changes").body == b""


def test_pages_that_were_left_leave_room_for_others(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dlrun.web import app

    monkeypatch.setattr(app, "_STREAMS", 1)
    for _ in range(3):
        assert get("/api/changes", enough=bool).status == 200
    monkeypatch.setattr(app, "_STREAMS", 0)
    assert get("/api/changes").status == 503


def test_a_change_of_the_listing_is_an_event(runs: Path, get: Get, watcher: Watcher) -> None:
    def enough(body: bytes) -> bool:
        found = events(body)
        if len(found) == 1:
            write_run(runs / "moons" / "20261105-120000-dddddd")
            watcher.refresh()
        return len(found) == 2

    found = events(get("/api/changes", enough=enough).body)
    assert [name for name, _ in found] == ["listing", "listing"]
    assert found[1][1]["revision"] == found[0][1]["revision"] + 1
