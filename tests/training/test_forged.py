"""A stored training with the right checksum and nonsense inside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from dlrun.errors import DataError
from dlrun.launch.resume import resume_run
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.run_directory.ending import Ending
from dlrun.training.events import StepEnded
from dlrun.training.stop import Stop

Spec = Callable[..., Path]
FORGERIES: list[tuple[str, Any]] = [
    ("course.epochs", np.float64(1.0)),
    ("course.epochs", np.int64(-6)),
    ("course.steps", np.int64(-1)),
    ("course.steps", np.zeros((2, 3), np.int64)),
    ("course.scores.losses", np.zeros((2, 3))),
    ("course.scores.targets", np.full(2, 7)),
    ("course.scores.meters.accuracy.seen", np.zeros(0, np.int64)),
    ("descent.optimizer.pace.step", np.zeros(0, np.int64)),
    ("monitor.best", np.zeros(2)),
    ("monitor.waited", np.zeros(0, np.int64)),
]


@pytest.mark.parametrize(("name", "value"), FORGERIES)
def test_nonsense_is_refused_with_a_line(spec: Spec, tmp_path: Path, name: str, value: Any) -> None:
    path = spec(checkpoint={"every": {"steps": 1}, "share": 1.0}, early_stopping={"patience": 9})
    stop = Stop()
    with start(path, runs=tmp_path / "runs", stop=stop) as training:
        steps = 0
        for event in training.events():
            steps += isinstance(event, StepEnded)
            if steps == 7:
                stop.halted = Ending("study_stopped")
        training.finish()
    folder = training.directory.checkpoints
    file = folder / "last.safetensors"
    content = file.read_bytes()
    size = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + size])["__metadata__"]
    forged = save(load_file(file) | {f"training.{name}": np.asarray(value)}, metadata)
    file.write_bytes(forged)
    (folder / "previous.safetensors").unlink()
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest[file.name] |= {"sha256": hashlib.sha256(forged).hexdigest(), "size": len(forged)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="checkpoints: ") as caught:
        resumed = resume_run(training.directory.path)
        assert isinstance(resumed, Training)
        with resumed:
            list(resumed.events())
    assert "\n" not in str(caught.value)
