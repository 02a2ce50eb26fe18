"""Rules for the package as a whole: imports point down, files are small, everything has a test."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import mirror
import pytest

from dlrun import catalog
from dlrun.experiment.experiment import Experiment
from dlrun.spec import help as words
from dlrun.spec.component import Component
from dlrun.spec.field_types import field_type
from dlrun.study.sweep.claim import Claim
from dlrun.study.sweep.sweep import Sweep

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dlrun"
FILES = sorted(PACKAGE.rglob("*.py"))
UNPICKLING = {"pickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
catalog.load()
FAMILY_NAMES = {root.family.family for root in catalog.FAMILIES}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def subclasses(cls: type[Component]) -> Iterator[type[Component]]:
    for each in cls.__subclasses__():
        yield each
        yield from subclasses(each)


def ours() -> list[type[Component]]:
    """Every component class of dlrun itself; other tests define some of their own."""
    return [cls for cls in subclasses(Component) if cls.__module__.startswith("dlrun.")]


def named() -> list[type[Component]]:
    """Every component that a spec can name."""
    return [
        root.family[name]
        for root in catalog.FAMILIES
        for name in root.family
        if root.family[name].__module__.startswith("dlrun.")
    ]


def sections(cls: type[Component]) -> Iterator[type[Component]]:
    yield cls
    for field in cls.model_fields.values():
        inner = field_type(field.annotation).component
        if inner is not None and inner.family is None:
            yield from sections(inner)


WRITTEN = [*named(), *sections(Experiment), *sections(Sweep), Claim]
"""Every class whose fields are keys of a spec."""


def test_imports_point_down() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def imported(path: Path, names: set[str]) -> set[str]:
    """The modules of dlrun that a file imports when it is loaded, or for its types alone.

    Args:
        path: the file.
        names: every module of dlrun.
    """
    found = set()
    for node in outside_functions(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in names else node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return (found & names) - {module_name(path)}


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below a node that is not in the body of a function."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from outside_functions(child)


def test_no_modules_import_each_other() -> None:
    """Imports under ``TYPE_CHECKING`` count too; those inside functions do not."""
    names = {module_name(path) for path in FILES}
    try:
        TopologicalSorter({module_name(path): imported(path, names) for path in FILES}).prepare()
    except CycleError as error:
        pytest.fail(f"a cycle of imports: {' <- '.join(error.args[1])}")


LONGEST = 300
REASON = f"longer than {LONGEST} lines because"


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_a_file_is_short_or_gives_its_reason() -> None:
    long = {
        f"{path.relative_to(ROOT)}: {lines(path)}"
        for path in FILES
        if lines(path) > LONGEST
        and REASON not in " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())
    }
    assert not long, (
        f"split these files, or write '{REASON} ...' in the docstring of the module:\n"
        + "\n".join(sorted(long))
    )


MEDIAN = 100
"""The median file of a package has fewer lines than this."""

LARGER = {
    # A file has the loops of one layer, loss or optimizer.  Its forward and backward pass share
    # their order of sums, which has to be read together.
    "dlrun/nn/kernels/compiled": 134,
}
"""The medians of packages whose files are larger; these numbers may only decrease."""


def test_the_median_file_of_a_package_is_short() -> None:
    wrong = []
    folders = {path.parent for path in FILES}
    for folder in sorted(folders):
        counts = [lines(path) for path in folder.glob("*.py") if path.name != "__init__.py"]
        name = str(folder.relative_to(ROOT))
        if len(counts) < 3:
            continue
        median = statistics.median(counts)
        if median >= MEDIAN and median > LARGER.get(name, 0):
            wrong.append(f"{name}: the median is {median:g} lines; split its larger files")
        if name in LARGER and median < MEDIAN:
            wrong.append(f"{name}: the median is {median:g} lines; remove it from LARGER")
    wrong += [
        f"{name}: is not a package; remove it from LARGER"
        for name in LARGER
        if ROOT / name not in folders
    ]
    assert not wrong, "\n".join(wrong)


def test_every_module_has_its_test() -> None:
    """At the mirrored path, or listed in tests/mirror.txt."""
    wrong = list(mirror.faults(mirror.table()))
    assert not wrong, (
        "tests/mirror.txt needs these changes (python tests/support/mirror.py makes them):\n"
        + "\n".join(wrong)
    )


def registers(tree: ast.Module) -> bool:
    """Whether a module registers a component: ``@layer("dense")`` above a class."""
    return any(
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id in FAMILY_NAMES
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
    )


def test_the_catalog_lists_every_component_with_its_module() -> None:
    program = (
        "from dlrun import catalog; catalog.load()\n"
        "for root in catalog.FAMILIES:\n"
        "    for name in root.family: print(root.family[name].__module__)\n"
        "    listed = {*root.family._modules}\n"
        "    assert listed == {*root.family}, listed ^ {*root.family}\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    registering = {module_name(path) for path in FILES if registers(ast.parse(path.read_text()))}
    assert len(registering) > 100
    assert registering <= set(done.stdout.split())


def test_the_catalog_lists_every_family() -> None:
    roots = {cls for cls in ours() if vars(cls).get("family") is not None}
    assert roots == set(catalog.FAMILIES)


def test_a_component_has_one_name_in_one_family() -> None:
    for root in catalog.FAMILIES:
        for name in root.family:
            assert issubclass(root.family[name], root)
            assert root.family[name].kind == name


@pytest.mark.parametrize("cls", WRITTEN, ids=lambda cls: cls.__name__)
def test_a_component_says_what_it_is_in_its_first_line(cls: type[Component]) -> None:
    assert words.summary(cls).strip()
    assert cls.__doc__ != cls.__bases__[0].__doc__


@pytest.mark.parametrize("cls", WRITTEN, ids=lambda cls: cls.__name__)
def test_every_field_says_what_it_means(cls: type[Component]) -> None:
    silent = [field.name for field in words.fields(cls) if not field.text]
    assert not silent


def unpickles(tree: ast.Module) -> bool:
    """Whether a module imports what unpickles, or asks NumPy for it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            return not (isinstance(node.value, ast.Constant) and node.value.value is False)
        else:
            continue
        if {name.partition(".")[0] for name in names} & UNPICKLING:
            return True
    return False


