"""The documentation is run: its specs are compiled, its commands and its Python are executed.

A page is read from top to bottom in a separate folder that contains the repository's experiments:

* a fence such as ``yaml moons.yaml`` is written to that file; a spec among them must compile, and
  one marked ``faulty`` must not;
* a ``yaml`` fence without a file is part of a spec: with the missing keys added it must compile;
* a ``python`` fence without a file is executed;
* a fence such as ``sh loop.sh`` is written to that file, which a command may run;
* in a ``console`` fence every ``$`` line is a command, followed by its output, in which ``...``
  matches any lines; the numbers of trainings may differ.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from sweeps import write_sweep

from dlrun.cli.app import run
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.study.sweep.compile import read_plan
from dlrun.study.sweep.sweep import Sweep

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted(DOCS.rglob("*.md")),
]
WRITTEN = [page for page in PAGES if page.parent != DOCS / "reference"]

LAYER_TESTS = ROOT / "tests" / "nn" / "layers" / "test_base.py"

NOT_RUN = ("git clone ", "cd ", "python3 -m venv ", "pip install ", ". ")
"""Commands that set up a machine; they are not run."""

FENCE = re.compile(r"^```(\w+)(?: (\S+))?( faulty)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    language: str
    file: str | None
    faulty: bool
    text: str


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> Iterator[Block]:
    for language, file, faulty, text in FENCE.findall(page.read_text(encoding="utf-8")):
        yield Block(language, file or None, bool(faulty), text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "experiments", tmp_path / "experiments")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("DLRUN_KERNELS", "numpy")  # nothing here is worth compiling kernels for
    return tmp_path


LONG = ("data.md", "python.md", "runs.md", "searching.md", "speed.md")
"""Pages whose commands train for many seconds."""


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=name(page), marks=[pytest.mark.slow] if page.name in LONG else [])
        for page in WRITTEN
    ],
)
def test_a_page_does_what_it_says(page: Path, folder: Path) -> None:
    names: dict[str, object] = {}
    for block in blocks(page):
        if block.file is not None:
            Path(block.file).write_text(block.text, encoding="utf-8")
        if block.language == "yaml":
            check_spec(block)
        elif block.language == "python" and block.file is None:
            exec(compile(block.text, str(page), "exec"), names)
        elif block.language == "console":
            check_console(block.text)


def check_spec(block: Block) -> None:
    keys = yaml.safe_load(block.text)
    if block.file is None and isinstance(keys, dict) and keys.keys() <= Sweep.model_fields.keys():
        file = write_sweep(Path(), "part.yaml", **keys)
    elif block.file is None:
        file = Path("part.yaml")
        file.write_text(completed(block.text), encoding="utf-8")
    else:
        file = Path(block.file)
    if block.faulty:
        with pytest.raises(SpecError):
            compile_spec(file)
    else:
        check_whole(file)


def check_whole(file: Path) -> None:
    """Compile a sweep, which has a ``space``, or a spec, which has none."""
    if "space" in yaml.safe_load(file.read_text()):
        read_plan(file)
    else:
        compile_spec(file, allow_plugins=True, to_look_at=True)


REST = {
    "name": "name: part\n",
    "data": "data: {source: digits}\n",
    "model": "model: [flatten, dense: '${classes}']\n",
    "loss": "loss: cross_entropy\n",
}


def completed(part: str) -> str:
    """A whole spec of a part: missing keys are added, and a list of layers gets a last layer."""
    keys = yaml.safe_load(part)
    if isinstance(keys, list):
        part = f"model:\n{part}- flatten\n- dense: ${{classes}}\n"
        keys = {"model": keys}
    return part + "".join(text for key, text in REST.items() if key not in keys)


def check_console(text: str) -> None:
    code = 0
    for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = entry.partition("\n")
        command = command.split("   #")[0]
        if command == "echo $?":
            assert expected.strip() == str(code)
        elif command.startswith("dlrun "):
            code = check_dlrun(shlex.split(command, comments=False)[1:], expected)
        elif command.startswith("sh "):
            check_script(command)
        elif command.startswith("make"):
            check_make(command.split()[1:])
        else:
            assert command.startswith(NOT_RUN), f"a command that nothing checks: {command}"


def check_dlrun(words: list[str], expected: str) -> int:
    """Run a command and compare its output; return its exit code."""
    piped = next((n for n, word in enumerate(words) if word in (">", "|")), len(words))
    words = [
        path for word in words[:piped] for path in (files(word) if "*" in word else ()) or [word]
    ]
    trains = words[0] in ("train", "tune", "plan", "study", "diff", "runs", "tag", "watch")
    if words[0] == "train" and not expected.strip():
        words.append("epochs=1")  # the output is not shown, so one epoch is enough
    screen = io.StringIO()
    with redirect_stdout(screen), redirect_stderr(screen):
        try:
            code = run(words, lambda: in_a_process(words))
        except SystemExit as ended:
            assert isinstance(ended.code, int)
            code = ended.code
    printed = screen.getvalue()
    if expected.strip():
        numbers = trains and code != 2
        assert matches(expected, printed, numbers=numbers), f"dlrun {words} printed\n{printed}"
    else:
        assert code == 0, printed
    return code


def in_a_process(words: list[str]) -> None:
    """Run a command that needs a process of its own, and raise SystemExit with its code."""
    done = subprocess.run(
        [sys.executable, "-m", "dlrun", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout, end="")
    raise SystemExit(done.returncode)


def files(pattern: str) -> list[str]:
    """The files that match a pattern, as in a shell."""
    return sorted(map(str, Path().glob(pattern)))


def matches(expected: str, printed: str, *, numbers: bool) -> bool:
    """Whether the printed text matches: ``...`` is any lines, and ``numbers`` ignores numbers."""
    lines = [shown(line, numbers) for line in expected.strip("\n").splitlines()]
    pattern = "".join(r"(.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in lines)
    output = "".join(f"{shown(line, numbers)}\n" for line in printed.strip("\n").splitlines())
    return re.fullmatch(pattern, output) is not None


def shown(line: str, numbers: bool) -> str:
    line = line.rstrip()
    if numbers:
        line = re.sub(r"\d{8}-\d{6}-[a-z0-9]{6}", "ID", line)
        line = re.sub(r" +best$", "", line)
        line = re.sub(r" *-?\b\d[\d.]*(e[-+]\d+)?", " N", line)
    return line


def check_script(command: str) -> None:
    """Run a shell script of the page, with the dlrun of this Python in its path."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        shlex.split(command), env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def check_make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE)
    for word in words:
        assert word in targets or re.fullmatch(r"[A-Z]+=\S+", word), f"make has no {word}"


