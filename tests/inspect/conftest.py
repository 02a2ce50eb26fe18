"""A training with and without a profiler, for the tests of its report and of its trace."""

from __future__ import annotations

import json

import pytest
from profiled import CNN, trained

from dlrun.inspect.profile import Profile
from dlrun.inspect.profiler import Profiler
from dlrun.launch.training import Training
from dlrun.nn.engine import segments
from dlrun.nn.engine.probe import UNWATCHED
from dlrun.nn.graph import bound
from dlrun.nn.parallel import matmul


@pytest.fixture(scope="session", params=["one piece", "many pieces"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Training, Training]:
    """The same training, unwatched and watched."""
    folder = tmp_path_factory.mktemp("profile")
    path = folder / "spec.yaml"
    path.write_text(json.dumps({"name": "small", "loss": "cross_entropy", **CNN}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLRUN_THREADS", "3")
        patch.setenv("DLRUN_KERNELS", "numpy")
        if request.param == "many pieces":
            patch.setattr(segments, "_CHUNK_BYTES", 20_000)
            patch.setattr(matmul, "PIECE", 1e3)
            patch.setattr(bound, "PIECE", 1e3)
        return trained(path, folder, UNWATCHED), trained(path, folder, Profiler())


@pytest.fixture
def profile(both: tuple[Training, Training]) -> Profile:
    found = both[1].profile
    assert found is not None
    return found
