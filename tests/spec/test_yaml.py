from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.errors import SpecError
from dlrun.spec.nodes import Mapping, Node, plain
from dlrun.spec.problems import Problems
from dlrun.spec.yaml import MAX_BYTES, parse, read


def parsed(text: str) -> Any:
    problems = Problems()
    node = parse(text, "f", problems)
    problems.raise_if_any()
    assert node is not None
    return plain(node)


def faults(text: str) -> list[str]:
    problems = Problems()
    parse(text, "f", problems)
    return problems.lines()


@pytest.mark.parametrize("text", ["9" * 5000, "0x" + "f" * 5000, "0." + "1" * 5000, "1e999"])
def test_a_number_beyond_all_use_is_an_error_with_its_place(text: str) -> None:
    (error,) = faults(f"a: {text}")
    assert error.startswith("f:1:4: ")


def test_quoted_is_text() -> None:
    assert parsed("a: '1'\nb: \"true\"\nc: ''") == {"a": "1", "b": "true", "c": ""}


def test_lists_become_tuples() -> None:
    assert parsed("a: [1, [2]]\nb:\n  - x\n") == {"a": (1, (2,)), "b": ("x",)}


def test_nodes_know_line_and_column() -> None:
    problems = Problems()
    root = parse("a: 1\nb:\n  - x\n  - {k: v}\n", "dir/f.yaml", problems)
    assert isinstance(root, Mapping)
    found: list[str] = []

    def walk(node: Node) -> None:
        found.append(str(node.origin))
        if isinstance(node, Mapping):
            for entry in node.entries.values():
                found.append(str(entry.key))
                walk(entry.value)
        else:
            for item in getattr(node, "items", ()):
                walk(item)

    walk(root)
    places = ["1:1", "1:1", "1:4", "2:1", "3:3", "3:5", "4:5", "4:6", "4:9"]
    assert found == [f"dir/f.yaml:{place}" for place in places]


@pytest.mark.parametrize(
    ("text", "start", "words"),
    [
        ("a: 1\nb: 2\na: 3", "f:3:1:", "duplicate key 'a'; first used at f:1:1"),
        ("a: {b: 1, b: 2}", "f:1:11:", "duplicate key 'b'"),
        ("1: x", "f:1:1:", "in quotes"),
        ("true: x", "f:1:1:", "in quotes"),
        ("[a]: x", "f:1:1:", "list or mapping"),
        ("<<: {a: 1}", "f:1:1:", "merge key"),
        ("a: !!python/object/apply:os.system [x]", "f:1:4:", "tag"),
        ("a: !!str 1", "f:1:4:", "tag"),
        ("a: *x", "f:1:4:", "not defined"),
        ("a: &x [*x]", "f:1:8:", "inside itself"),
        ("a: 1\n---\nb: 2", "f:2:1:", "second document"),
        ("a:\n\tb: 1", "f:2:1:", "not tabs"),
        ("a: {b: ${c}}", "f:1:9:", "in quotes"),
        ("a: [1,", "f:", "not YAML"),
        ("a: b: c", "f:1:5:", "not YAML"),
        ("a: ,", "f:1:4:", "must be in quotes"),
        ("a: x\x00", "f:1:5:", "does not allow"),
        ("a: \udcff", "f:1:4:", "not valid Unicode"),
    ],
)
def test_faults_have_a_place_and_say_what_to_do(text: str, start: str, words: str) -> None:
    (fault,) = faults(text)
    assert fault.startswith(start)
    assert words in fault
    assert "; " in fault


def test_several_faults_are_all_found() -> None:
    assert len(faults("a: 1\na: 2\nb: !!x 1\n1: 2\n")) == 3


def test_depth_is_limited() -> None:
    assert parsed("[" * 64 + "]" * 64)
    assert "64 levels" in faults("[" * 65 + "]" * 65)[0]
    assert "64 levels" in faults("[" * 50_000)[0]


def test_aliases_count_with_what_they_stand_for() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    assert "100,000" in faults(bomb)[0]
    deep = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 70))
    assert "64 levels" in faults(deep)[0]


def test_an_alias_is_the_same_value() -> None:
    assert parsed("a: &x {k: [1]}\nb: *x") == {"a": {"k": (1,)}, "b": {"k": (1,)}}


@given(st.text() | st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t$0.<~\r\x85\ufeff\udc80"))
def test_any_text_is_a_tree_or_has_faults(text: str) -> None:
    problems = Problems()
    node = parse(text, "f", problems)
    if not problems and node is not None:
        plain(node)


@given(content=st.binary())
def test_any_bytes_are_text_or_a_spec_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "f.yaml"
    path.write_bytes(content)
    try:
        text, _ = read(path)
    except SpecError as error:
        assert len(error.faults) == 1
    else:
        assert text.encode() in (content, content.removeprefix(b"\xef\xbb\xbf"))


def test_unreadable_files(tmp_path: Path) -> None:
    def fault(path: Path) -> str:
        with pytest.raises(SpecError) as caught:
            read(path)
        (line,) = caught.value.faults
        return line

    assert "no such file" in fault(tmp_path / "none.yaml")
    assert "directory" in fault(tmp_path)
    large, latin = tmp_path / "large.yaml", tmp_path / "latin.yaml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    assert "larger than 1 MiB" in fault(large)
    latin.write_bytes(b"a: 1\nb: \xe9\n")
    assert fault(latin).startswith(f"{latin}:2:4: not UTF-8")


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    assert parsed(read(path)[0]) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("{lr: 0,01}", ["1:6: 0,01 has a decimal comma; write 0.01"]),
        ("{lr: -1,5e-3, x: 2}", ["1:6: -1,5e-3 has a decimal comma; write -1.5e-3"]),
        ("[flatten, dropout: 0,5, relu]", ["1:20: 0,5 has a decimal comma; write 0.5"]),
        (
            "a: {b: 0,1, c: 0,9}",
            [
                "1:8: 0,1 has a decimal comma; write 0.1",
                "1:16: 0,9 has a decimal comma; write 0.9",
            ],
        ),
    ],
)
def test_a_decimal_comma_is_one_error(text: str, lines: list[str]) -> None:
    assert faults(text) == [f"f:{line}" for line in lines]


def test_other_commas_are_none() -> None:
    assert parsed("[3,3]") == (3, 3)
    assert parsed("{a: 3,b: 4}") == {"a": 3, "b": 4}
    assert parsed("{a: [3,3]}") == {"a": (3, 3)}
    assert parsed("[a: 0, 5]") == ({"a": 0}, 5)
    assert parsed("[{a: 0},5]") == ({"a": 0}, 5)
    assert parsed("{a: '0','5': 1}") == {"a": "0", "5": 1}
