import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dlrun.data.samples import Lazy
from dlrun.data.sources.npz import Npz
from dlrun.errors import DataError


def load(folder, x, y, **options):
    np.savez(folder / "a.npz", x=x, y=y)
    return Npz(path="a.npz", **options).load(0, folder)


def refusal(folder, x, y, **options):
    with pytest.raises(DataError) as raised:
        load(folder, x, y, **options)
    return str(raised.value)


def test_a_table_of_a_classification(tmp_path):
    x = np.arange(6.0).reshape(3, 2)
    data = load(tmp_path, x, np.array([7, -2, 7], np.int16))
    np.testing.assert_array_equal(data.inputs, x)
    assert data.inputs.dtype == np.float64
    assert data.task == "classification"
    assert data.classes == ("-2", "7")
    assert data.targets.tolist() == [1, 0, 1]
    assert data.targets.dtype == np.int64
    assert [column.name for column in data.columns] == ["x0", "x1"]


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, ">i8"])
def test_whole_numbers_beyond_float64_are_told(tmp_path, dtype):
    x = np.array([[1, 2**53], [2, 2**53 + 2], [3, 2**53 + 1], [2**63 - 1, 0]], dtype)
    (note,) = load(tmp_path, x, np.array([0, 1, 0, 1])).notes
    assert note.startswith("a.npz: row 2 of 'x': 9007199254740993 loses digits")
    assert load(tmp_path, x[:2], np.array([0, 2**60 + 1])).notes == ()
    (note,) = load(tmp_path, x[:2], np.array([0, 2**60 + 1], dtype), task="regression").notes
    assert note.startswith("a.npz: row 1 of 'y': 1152921504606846977 loses digits")


@pytest.mark.parametrize(
    ("y", "classes"),
    [([True, False], ("False", "True")), (["b", "a"], ("a", "b")), ([[10], [9]], ("9", "10"))],
)
def test_labels(tmp_path, y, classes):
    data = load(tmp_path, np.zeros((2, 1)), np.array(y))
    assert data.classes == classes
    assert data.targets.tolist() == [1, 0]


@pytest.mark.parametrize("y", [[0.5, 1.0], [[0.5], [1.0]]])
def test_floats_are_a_regression(tmp_path, y):
    data = load(tmp_path, np.zeros((2, 1)), np.array(y))
    assert data.task == "regression"
    assert data.classes is None
    assert data.targets.dtype == np.float64
    assert data.targets.tolist() == [[0.5], [1.0]]


def test_a_class_at_each_place_of_a_sample(tmp_path):
    data = load(tmp_path, np.zeros((2, 3, 1)), np.array([["b", "a", "b"], ["c", "a", "a"]]))
    assert data.targets.tolist() == [[1, 0, 1], [2, 0, 0]]
    assert data.classes == ("a", "b", "c")
    more = further(tmp_path, data, np.zeros((1, 3, 1)), np.array([["c", "c", "a"]]))
    assert more.targets.tolist() == [[2, 2, 0]]
    with pytest.raises(DataError, match=r"row 1 of 'y': 'd' is not a class"):
        further(tmp_path, data, np.zeros((2, 3, 1)), np.array([["a"] * 3, ["a", "d", "a"]]))
    with pytest.raises(DataError, match=r"targets of shape \(2,\), .* \(3,\)"):
        further(tmp_path, data, np.zeros((1, 3, 1)), np.array([["c", "a"]]))


def test_labels_of_a_sample(tmp_path):
    y = np.array([[0, 1, 1], [1, 0, 0]])
    data = load(tmp_path, np.zeros((2, 1)), y, task="multi_label")
    assert (data.task, data.classes) == ("multi_label", ("y0", "y1", "y2"))
    assert data.targets.dtype == np.float32
    assert data.targets.tolist() == y.tolist()
    assert further(tmp_path, data, np.zeros((2, 1)), y).task == "multi_label"
    with pytest.raises(DataError, match=r"targets of shape \(2,\), .* \(3,\)"):
        further(tmp_path, data, np.zeros((2, 1)), y[:, :2])


def test_images_as_targets(tmp_path):
    data = load(tmp_path, np.zeros((2, 4, 4, 1)), np.zeros((2, 4, 4, 1)))
    assert (data.task, data.targets.shape) == ("regression", (2, 4, 4, 1))


