import pytest
from people_table import TABLE, section

import dlrun
from dlrun.data.prepared import prepare
from dlrun.data.preprocess.impute import Impute
from dlrun.data.preprocess.one_hot import OneHot
from dlrun.data.section import DataSection
from dlrun.data.sources.moons import Moons
from dlrun.data.split.section import Split
from dlrun.errors import DataError, SpecError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path


def test_a_source_without_files_takes_no_file(tmp_path):
    with pytest.raises(DataError, match="'moons' does not read files"):
        prepare(DataSection(source=Moons(), split=Split(test="t.csv")), 0, tmp_path)


def test_one_class_is_no_classification(folder):
    (folder / "t.csv").write_text("x,y\n1,a\n2,a\n")
    with pytest.raises(DataError, match="all targets have the same class, 'a'"):
        prepare(section(), 0, folder)


def test_the_fingerprint_is_that_of_the_data(folder):
    steps = (Impute(), OneHot())
    (folder / "v.csv").write_text("y,age,city\nb,1,Rome\n")

    def fingerprint(seed=0, **split):
        return prepare(section(*steps, **split), seed, folder).fingerprint

    whole = fingerprint()
    assert [len(each) for each in whole.split("+")] == [64, 32]
    assert fingerprint(seed=1) == fingerprint(test=0.1) == whole
    with_file = fingerprint(validation="v.csv")
    assert with_file != whole
    (folder / "v.csv").write_text("y,age,city\nb,2,Rome\n")
    assert fingerprint(validation="v.csv") != with_file
    (folder / "t.csv").write_text(TABLE.replace("Rome,1,", "Rome,1.5,"))
    assert fingerprint() != whole
    (folder / "t.csv").write_text(TABLE.replace("Rome,1,a", "Rome,1,b"))
    assert fingerprint() != whole


def test_an_error_of_a_further_file_has_the_place_of_its_key(tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n1,a\n2,b\n")
    (tmp_path / "v.csv").write_text("x,y\n1,c\n")
    spec = tmp_path / "spec.yaml"
    for file, says in (
        ("v.csv", "v.csv:2: column 'y': 'c' is not"),
        ("w.csv", "did you mean 'v.csv'"),
    ):
        spec.write_text(
            "name: t\ndata:\n  source: {csv: {path: t.csv, target: y}}\n"
            f"  split:\n    validation: {file}\nmodel: [dense: 2]\nloss: cross_entropy\n"
        )
        with pytest.raises(SpecError) as raised:
            dlrun.check(spec)
        (line,) = raised.value.errors
        assert line.startswith(f"{spec}:5:17: {file}")
        assert says in line
