from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from dlrun.data.dataset import Dataset
from dlrun.data.sources.text import Text
from dlrun.errors import DataError

TABLE = 'id,text,label\n1,"Good, really",b\n2, Bad. ,a\n3,"two\nlines",b\n'


def load(folder: Path, table: str | None = TABLE, **options: object) -> Dataset:
    if table is not None:
        (folder / "t.csv").write_text(table, encoding="utf-8")
    return Text(**{"path": "t.csv", **options}).load(0, folder)  # type: ignore[arg-type]


def refusal(folder: Path, table: str | None = TABLE, **options: object) -> str:
    with pytest.raises(DataError) as raised:
        load(folder, table, **options)
    return str(raised.value)


def test_a_table_has_a_text_and_a_label_in_a_row(tmp_path: Path) -> None:
    data = load(tmp_path)
    assert data.inputs.tolist() == ["Good, really", "Bad.", "two\nlines"]  # type: ignore[union-attr]
    assert data.inputs.shape == (3,) and data.sample_shape == () and data.texts
    assert data.classes == ("a", "b") and data.codes.tolist() == [1, 0, 1]
    assert data.task == "classification" and data.columns is None
    taken = data.take(np.array([0, 2]))
    assert taken.inputs.tolist() == ["Good, really", "two\nlines"]  # type: ignore[union-attr]


def test_columns_delimiters_and_packed_tables(tmp_path: Path) -> None:
    (tmp_path / "t.tsv.gz").write_bytes(gzip.compress("w\ts\nNA\t1.5\nß\t-2\n".encode()))
    data = load(
        tmp_path,
        None,
        path="t.tsv.gz",
        text="w",
        target="s",
        delimiter="\t",
        task="regression",
    )
    assert data.inputs.tolist() == ["NA", "ß"]  # type: ignore[union-attr]
    assert data.targets.tolist() == [[1.5], [-2.0]] and data.classes is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("txt,label\na,b\n", {}, "t.csv:1: the header has no column 'text'; did you mean 'txt'"),
        ("text,lable\na,b\n", {}, "t.csv:1: the header has no column 'label'; did you mean"),
        ("text,label\na,b\n  ,b\n", {}, "t.csv:3: column 'text': the text is missing"),
        ("text,label\na,b\nc,\n", {}, "t.csv:3: column 'label': the label is missing"),
        (
            "text,label\na,b\nok,b\n",
            {"missing": ("ok",)},
            "t.csv:3: column 'text': the text is missing ('ok' means a missing value); fill it in "
            "or remove the row; if that is a value, remove it from data.source.missing",
        ),
        (
            "text,label\na,b\nNA,b\n",
            {"missing": ("NA",)},
            "t.csv:3: column 'text': the text is miss",
        ),
        (
            "text,label\na,b\nc,NA\n",
            {},
            "t.csv:3: column 'label': the label is missing ('NA' means a missing value); fill it "
            "in or remove the row; if that is a value, set data.source.usual_missing to false",
        ),
        ('text,label\n"a\nb",1\nc,x\n', {"task": "regression"}, "t.csv:4: column 'label': 'x' is"),
        ("text,label\n", {}, "t.csv: no rows after the header"),
        ('text,label\n"open,b\n', {}, "t.csv:2: unexpected end of data; look for a quote"),
        ("text,label\na,b,c\n", {}, "t.csv:2: 3 fields, the header has 2"),
    ],
)
def test_faults_of_a_table_have_their_line(
    tmp_path: Path, text: str, options: dict[str, object], says: str
) -> None:
    assert refusal(tmp_path, text, **options).startswith(says)


def test_another_encoding_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"text,label\nok,a\ngr\xfc\xdfe,b\n")
    assert refusal(tmp_path, None) == "t.csv:3: not UTF-8 text; save the file as UTF-8"
    assert refusal(tmp_path, None, path="no.csv").startswith("no.csv: No such file")


def test_text_and_target_are_two_columns() -> None:
    with pytest.raises(ValidationError, match="'label' cannot be both the text and the target"):
        Text(path="t.csv", text="label")


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name, text in (
        ("pos/1.txt", "so good\n"),
        ("pos/more/2.TXT", "\ufeffgreat"),
        ("neg/1.txt", "bad"),
        ("neg/.hidden.txt", "no"),
        ("neg/notes.md", "no"),
        (".git/x.txt", "no"),
        ("none/readme.md", "no"),
    ):
        path = tmp_path / "mail" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_folder_is_a_class(folders: Path) -> None:
    data = load(folders, None, path="mail")
    assert data.inputs.tolist() == ["bad", "so good", "great"]  # type: ignore[union-attr]
    assert data.classes == ("neg", "pos") and data.codes.tolist() == [0, 1, 1]
    source = Text(path="mail")
    assert source.files(folders) == () and Text(path="t.csv").files(folders) == (folders / "t.csv",)
    assert source.anchored(folders).path == str(folders / "mail")


def test_faults_of_folders_name_the_file(folders: Path) -> None:
    assert refusal(folders, None, path="mail", task="regression").startswith("mail: folders are")
    (folders / "mail" / "neg" / "1.txt").write_text(" \n")
    assert refusal(folders, None, path="mail").startswith("mail/neg/1.txt: the file is empty")
    (folders / "mail" / "neg" / "1.txt").write_bytes(b"a\n\xff")
    assert refusal(folders, None, path="mail").startswith("mail/neg/1.txt:2: not UTF-8 text")
    assert refusal(folders, None, path="mail/neg").startswith("mail/neg: no folder with .txt")


def test_further_texts_keep_to_the_classes(folders: Path) -> None:
    source, data = Text(path="t.csv"), load(folders)
    (folders / "more.csv").write_text("text,label\nx,b\n")
    more = source.load_file("more.csv", folders, data)
    assert more.codes.tolist() == [1] and more.classes == data.classes
    (folders / "more.csv").write_text("text,label\nx,b\ny,c\n")
    with pytest.raises(DataError, match=r"more\.csv:3: column 'label': 'c' is not a class"):
        source.load_file("more.csv", folders, data)
    with pytest.raises(DataError, match="mail: the training data has no class 'neg'"):
        source.load_file("mail", folders, data)


@pytest.mark.parametrize("usual", [True, False])
def test_usual_spellings_of_missing_values_are_texts(tmp_path: Path, usual: bool) -> None:
    data = load(tmp_path, "text,label\nNA,a\nnull,b\n?,a\n", usual_missing=usual)
    assert data.inputs.tolist() == ["NA", "null", "?"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("missing", ("ok",)),
        ("usual_missing", False),
        ("delimiter", ";"),
        ("text", "t"),
        ("target", "l"),
    ],
)
def test_keys_for_tables_are_refused_for_folders(tmp_path: Path, key: str, value: object) -> None:
    for each in ("a", "b"):
        (tmp_path / "texts" / each).mkdir(parents=True)
        (tmp_path / "texts" / each / "1.txt").write_text("ok")
    assert load(tmp_path, None, path="texts").inputs.tolist() == ["ok", "ok"]  # type: ignore[union-attr]
    assert f"texts: '{key}' is a key for tables" in refusal(
        tmp_path, None, path="texts", **{key: value}
    )