def test_the_task_is_declared(tmp_path):
    x = np.zeros((2, 1))
    assert load(tmp_path, x, [1.0, 3.0], task="classification").classes == ("1", "3")
    assert load(tmp_path, x, [1, 3], task="regression").targets.tolist() == [[1.0], [3.0]]


@pytest.mark.parametrize(
    ("shape", "dtype", "sample", "scale"),
    [
        ((4, 3, 3), np.uint8, (3, 3, 1), 255),
        ((4, 3, 3, 3), np.uint8, (3, 3, 3), 255),
        ((4, 3, 3), np.int32, (3, 3), 1),
        ((4, 3), np.uint8, (3,), 1),
        ((4,), np.bool_, (1,), 1),
    ],
)
def test_forms_of_inputs(tmp_path, shape, dtype, sample, scale):
    x = (np.arange(np.prod(shape)) % 256).astype(dtype).reshape(shape)
    data = load(tmp_path, x, np.arange(4))
    assert data.sample_shape == sample
    np.testing.assert_array_equal(data.inputs.ravel() * np.float32(scale), x.ravel())
    assert (data.columns is None) == (len(sample) > 1)


def test_other_names(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=np.ones((2, 1)), y_train=[0, 1])
    assert len(Npz(path="a.npz", inputs="x_train", targets="y_train").load(0, tmp_path)) == 2
    with pytest.raises(DataError, match=r"a\.npz: no array 'x'; .*x_train, y_train"):
        Npz(path="a.npz").load(0, tmp_path)


def test_faults_of_arrays(tmp_path):
    x = np.zeros((3, 2))
    assert "same number" in refusal(tmp_path, x, np.zeros(2))
    assert "same number" in refusal(tmp_path, x, 1.0)
    assert "is empty" in refusal(tmp_path, np.zeros((0, 2)), np.zeros(0))
    assert "is empty" in refusal(tmp_path, np.zeros((3, 0)), np.zeros(3))
    x[0, 0], x[1, 1] = np.nan, np.inf
    assert "2 of 6 values of 'x' are NaN or infinite" in refusal(tmp_path, x, np.zeros(3))
    assert "1 of 1 values of 'x'" in refusal(tmp_path, np.array([1e300]), np.zeros(1))
    good = np.zeros((3, 2))
    assert "1 of 3 values of 'y'" in refusal(tmp_path, good, np.array([0.0, np.nan, 1.0]))
    assert "holds complex128" in refusal(tmp_path, good.astype(complex), np.zeros(3))
    assert "is empty" in refusal(tmp_path, good, np.zeros((3, 0), int))
    assert "holds fractions" in refusal(tmp_path, good, np.full(3, 0.5), task="classification")
    assert "is empty" in refusal(tmp_path, good, np.zeros((3, 0)))
    labels = {"task": "multi_label"}
    assert "must be (samples, labels)" in refusal(tmp_path, good, np.zeros(3, int), **labels)
    assert "must hold only 0 and 1" in refusal(tmp_path, good, np.full((3, 2), 2), **labels)
    assert "holds complex128" in refusal(tmp_path, good, np.zeros(3, complex))


def test_python_objects_stay_shut(tmp_path):
    assert "cannot be read" in refusal(tmp_path, np.array([{}, {}]), np.zeros(2))