def test_the_comparison_sees_differences() -> None:
    assert matches(
        "epoch 1/2  loss 0.5  best\n...\ndone\n", "epoch 1/2  loss 0.4\nx\ndone", numbers=True
    )
    assert not matches("epoch 1/2  loss 0.5\n", "epoch 1/2  accuracy 0.5\n", numbers=True)
    assert not matches("rows 3\n", "rows 4\n", numbers=False)
    assert not matches("one\n...\nthree\n", "one\ntwo\n", numbers=False)


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings on GitHub."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), link
        if anchor:
            assert anchor in headings(path), link


def test_the_gallery_is_what_the_findings_say(tmp_path: Path) -> None:
    builder = DOCS / "build_gallery.py"
    command = [sys.executable, str(builder), str(tmp_path / "experiments.md")]
    subprocess.run(command, check=True, cwd=ROOT)
    built = (tmp_path / "experiments.md").read_text()
    assert (DOCS / "guide" / "experiments.md").read_text() == built, "it is stale; run `make docs`"


def test_the_reference_is_what_the_classes_say(tmp_path: Path) -> None:
    # In a separate process, because other tests add components to the families.
    builder = DOCS / "build_reference.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(builder), str(tmp_path)], check=True, env=environment)
    built = {page.name: page.read_text() for page in tmp_path.iterdir()}
    committed = {page.name: page.read_text() for page in (DOCS / "reference").iterdir()}
    assert committed == built, "the reference is stale; run `make docs`"


def test_the_worked_example_passes_the_tests_of_all_layers(tmp_path: Path) -> None:
    page = DOCS / "design" / "how-to-write-a-layer.md"
    for block in blocks(page):
        if block.file is not None:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    program = (
        "import importlib.util\n"
        "from square import Square\n"
        f"spec = importlib.util.spec_from_file_location('layers', {str(LAYER_TESTS)!r})\n"
        "tests = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(tests)\n"
        "for shape in ((9,), (3, 4)):\n"
        "    layer = Square(scale=0.7)\n"
        "    tests.test_backward_is_the_derivative_of_forward(layer, shape)\n"
        "    tests.test_backward_reads_nothing_but_what_the_layer_keeps(layer, shape)\n"
        "    tests.test_backward_writes_and_never_adds(layer, shape)\n"
        "    tests.test_evaluation_gives_finite_numbers_of_the_declared_shape(layer, shape)\n"
    )
    paths = (ROOT, ROOT / "tests" / "support", tmp_path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
