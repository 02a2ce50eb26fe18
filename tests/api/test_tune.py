"""What ``dlrun.tune`` refuses before it reads anything."""

from __future__ import annotations

from typing import Any

import pytest

import dlrun
from dlrun.errors import InputError


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("executor", ["foo", "Slurm", "", None])
def test_an_unknown_executor(executor: Any, dry_run: Any) -> None:
    with pytest.raises(InputError) as error:
        dlrun.tune("sweep.yaml", executor=executor, dry_run=dry_run, jobs=2)
    assert str(error.value) == f"--executor {executor}: must be one of local, dask, slurm"
