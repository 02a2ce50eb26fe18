"""Reports in headless Chromium: no error, no request, and everything is drawn."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import BROWSER, FLAGS, NEEDS_BROWSER, tab
from page_studies import made

import dlrun

pytestmark = pytest.mark.slow


Trained = Callable[..., Path]


class Drawn(HTMLParser):
    """The page as the browser has made it: charts, their canvases, and lines of parallel axes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.charts = self.canvases = self.paths = 0
        self._parallel = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.charts += "data-chart" in names
        self.canvases += tag == "canvas"
        self._parallel = self._parallel or "data-parallel" in names
        self.paths += self._parallel and tag == "path"


def browsed(page: Path, folder: Path) -> tuple[Drawn, str, list[str]]:
    """What is drawn, what the console has shown, and the addresses of all requests."""
    log = folder / "net.json"
    assert BROWSER is not None
    command = [
        BROWSER,
        *FLAGS,
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={log}",
        "--enable-logging=stderr",
        "--virtual-time-budget=8000",
        "--window-size=1400,9000",
        "--dump-dom",
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    shown = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    events = json.loads(log.read_text())["events"]
    starts = [each["params"] for each in events if "initiator" in each.get("params", {})]
    # Requests of the browser itself, such as for updates, have no page that initiated them.
    own = [each["url"] for each in starts if each["initiator"] != "not an origin"]
    of_the_page = [url for url in own if re.match("(https?|wss?|ftp):", url)]
    return Drawn(done.stdout), shown, of_the_page


@NEEDS_BROWSER
def test_reports_are_drawn_without_an_error_or_a_request(trained: Trained, tmp_path: Path) -> None:
    study = made(tmp_path, trials=15)
    run = trained()
    for number, (path, lines) in enumerate([(run, 0), (study, 15), (run.parent.parent, 0)]):
        page, folder = tmp_path / f"{number}.html", tmp_path / f"browser-{number}"
        folder.mkdir()
        dlrun.report(path, page)
        drawn, shown, requests = browsed(page, folder)
        assert shown == ""
        assert requests == []
        assert drawn.charts == drawn.canvases > 0
        assert drawn.paths == lines


_RANGES = """(async () => {
  const holder = document.querySelector('[id^="chart-slice-"]'), chart = dlrun.data[holder.id];
  if (chart.x.scale !== "log") return "the axis is not logarithmic";
  let state = 7, drawn = 0;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let number = 0; number < 1500; number++) {
    const power = 10 ** Math.floor(-9 + 12 * random());
    const low = number % 3 ? power * (number % 3 === 1 ? 1 : 10 ** random()) : power * 0.97;
    const high = low * 10 ** (0.05 + (number % 2 ? 0.6 : 8) * random());
    const flat = 10 ** Math.floor(20 * random());
    chart.series = [{ ...chart.series[0], x: [low, high], y: [flat, flat * (1 + 4e-16)] }];
    const ticks = dlrun.logTicks(low, high, 8), labels = [...ticks.labels];
    const right = (each) => each >= low && each <= high && ticks.lines.includes(each);
    if (!labels.every(right) || labels.length < 2 || labels.length > 9)
      return `${low} to ${high}: ${labels}`;
    dlrun.updates[holder.id]();
    await null;
    drawn++;
  }
  const over = holder.querySelector(".u-over"), box = over.getBoundingClientRect();
  const at = (name, x, y) => over.dispatchEvent(new MouseEvent(name, {
    clientX: box.left + x, clientY: box.top + y, bubbles: true, movementX: 1, view: window }));
  const picture = () => holder.querySelector("canvas").toDataURL();
  const whole = picture();
  for (let number = 0; number < 60; number++) {
    const x = 100 * random();
    at("mousemove", x, 5), at("mousedown", x, 5);
    at("mousemove", x + 150, 60), at("mouseup", x + 150, 60);
    await new Promise(requestAnimationFrame);
    if (number === 0 && picture() === whole) return "the first drag did not zoom";
  }
  return drawn;
})()"""


@NEEDS_BROWSER
def test_no_range_of_an_axis_blocks_the_page(tmp_path: Path) -> None:
    """Ranges that begin at or just below a power of ten, too, and those that zooming makes."""
    page = tmp_path / "study.html"
    dlrun.report(made(tmp_path, space={"optimizer.adam.lr": {"log_uniform": [0.01, 0.03]}}), page)
    with tab(tmp_path) as window:
        window.open(page.as_uri())
        charts = "document.querySelectorAll('[data-chart]').length"
        window.wait(f"{charts} > 0 && {charts} === document.querySelectorAll('canvas').length")
        assert window.run(_RANGES) == 1500
        assert window.errors == []


@NEEDS_BROWSER
def test_the_policy_stops_code_and_requests(trained: Trained, tmp_path: Path) -> None:
    """Also if HTML of a stranger were not escaped; without the policy, the tests would see it."""
    address = "http://127.0.0.1:9/x.png"
    bad = f'<script>console.log("it runs")</script><img src="{address}">'
    text = dlrun.report(trained()).replace("<footer>", f"{bad}<footer>")
    open_text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    for name, content, runs in (("strict", text, False), ("open", open_text, True)):
        page, folder = tmp_path / f"{name}.html", tmp_path / name
        folder.mkdir()
        page.write_text(content)
        _, shown, requests = browsed(page, folder)
        assert ("it runs" in shown) == runs
        assert ("script-src" in shown) == ("img-src" in shown) == (not runs)
        assert set(requests) == ({address} if runs else set())


@NEEDS_BROWSER
def test_a_report_prints(trained: Trained, tmp_path: Path) -> None:
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    dlrun.report(trained(), page)
    assert BROWSER is not None
    command = [BROWSER, *FLAGS]
    command += [f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={paper}", page.as_uri()]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert paper.read_bytes().startswith(b"%PDF")
    assert paper.stat().st_size > 50_000  # with the charts, not only text
