"""What warmup reaches: everything that a spec can name, and every kernel there is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numba")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

# A process of its own: other tests call kernels too, and add components to the families.  And a
# folder of its own: a kernel that only others call is not loaded where these are.
PROGRAM = """
import json
import sys

from layer_cases import CASES

from dlrun.nn.graph.builder import build_graph
from dlrun.nn.kernels import numba_kernels
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.inspect.warmup import exercises


def compiled():
    return {
        f"{name.rpartition('.')[2]}.{attribute}": sorted(map(str, value.signatures))
        for name, module in list(sys.modules.items())
        if name.startswith("dlrun.nn.kernels.compiled.")
        for attribute, value in vars(module).items()
        if hasattr(value, "py_func") and value.py_func.__module__ == name
    }


todo = exercises()
for exercise in todo:
    exercise.work()
warm = compiled()

missed = {}
for layer, shape in CASES:
    graph = build_graph([layer], shape)
    network = Network(graph, MeanSquaredError(), kernels=numba_kernels(), threads=1)
    for batch in (5, 1):
        for training in (True, False):
            plan = Plan(
                graph,
                network.parameters,
                batch,
                training=training,
                kernels=network.kernels,
                pool=network.pool,
            )
            plan.forward()
            plan.backward()
    now = compiled()
    for name, signatures in now.items():
        new = sorted(set(signatures) - set(warm[name]))
        if new:
            missed[f"{layer!r} of {shape}"] = [name, new]
    warm = now

classes = {type(each.of) for each in todo}
components = sorted(f"{each.__module__}.{each.__name__}" for each in classes)
print(json.dumps({"components": components, "kernels": warm, "missed": missed}))
"""


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the kernels of the program are stored in."""
    return tmp_path_factory.mktemp("cold")


@pytest.fixture(scope="module")
def reached(cold: Path) -> dict[str, Any]:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests" / "support")))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        env={
            **os.environ,
            "PYTHONPATH": paths,
            "DLRUN_CACHE": str(cold),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("family", ["layer", "loss", "optimizer", "augmentation"])
def test_every_component_is_exercised(reached: dict[str, Any], family: str) -> None:
    from dlrun import catalog

    catalog.load()

    (root,) = (each for each in catalog.FAMILIES if each.family.family == family)
    ours = [root.family[name] for name in root.family]
    names = [f"{cls.__module__}.{cls.__name__}" for cls in ours if "dlrun." in cls.__module__]
    missing = sorted(set(names) - set(reached["components"]))
    assert not missing, f"{missing} need `examples`, see dlrun.spec.examples"


def test_every_kernel_is_called(reached: dict[str, Any]) -> None:
    idle = [name for name, signatures in reached["kernels"].items() if not signatures]
    assert not idle, f"{idle}: a component needs `examples` that call them"


def test_no_row_of_the_table_of_layers_needs_more(reached: dict[str, Any]) -> None:
    assert not reached["missed"]


@pytest.mark.usefixtures("reached")
def test_every_kernel_has_its_parts_inside(cold: Path) -> None:
    """No other copy of a part, compiled in another way, can run instead: see ``jit.part``."""
    function = re.compile(rb"\0(_ZN5dlrun\w+)(?=\0)")  # as in a table of symbols
    stored = {each.name: each.read_bytes() for each in (cold / "kernels").iterdir()}
    functions = {name: set(function.findall(content)) for name, content in stored.items()}
    assert len(functions) > 100
    assert {name: found for name, found in functions.items() if len(found) > 1} == {}
