"""Splits by groups, by time, by what the data says, and into folds."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dlrun.data.dataset import Dataset
from dlrun.data.delimited import TextColumn
from dlrun.data.marks import Marks
from dlrun.data.prepared import prepare
from dlrun.data.section import DataSection
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.images import Images
from dlrun.data.sources.npy import Npy
from dlrun.data.sources.npz import Npz
from dlrun.data.split import Split
from dlrun.errors import DataError

seeds = st.integers(0, 2**63 - 1)
fraction = st.sampled_from([0, 0.1, 0.2, 0.3])
groups = st.lists(st.integers(0, 11), min_size=60, max_size=200).filter(
    lambda given: len(set(given)) >= 8
)


def marked(values, codes=None, name="who"):
    values = [str(value) for value in values]
    column = TextColumn("t.csv", name, values, range(2, len(values) + 2), frozenset(("",)))
    marks = {name: Marks.of(column)}
    inputs = np.zeros((len(values), 1), np.float32)
    if codes is None:
        return Dataset(inputs, np.zeros((len(values), 1), np.float32), "regression", marks=marks)
    codes = np.asarray(codes, np.int64)
    names = tuple(f"c{code}" for code in range(codes.max() + 1))
    return Dataset(inputs, codes, "classification", names, marks=marks)


def parts(rows):
    return rows.train, rows.validation, rows.test


def check_division(rows, samples):
    together = np.concatenate(parts(rows))
    assert sorted(together.tolist()) == list(range(samples))
    for part in parts(rows):
        assert part.dtype == np.int64
        assert (np.diff(part) > 0).all()


@given(given=groups, validation=fraction, test=fraction, seed=seeds)
def test_no_group_is_in_two_parts(given, validation, test, seed):
    split = Split(by="who", validation=validation, test=test)
    rows = split.rows(marked(given), seed)
    check_division(rows, len(given))
    held = [{given[row] for row in part} for part in parts(rows)]
    assert sum(map(len, held)) == len(set.union(*held))
    assert [bool(part) for part in held] == [True, validation > 0, test > 0]


@given(given=groups, seed=seeds, shuffle=seeds)
def test_which_group_is_where_does_not_depend_on_the_order_of_rows(given, seed, shuffle):
    split = Split(by="who", validation=0.2, test=0.2)
    order = np.random.default_rng(shuffle).permutation(len(given))
    first = split.rows(marked(given), seed)
    other = split.rows(marked([given[row] for row in order]), seed)
    for one, two in zip(parts(first), parts(other), strict=True):
        assert {given[row] for row in one} == {given[order[row]] for row in two}


@given(number=st.integers(30, 90), size=st.integers(1, 5), seed=seeds)
def test_many_equal_groups_give_parts_of_the_sizes_asked_for(number, size, seed):
    data = marked(np.repeat(np.arange(number), size))
    rows = Split(by="who", validation=0.2, test=0.3).rows(data, seed)
    for part, share in zip(parts(rows), (0.5, 0.2, 0.3), strict=True):
        assert abs(len(part) - share * len(data)) <= 1.5 * size


def test_large_groups_are_found_in_all_parts():
    sizes = np.repeat(np.arange(40), [30] * 10 + [3] * 30)
    large = [0, 0, 0]
    for seed in range(20):
        rows = Split(by="who", validation=0.2, test=0.2).rows(marked(sizes), seed)
        for number, part in enumerate(parts(rows)):
            large[number] += len(set(sizes[part].tolist()) & set(range(10)))
    assert [count / sum(large) for count in large] == pytest.approx([0.6, 0.2, 0.2], abs=0.05)


@given(seed=seeds)
def test_groups_can_be_stratified(seed):
    random = np.random.default_rng(seed)
    who = random.integers(0, 60, 600)
    codes = (random.random(60) < 0.3).astype(int)[who]  # a group has one class
    split = Split(by="who", validation=0.25, test=0.25, stratify=True)
    rows = split.rows(marked(who, codes), seed)
    for part in parts(rows):
        assert abs(codes[part].mean() - codes.mean()) < 0.05


def test_groups_that_cannot_be_divided():
    with pytest.raises(DataError, match="2 groups are too few for 3 parts"):
        Split(by="who", test=0.2).rows(marked([0, 1] * 20), 0)
    with pytest.raises(DataError, match=r"t\.csv:4: column 'who': it is missing; fill it in"):
        Split(by="who").rows(marked(["a", "b", "", "c"]), 0)
    codes = [0] * 40 + [1]
    with pytest.raises(DataError, match="class 'c1' is in too few groups to be in every part"):
        Split(by="who", stratify=True).rows(marked([*range(40), 40], codes), 0)


times = st.lists(st.integers(-9, 9), min_size=10, max_size=80).filter(
    lambda given: len(set(given)) >= 7  # more than folds and parts there are in these tests
)


@given(given=times, validation=fraction, test=fraction, seed=seeds)
def test_by_time_the_latest_test(given, validation, test, seed):
    rows = Split(time="when", validation=validation, test=test).rows(
        marked(given, name="when"), seed
    )
    check_division(rows, len(given))
    found = [[given[row] for row in part] for part in parts(rows) if len(part)]
    for earlier, later in pairwise(found):
        assert max(earlier) < min(later)


@pytest.mark.parametrize(
    ("sizes", "validation", "test", "expected"),
    [
        # A panel: of each day several rows.  20 % of 10 rows are 2, and a day has 5.
        ([5, 5], 0.2, 0, [5, 5, 0]),
        ([4, 3, 3], 0.2, 0.2, [4, 3, 3]),
        # The boundary nearest to what is asked: 70 of 100 rows train, where 68 or 75 could.
        ([68, 7, 25], 0.3, 0, [68, 32, 0]),
        ([60, 12, 28], 0.3, 0, [72, 28, 0]),
        ([40, 30, 15, 15], 0.15, 0.15, [70, 15, 15]),
        # Each part has an instant where the nearest boundary is the same for both.
        ([1, 98, 1], 0.1, 0.1, [1, 98, 1]),
        ([97, 1, 1, 1], 0.1, 0.1, [97, 1, 2]),
    ],
)
def test_samples_of_one_time_stay_together(sizes, validation, test, expected):
    days = np.repeat([f"2026-01-{day:02}" for day in range(1, len(sizes) + 1)], sizes)
    order = np.random.default_rng(0).permutation(len(days))
    split = Split(time="when", validation=validation, test=test)
    rows = split.rows(marked(days[order], name="when"), 0)
    check_division(rows, len(days))
    assert [len(part) for part in parts(rows)] == expected
    held = [set(days[order][part]) for part in parts(rows)]
    assert sum(map(len, held)) == len(sizes)


def test_fewer_times_than_parts_cannot_be_divided():
    given = ["2026-01-01"] * 5 + ["2026-01-02"] * 5
    with pytest.raises(DataError, match="2 different times are too few for 3 parts, since"):
        Split(time="when", test=0.2).rows(marked(given, name="when"), 0)
    with pytest.raises(DataError, match="2 different times are too few for 3 stretches"):
        Split(time="when", folds=2, validation=0).rows(marked(given, name="when"), 0)


def test_times_of_one_moment_written_in_several_ways_are_one():
    given = ["2026-01-01T12:00Z"] * 4 + ["2026-01-01T13:00+01:00"] * 4 + ["2026-01-02"] * 2
    rows = Split(time="when", validation=0.5).rows(marked(given, name="when"), 0)
    assert rows.train.tolist() == [*range(8)]


def test_nanoseconds_are_told_apart():
    first = 1_764_000_000_000_000_001  # float64 knows only each 256th number here
    given = [first + number // 2 for number in range(10)]
    rows = Split(time="when", validation=0.4).rows(marked(given[::-1], name="when"), 0)
    assert rows.validation.tolist() == [0, 1, 2, 3]


@given(given=st.lists(st.integers(-999, 999), min_size=10, max_size=60, unique=True), seed=seeds)
def test_what_is_late_does_not_depend_on_the_order_of_rows(given, seed):
    order = np.random.default_rng(seed).permutation(len(given))
    split = Split(time="when", validation=0.2, test=0.2)
    first = split.rows(marked(given, name="when"), 0)
    other = split.rows(marked([given[row] for row in order], name="when"), 0)
    for one, two in zip(parts(first), parts(other), strict=True):
        assert {given[row] for row in one} == {given[order[row]] for row in two}


def test_dates_are_compared_in_one_zone():
    given = ["2026-01-02", "2025-12-31T23:30", "2026-01-01T00:30+02:00", "2025-12-01"]
    rows = Split(time="when", validation=0.25, test=0.25).rows(marked(given, name="when"), 0)
    assert [part.tolist() for part in parts(rows)] == [[2, 3], [1], [0]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["2026-01-01", "soon"], r"t\.csv:3: column 'when': 'soon' is no time; write 2026-01-31"),
        (["7", "2026-01-01"], r"t\.csv:3: column 'when': '2026-01-01' is no number, as those"),
        (["2026-01-01", ""], r"t\.csv:3: column 'when': it is missing"),
    ],
)
def test_what_is_no_time(given, message):
    with pytest.raises(DataError, match=message):
        Split(time="when").rows(marked(given, name="when"), 0)


def test_a_column_can_say_the_part():
    given = ["test", "train", "train", "validation", "train"]
    rows = Split(part="set").rows(marked(given, name="set"), 0)
    assert [part.tolist() for part in parts(rows)] == [[1, 2, 4], [3], [0]]
    with pytest.raises(DataError, match=r"t\.csv:3: column 'set': 'dev' is no part; write train, "):
        Split(part="set").rows(marked(["train", "dev"], name="set"), 0)
    with pytest.raises(DataError, match="no row of column 'set' says train"):
        Split(part="set").rows(marked(["test", "test"], name="set"), 0)


def test_lists_say_the_parts(tmp_path):
    (tmp_path / "v.txt").write_text("3\n\n 0\n")
    (tmp_path / "t.txt").write_text("4")
    split = Split(lists={"validation": "v.txt", "test": "t.txt"})
    rows = split.rows(marked(range(6)), 0, tmp_path)
    assert [part.tolist() for part in parts(rows)] == [[1, 2, 5], [0, 3], [4]]
    split = Split(lists={"train": "v.txt", "test": "t.txt"})
    rows = split.rows(marked(range(6)), 0, tmp_path)
    assert [part.tolist() for part in parts(rows)] == [[0, 3], [], [4]]
    moved = split.anchored(tmp_path).rows(marked(range(6)), 0)
    assert moved.test.tolist() == [4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1\n6\n", r"v\.txt:2: '6' is no number of a sample, 0 to 5"),
        ("1\n-1\n", r"v\.txt:2: '-1' is no number of a sample"),
        ("x\n", r"v\.txt:1: 'x' is no number of a sample"),
        ("1\n2\n1\n", r"v\.txt:3: sample 1 is listed twice, first at v\.txt:1"),
        ("4\n", r"v\.txt:1: sample 4 is listed twice, first at t\.txt:1"),
        ("\n", r"v\.txt: it lists no sample for the validation part"),
        ("0\n1\n2\n3\n5\n", "the lists leave nothing to train on"),
        (None, r"v\.txt: No such file"),
        (b"\xff\n", r"v\.txt: no text"),
    ],
)
def test_faulty_lists(tmp_path, content, message):
    (tmp_path / "t.txt").write_text("4\n")
    if content is not None:
        (tmp_path / "v.txt").write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
    with pytest.raises(DataError, match=message):
        Split(lists={"test": "t.txt", "validation": "v.txt"}).rows(marked(range(6)), 0, tmp_path)


def each_fold(data, seed=0, **fields):
    folds = fields["folds"]
    return [Split(fold=fold, **fields).rows(data, seed) for fold in range(1, folds + 1)]


@given(samples=st.integers(30, 200), folds=st.integers(2, 9), validation=fraction, seed=seeds)
def test_each_sample_tests_once(samples, folds, validation, seed):
    data = marked(range(samples))
    divided = each_fold(data, seed, folds=folds, validation=validation)
    tested = np.concatenate([rows.test for rows in divided])
    assert sorted(tested.tolist()) == list(range(samples))
    sizes = [len(rows.test) for rows in divided]
    assert max(sizes) - min(sizes) <= 1
    for rows in divided:
        check_division(rows, samples)
        rest = samples - len(rows.test)
        assert abs(len(rows.validation) - Fraction(str(validation)) * rest) < 1


@given(
    sizes=st.lists(st.integers(12, 40), min_size=2, max_size=5),
    folds=st.integers(2, 6),
    seed=seeds,
)
def test_stratified_folds_have_the_mix_of_the_whole(sizes, folds, seed):
    codes = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    divided = each_fold(marked(codes, codes), seed, folds=folds, stratify=True)
    counts = np.array([np.bincount(codes[rows.test], minlength=len(sizes)) for rows in divided])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 1).all()
    assert counts.sum(axis=1).max() - counts.sum(axis=1).min() <= 1
    assert sorted(np.concatenate([rows.test for rows in divided]).tolist()) == [*range(len(codes))]


@given(given=groups, folds=st.integers(2, 4), seed=seeds)
def test_folds_of_groups(given, folds, seed):
    divided = each_fold(marked(given), seed, folds=folds, by="who", validation=0.2)
    tested = np.concatenate([rows.test for rows in divided])
    assert sorted(tested.tolist()) == list(range(len(given)))
    for rows in divided:
        check_division(rows, len(given))
        held = [{given[row] for row in part} for part in parts(rows)]
        assert sum(map(len, held)) == len(set(given))


@given(given=times, folds=st.integers(2, 5), seed=seeds)
def test_folds_of_time_train_on_the_past(given, folds, seed):
    divided = each_fold(marked(given, name="when"), seed, folds=folds, time="when", validation=0)
    trained = 0
    for rows in divided:
        assert max(given[row] for row in rows.train) < min(given[row] for row in rows.test)
        assert len(rows.train) > trained
        trained = len(rows.train)
    assert trained + len(divided[-1].test) == len(given)


def test_folds_that_cannot_be():
    with pytest.raises(DataError, match="5 folds of 3 samples: some would be empty"):
        Split(folds=5).rows(marked(range(3)), 0)
    with pytest.raises(DataError, match="3 folds of 3 samples: some would be empty"):
        Split(folds=3, time="who").rows(marked(range(3)), 0)
    with pytest.raises(DataError, match="class 'c1' has 2 samples, too few for 3 folds"):
        Split(folds=3, stratify=True).rows(marked(range(12), [0] * 10 + [1] * 2), 0)


def test_without_a_fold_the_first_is_looked_at():
    data = marked(range(30))
    one, first = Split(folds=3).rows(data, 4), Split(folds=3, fold=1).rows(data, 4)
    assert one.test.tolist() == first.test.tolist()


def test_folds_never_change():
    # Runs of old refer to these rows; a change here makes all of them unrepeatable.
    divided = each_fold(marked(range(9)), 7, folds=3, validation=0.2)
    assert [rows.test.tolist() for rows in divided] == [[0, 1, 3], [2, 6, 7], [4, 5, 8]]
    assert [rows.validation.tolist() for rows in divided] == [[6], [0], [2]]
    rows = Split(by="who", test=0.2).rows(marked([0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 2), 7)
    assert [part.tolist() for part in parts(rows)] == [
        [0, 1, 4, 5, 6, 9, 10, 11, 14, 15, 16, 19],
        [2, 3, 12, 13],
        [7, 8, 17, 18],
    ]


def test_a_seed_of_its_own():
    data = marked(range(40))
    assert (
        Split(seed=5).rows(data, 1).validation.tolist() == Split().rows(data, 5).validation.tolist()
    )
    assert (
        Split(seed=5).rows(data, 1).validation.tolist() != Split().rows(data, 1).validation.tolist()
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"by": "a", "time": "b"}, "'by' and 'time' are two ways to divide"),
        ({"part": "a", "test": 0.1}, "'part' says what validates and tests; remove the fractions"),
        ({"part": "a", "folds": 3}, "'part' says what trains in one way"),
        ({"lists": {"test": "t"}, "validation": "v.csv"}, "'lists' says what validates"),
        ({"time": "a", "stratify": True}, "'time' leaves no choice to stratify"),
        ({"folds": 3, "test": 0.1}, "with 'folds' each part tests once; remove 'test'"),
        ({"folds": 3, "fold": 4}, "there is no fold 4 of 3"),
        ({"fold": 1}, "there is no fold 1 of no folds"),
        ({"folds": 1}, "greater than or equal to 2"),
        ({"lists": {}}, "at least 1"),
        ({"lists": {"dev": "t"}}, "dev"),
    ],
)
def test_what_does_not_fit_together(fields, message):
    with pytest.raises(ValidationError, match=message):
        Split(**fields)


def test_told_parts_need_no_fractions():
    assert Split(part="set").validation == 0
    assert Split(**Split(part="set").model_dump()) == Split(part="set")


TABLE = "who,when,x,y\n" + "".join(
    f"p{row % 10},2026-01-{row % 28 + 1:02},{row % 7},{'ab'[row % 2]}\n" for row in range(40)
)


def test_a_column_that_divides_a_table_is_no_input(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    source = Csv(path="t.csv", target="y", columns={"when": "ignore"})
    ready = prepare(DataSection(source=source, split=Split(by="who", test=0.2)), 0, tmp_path)
    assert [column.name for column in ready.train.columns] == ["x"]
    assert len(ready.train) + len(ready.validation) + len(ready.test) == 40


def test_a_column_that_divides_may_be_an_input_too(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    columns = {"when": "ignore", "who": "ignore", "x": "numeric"}
    source = Csv(path="t.csv", target="y", columns=columns)
    ready = prepare(DataSection(source=source, split=Split(time="x")), 0, tmp_path)
    assert [column.name for column in ready.train.columns] == ["x"]
    assert ready.train.inputs.max() <= ready.validation.inputs.min()


def test_a_further_file_may_have_the_column_or_not(tmp_path):
    (tmp_path / "t.csv").write_text("who,x,y\n" + "".join(f"p{n},{n},{n % 2}\n" for n in range(9)))
    (tmp_path / "with.csv").write_text("who,x,y\np1,1,1\n")
    (tmp_path / "without.csv").write_text("x,y\n1,1\n")
    (tmp_path / "other.csv").write_text("whom,x,y\np1,1,1\n")
    source = Csv(path="t.csv", target="y")
    for file in ("with.csv", "without.csv"):
        section = DataSection(source=source, split=Split(by="who", test=file))
        assert prepare(section, 0, tmp_path).test.inputs.tolist() == [[1.0]]
    section = DataSection(source=source, split=Split(by="who", test="other.csv"))
    with pytest.raises(DataError, match="the training data has no column 'whom'"):
        prepare(section, 0, tmp_path)


def test_arrays_beside_inputs_and_targets_divide(tmp_path):
    x, y = np.arange(40.0)[:, None], np.arange(40) % 2
    who = np.array([f"p{row % 8}" for row in range(40)])
    when = np.arange(40).astype("datetime64[D]")
    np.savez(tmp_path / "d.npz", x=x, y=y, who=who, when=when, bad=np.zeros((40, 2)))
    for name, array in (("x", x), ("y", y), ("who", who)):
        np.save(tmp_path / f"{name}.npy", array)
    for source, column in ((Npz(path="d.npz"), "who"), (Npy(path="."), "who.npy")):
        ready = prepare(DataSection(source=source, split=Split(by=column, test=0.2)), 0, tmp_path)
        held = [set(part.inputs[:, 0] % 8) for part in (ready.train, ready.validation, ready.test)]
        assert sum(map(len, held)) == 8
    ready = prepare(DataSection(source=Npz(path="d.npz"), split=Split(time="when")), 0, tmp_path)
    assert ready.train.inputs.max() < ready.validation.inputs.min()
    for name, message in (("whom", "no array 'whom'; did you mean 'who'"), ("bad", "'bad', ")):
        with pytest.raises(DataError, match=message):
            prepare(DataSection(source=Npz(path="d.npz"), split=Split(by=name)), 0, tmp_path)


def test_the_table_of_images_divides(tmp_path):
    from PIL import Image

    for number in range(12):
        Image.new("L", (4, 4), number * 20).save(tmp_path / f"{number}.png")
    (tmp_path / "0.png").write_bytes(b"broken")
    lines = [f"{number}.png,{'ab'[number % 2]},p{number // 3}" for number in range(12)]
    (tmp_path / "labels.csv").write_text("file,label,who\n" + "\n".join(lines))
    source = Images(path=".", labels="labels.csv", mode="grayscale", on_error="skip")
    ready = prepare(DataSection(source=source, split=Split(by="who")), 0, tmp_path)
    held = [
        {round(float(image.mean()) * 255 / 20) // 3 for image in part.inputs}
        for part in (ready.train, ready.validation)
    ]
    assert sum(map(len, held)) == 4
    assert len(ready.train) + len(ready.validation) == 11
    folders = Images(path=".", mode="grayscale")
    with pytest.raises(DataError, match="source 'images' has no column 'who' to divide by"):
        prepare(DataSection(source=folders, split=Split(by="who")), 0, tmp_path)
