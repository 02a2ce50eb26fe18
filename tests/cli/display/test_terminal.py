from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest

from dlrun.cli.display.terminal import Terminal


class Screen(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def ordinary_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def run(program: str, reads: int = 0, **options: object) -> subprocess.CompletedProcess[str]:
    """Run Python, read that many lines of its output and close the pipe."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )
    assert process.stdout is not None
    assert process.stderr is not None
    out = "".join(process.stdout.readline() for _ in range(reads))
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    return subprocess.CompletedProcess(process.args, process.wait(30), out, err)


def test_progress_is_live_on_a_terminal_and_plain_elsewhere() -> None:
    assert Terminal(Screen()).mode() == "live"
    assert Terminal(io.StringIO()).mode() == "plain"


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_redraw_gets_lines(
    monkeypatch: pytest.MonkeyPatch, term: str
) -> None:
    monkeypatch.setenv("TERM", term)
    assert Terminal(Screen()).mode() == "plain"


def test_what_the_user_asks_for_comes_first() -> None:
    terminal = Terminal(Screen())
    assert terminal.mode(plain=True) == "plain"
    assert terminal.mode(quiet=True) == "quiet"
    assert terminal.mode(json=True) == "json"
    assert terminal.mode(json=True, quiet=True, plain=True) == "json"


def test_lines_go_out_as_they_are() -> None:
    out, err = Screen(), Screen()
    Terminal(out, err).line("[bold]a[/bold] 1.5 'x'")
    assert (out.getvalue(), err.getvalue()) == ("[bold]a[/bold] 1.5 'x'\n", "")


def test_errors_are_red_and_whole() -> None:
    out, err = Screen(), Screen()
    line = "spec.yaml:14:9: unknown optimizer '[adma]'; " + "known: adam " * 20
    Terminal(out, err).error(line)
    assert err.getvalue() == f"\x1b[31m{line}\x1b[0m\n"
    assert out.getvalue() == ""


def test_the_middle_of_an_endless_error_is_left_out() -> None:
    out, err = io.StringIO(), io.StringIO()
    Terminal(out, err).error(f"spec.yaml:1:2: unknown key '{'k' * 10**6}'; remove it")
    said = err.getvalue()
    assert len(said) < 4_000
    assert said.startswith("spec.yaml:1:2: unknown key 'kk") and said.endswith("k'; remove it\n")
    assert "(1,000,040 letters)" in said


def test_notes_go_where_errors_go() -> None:
    out, err = io.StringIO(), io.StringIO()
    Terminal(out, err).note("compiling [kernels]")
    assert (out.getvalue(), err.getvalue()) == ("", "compiling [kernels]\n")


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out, err = Screen(), Screen()
    terminal = Terminal(out, err)
    terminal.error("wrong")
    terminal.styled(["done", "[b]path"], "completed")
    assert "\x1b[3" not in err.getvalue() + out.getvalue()
    assert "wrong\n" in err.getvalue()


def test_a_file_gets_no_escape_codes() -> None:
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(out, err)
    terminal.error("wrong")
    terminal.styled(["done", "[b]path"], "completed")
    assert (out.getvalue(), err.getvalue()) == ("done\n[b]path\n", "wrong\n")


@pytest.mark.parametrize("call", ["line(str(i))", "styled([str(i)], 'best')"])
def test_the_work_goes_on_when_the_reader_goes_away(call: str) -> None:
    program = (
        "import sys; from dlrun.cli.display.terminal import Terminal; terminal = Terminal()\n"
        f"for i in range(20000): terminal.{call}\n"
        "print('to the end', file=sys.stderr); sys.exit(7)"
    )
    result = run(program, reads=2)
    assert (result.stdout, result.stderr, result.returncode) == ("0\n1\n", "to the end\n", 7)


def test_letters_that_the_encoding_lacks_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    program = (
        "from dlrun.cli.display.terminal import Terminal; terminal = Terminal()\n"
        "terminal.line('größe'); terminal.styled(['größe'], 'best')"
    )
    result = run(program, reads=2)
    assert (result.stdout, result.returncode) == ("gr\\xf6\\xdfe\n" * 2, 0)


SENTENCE = "Trials that were not trained do not count for the number of trials of the study."


def test_a_sentence_is_cut_at_spaces_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    out, err = Screen(), Screen()
    terminal = Terminal(out, err)
    terminal.sentence(SENTENCE)
    terminal.note(SENTENCE)
    for text in (out.getvalue(), re.sub(r"\x1b\[[\d;]*m", "", err.getvalue())):
        lines = text.splitlines()
        assert len(lines) > 1 and max(map(len, lines)) <= 30
        assert " ".join(line.strip() for line in lines) == SENTENCE


def test_a_sentence_is_a_line_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(out, err)
    terminal.sentence(SENTENCE)
    terminal.error(SENTENCE)
    assert out.getvalue() == err.getvalue() == f"{SENTENCE}\n"


def test_a_long_word_of_a_sentence_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    out = Screen()
    Terminal(out).sentence("it is in studies/moons-with-a-long-name/plots")
    assert out.getvalue() == "it is in\nstudies/moons-with-a-long-name/plots\n"
