from __future__ import annotations

import sys
import unicodedata

import pytest

from dlrun.printable import markdown, printable, reason_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, größe, 数, 🙂", "plain, größe, 数, 🙂"),
        ("a\\x1b", "a\\x1b"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("\x00\x07\x08\x7f", r"\x00\x07\x08\x7f"),
        ("\x84\x9b31m", r"\x84\x9b31m"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("a\u200bb\u2066c\ufeff", r"a\u200bb\u2066c\ufeff"),
        ("a\u2028b\u2029c\u0085", r"a\u2028b\u2029c\x85"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
        ("a\u00a0b\u3000c", "a\u00a0b\u3000c"),
    ],
)
def test_what_has_no_shape_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_no_character_that_a_terminal_obeys_is_left() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    left = {unicodedata.category(letter) for letter in printable(everything)}
    assert not left & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    printable(everything).encode()


def test_markdown_shows_the_text_itself() -> None:
    shown = markdown("a|b <i>`c`</i> & [d](e)\n# f")
    assert shown == "a&#124;b &lt;i>&#96;c&#96;&lt;/i> &amp; [d]&#40;e)\\n# f"


def test_what_a_library_says_about_a_file_is_one_line_that_is_not_long() -> None:
    assert reason_of(ValueError("bad  header\nof 'x'")) == "bad header of 'x'"
    text = reason_of(ValueError(f"header b'{'x' * 5000}' differs"))
    assert text.startswith("header b'x")
    assert text.endswith("differs")
    assert len(text) == 300
