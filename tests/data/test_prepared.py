import numpy as np
import pytest
from people_table import TABLE, section

from dlrun.data.prepared import prepare
from dlrun.data.preprocess.impute import Impute
from dlrun.data.preprocess.one_hot import OneHot
from dlrun.data.preprocess.standardize import Standardize
from dlrun.data.section import DataSection
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.diabetes import Diabetes
from dlrun.data.sources.digits import Digits
from dlrun.data.split.section import Split
from dlrun.errors import DataError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path


def test_parts_and_facts_of_a_table(folder):
    ready = prepare(section(Impute(), OneHot(), Standardize(), test=0.1), 0, folder)
    assert [len(part) for part in (ready.train, ready.validation, ready.test)] == [28, 8, 4]
    assert ready.facts == {"features": 3, "classes": 2}
    assert ready.absent_facts == {"vocabulary": "the data is not text"}
    assert ready.sample_shape == (3,)
    assert ready.source_shape == (2,)
    assert [c.name for c in ready.train.columns] == ["city=Paris", "city=Rome", "age"]
    np.testing.assert_allclose(ready.train.inputs.mean(axis=0), 0.0, atol=1e-6)
    np.testing.assert_allclose(ready.train.inputs.std(axis=0), 1.0, atol=1e-6)
    assert ready.test.columns == ready.validation.columns == ready.train.columns


def test_images(tmp_path):
    ready = prepare(DataSection(source=Digits(), split=Split(validation=0)), 0, tmp_path)
    assert ready.validation is None
    assert ready.test is None
    assert len(ready.train) == 1797
    assert ready.facts == {"features": 64, "classes": 10}
    assert ready.sample_shape == (8, 8, 1)


def test_a_regression_says_why_it_has_no_classes(tmp_path):
    ready = prepare(DataSection(source=Diabetes()), 0, tmp_path)
    assert ready.facts == {"features": 10}
    assert "regression" in ready.absent_facts["classes"]


def test_the_input_as_target(folder):
    data = section(Impute(), OneHot(), Standardize(), test=0.1, stratify=True)
    ready = prepare(data.model_copy(update={"target": "input"}), 0, folder)
    plain = prepare(data, 0, folder)
    for part in ("train", "validation", "test"):
        found = getattr(ready, part)
        np.testing.assert_array_equal(found.inputs, getattr(plain, part).inputs)
        np.testing.assert_array_equal(found.targets, found.inputs)
        assert (found.task, found.classes) == ("regression", None)
    assert ready.facts == {"features": 3}
    assert "regression" in ready.absent_facts["classes"]
    assert ready.fingerprint == plain.fingerprint


def test_parts_from_files_go_through_the_same_steps(folder):
    (folder / "v.csv").write_text("y,age,city\nb,,Rome\n")
    ready = prepare(section(Impute(), OneHot(), validation="v.csv"), 0, folder)
    assert len(ready.train) == 40
    ages = [row for row in range(40) if row % 7]
    assert ready.validation.inputs.tolist() == [[0, 1, np.float32(np.mean(ages))]]
    assert ready.validation.targets.tolist() == [1]
    (folder / "v.csv").write_text("y,age,city\nb,1,Oslo\n")
    with pytest.raises(DataError, match=r"v\.csv:2: .*'Oslo' is not a category"):
        prepare(section(Impute(), OneHot(), validation="v.csv"), 0, folder)


def test_what_a_network_cannot_read_is_refused(folder):
    with pytest.raises(DataError, match="city; add one_hot"):
        prepare(section(Impute()), 0, folder)
    with pytest.raises(DataError, match=r"training set: age \(\d\); add impute"):
        prepare(section(OneHot()), 0, folder)


def test_missing_values_of_a_file_are_found(folder):
    (folder / "t.csv").write_text("x,y\n1,a\n2,b\n")
    (folder / "v.csv").write_text("x,y\n,a\n")
    with pytest.raises(DataError, match=r"validation set: x \(1\)"):
        prepare(section(validation="v.csv"), 0, folder)


def test_balanced_sampling_is_for_one_class_a_sample(folder, tmp_path):
    data = section(Impute(), OneHot(), validation=0.5).model_copy(update={"sampling": "balanced"})
    ready = prepare(data, 0, folder)
    np.testing.assert_array_equal(ready.train.drawn_evenly, ready.train.targets)
    assert ready.validation.drawn_evenly is None
    with pytest.raises(
        DataError, match="balanced needs exactly one class per sample; set it to once"
    ):
        prepare(DataSection(source=Diabetes(), sampling="balanced"), 0, tmp_path)


def test_an_autoencoder_can_be_shown_classes_evenly(tmp_path):
    data = DataSection(source=Digits(), target="input", sampling="balanced")
    ready = prepare(data, 0, tmp_path)
    assert ready.train.task == "regression"
    assert set(ready.train.drawn_evenly.tolist()) == set(range(10))


def test_a_class_without_training_samples_is_reported(tmp_path):
    (tmp_path / "t.csv").write_text("a,part,y\n1,train,p\n2,train,q\n3,validation,r\n")
    section = DataSection(source=Csv(path="t.csv", target="y"), split=Split(part="part"))
    (note,) = prepare(section, 0, tmp_path).notes
    assert note.startswith("the training set has no sample of 1 of 3 classes")
    assert ": r; add samples, or set data.split.stratify to true" in note
    (tmp_path / "t.csv").write_text("a,part,y\n1,train,p\n2,train,q\n3,validation,q\n")
    assert prepare(section, 0, tmp_path).notes == ()
