"""What the package promises of itself: imports point down, one catalog, words for everything."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlrun import catalog
from dlrun.spec import help as words
from dlrun.spec.component import Component
from dlrun.spec.field_types import field_type
from dlrun.study.sweep.claim import Claim
from dlrun.study.sweep.sweep import Sweep
from dlrun.training.experiment import Experiment

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dlrun"
FILES = sorted(PACKAGE.rglob("*.py"))
UNPICKLING = {"pickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
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


def test_the_catalog_lists_every_module_that_registers_a_component() -> None:
    found = {module_name(path) for path in FILES if registers(ast.parse(path.read_text()))}
    assert found == {module.__name__ for module in catalog.MODULES}


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
        if ast.get_docstring(node) is None:
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


@pytest.mark.parametrize("command", [["--help"], ["train", "--help"]])
def test_help_waits_for_no_heavy_import(command: list[str]) -> None:
    program = (
        "import sys\n"
        "from dlrun.__main__ import main\n"
        f"sys.argv = ['dlrun', *{command!r}]\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as done:\n"
        "    assert not done.code, done.code\n"
        "heavy = {'matplotlib', 'numba', 'numpy', 'sklearn', 'skopt'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


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
    if path == PACKAGE / "runs" / "legacy.py":
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