def test_nothing_is_unpickled() -> None:
    found = {module_name(path) for path in FILES if unpickles(ast.parse(path.read_text()))}
    # What Numba compiles is kept as Numba packs it.  It is machine code to be run in any case.
    assert found == {"dlrun.nn.kernels.compiled.cache"}


def undocumented(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    """Public classes and functions, and public members of these classes, without a docstring."""
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_"):
            continue
        is_overload = "overload" in map(ast.unparse, node.decorator_list)
        if ast.get_docstring(node) is None and not is_overload:
            yield f"{prefix}.{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{prefix}.{node.name}")


def test_everything_public_has_a_docstring() -> None:
    missing = []
    for path in FILES:
        tree = ast.parse(path.read_text())
        if path.name != "__init__.py" and ast.get_docstring(tree) is None:
            missing.append(module_name(path))
        missing += undocumented(tree.body, module_name(path))
    assert not missing


def is_reason(node: ast.AST) -> bool:
    """Whether an expression is the sentence that says why something ended."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == "reason"
    if isinstance(node, ast.Call):
        return any(is_reason(each) for each in node.args)
    return isinstance(node, ast.Attribute | ast.Name) and ast.unparse(node).endswith("reason")


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_no_code_compares_or_parses_a_sentence(path: Path) -> None:
    """How a run ended is an ``Ending``; only the reader of version 0.1 knows sentences."""
    if path == PACKAGE / "run_directory" / "legacy.py":
        return
    parsers = {"startswith", "endswith", "match", "fullmatch", "search", "partition", "split"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Compare):
            others = [*node.comparators, node.left]
            none = any(isinstance(each, ast.Constant) and each.value is None for each in others)
            assert none or not any(map(is_reason, others)), ast.unparse(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            about = [node.func.value, *node.args]
            assert node.func.attr not in parsers or not any(map(is_reason, about)), ast.unparse(
                node
            )
        assert not (isinstance(node, ast.Match) and is_reason(node.subject)), ast.unparse(node)