def test_files_that_are_no_archive(tmp_path):
    np.save(tmp_path / "one.npy", np.zeros(3))
    for path, message in (("none.npz", "No such file"), ("one.npy", "a single array")):
        with pytest.raises(DataError, match=message):
            Npz(path=path).load(0, tmp_path)
    for content in (b"", b"text", b"PK\x03\x04 broken"):
        (tmp_path / "broken.npz").write_bytes(content)
        with pytest.raises(DataError, match=r"broken\.npz: not an \.npz file"):
            Npz(path="broken.npz").load(0, tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_archive_is_read_or_refused(tmp_path, place, byte, cut):
    np.savez_compressed(tmp_path / "a.npz", x=np.arange(12.0).reshape(4, 3), y=np.arange(4))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    at = int(place * len(content))
    content[at] = byte
    (tmp_path / "a.npz").write_bytes(content[:at] if cut else content)
    try:
        data = Npz(path="a.npz").load(0, tmp_path)
    except DataError as error:
        assert str(error).startswith("a.npz")
    else:
        assert len(data) == 4


def further(folder, train, x, y):
    np.savez(folder / "more.npz", x=x, y=y)
    return Npz(path="a.npz").load_file("more.npz", folder, like=train)


def test_a_further_file_has_the_classes_of_the_training_data(tmp_path):
    train = load(tmp_path, np.zeros((3, 2)), np.array([5, 7, 9]))
    data = further(tmp_path, train, np.ones((2, 2)), np.array([9, 7]))
    assert data.targets.tolist() == [2, 1]
    assert data.classes == train.classes
    with pytest.raises(DataError, match=r"more\.npz: row 1 of 'y': '8' is not a class"):
        further(tmp_path, train, np.ones((2, 2)), np.array([9, 8]))
    with pytest.raises(DataError, match=r"samples of shape \(3,\), .* \(2,\)"):
        further(tmp_path, train, np.ones((2, 3)), np.array([9, 7]))


def test_a_further_file_of_a_regression(tmp_path):
    train = load(tmp_path, np.zeros((3, 2)), np.zeros((3, 2)))
    assert further(tmp_path, train, np.ones((2, 2)), np.ones((2, 2))).targets.shape == (2, 2)
    with pytest.raises(DataError, match=r"targets of shape \(1,\), .* \(2,\)"):
        further(tmp_path, train, np.ones((2, 2)), np.ones(2))


@pytest.fixture
def mapped(monkeypatch):
    monkeypatch.setattr("dlrun.data.files.array_file._LARGE", 0)


@pytest.mark.usefixtures("mapped")
@pytest.mark.parametrize("dtype", [np.uint8, ">f8", np.int64, np.bool_])
def test_large_arrays_stay_in_the_file(tmp_path, dtype, monkeypatch):
    x = np.random.default_rng(0).integers(0, 256, (30, 4, 5)).astype(dtype)
    y = np.repeat(["b", "a"], 15)
    lazy = load(tmp_path, x, y)
    assert isinstance(lazy.inputs, Lazy)
    monkeypatch.setattr("dlrun.data.files.array_file._LARGE", 1 << 30)
    whole = Npz(path="a.npz").load(0, tmp_path)
    assert isinstance(whole.inputs, np.ndarray)
    assert lazy.sample_shape == whole.sample_shape
    np.testing.assert_array_equal(lazy.inputs, whole.inputs)
    np.testing.assert_array_equal(lazy.targets, whole.targets)
    assert lazy.classes == whole.classes


@pytest.mark.usefixtures("mapped")
def test_packed_arrays_are_read(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.ones((3, 2)), y=[0, 1, 0])
    assert isinstance(Npz(path="a.npz").load(0, tmp_path).inputs, np.ndarray)


@pytest.mark.usefixtures("mapped")
def test_faults_of_large_arrays(tmp_path):
    x = np.zeros((3, 2))
    x[2, 1] = np.nan
    with pytest.raises(DataError, match=r"a\.npz: row 2 of 'x' has values that are NaN"):
        load(tmp_path, x, np.zeros(3)).inputs[:]
    assert "holds complex128" in refusal(tmp_path, x.astype(complex), np.zeros(3))
    assert "cannot be read" in refusal(tmp_path, np.array([{}, {}]), np.zeros(2))
    assert "same number" in refusal(tmp_path, x, np.zeros(2))
    labels = np.array([[0, 1], [1, 0], [1, 2]])
    assert "only 0 and 1" in refusal(tmp_path, x, labels, task="multi_label")


@pytest.mark.usefixtures("mapped")
@example(place=0.640625, byte=35, cut=False)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_archive_of_large_arrays_is_read_or_refused(tmp_path, place, byte, cut):
    np.savez(tmp_path / "a.npz", x=np.arange(12.0).reshape(4, 3), y=np.arange(4))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    at = int(place * len(content))
    content[at] = byte
    (tmp_path / "a.npz").write_bytes(content[:at] if cut else content)
    try:
        data = Npz(path="a.npz").load(0, tmp_path)
        assert data.inputs[:].shape[0] == len(data) == 4
    except DataError as error:
        assert str(error).startswith("a.npz")


def test_many_labels_are_sorted_by_stretches(tmp_path, monkeypatch):
    monkeypatch.setattr("dlrun.data.sources.forms.array_targets._STRETCH", 7)
    y = np.random.default_rng(0).integers(-50, 50, 100)
    data = load(tmp_path, np.zeros((100, 1)), y)
    values, codes = np.unique(y, return_inverse=True)
    assert data.classes == tuple(map(str, values))
    np.testing.assert_array_equal(data.targets, codes)
