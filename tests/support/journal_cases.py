"""Records of a study's journal."""

from __future__ import annotations

import json
from typing import Any

BEGUN = {"event": "study", "version": 1, "identity": {}, "asked": False, "folder": "/"}
BATCH = {"event": "batch", "batch": 0, "suggestions": [{"a": 1}, {"a": 2}]}
JOB = {"trial": 1, "repeat": 0, "epochs": 0}
NAME = "0001-20260131-142359-k3f9qz"


def ended(value: float | None) -> dict[str, Any]:
    scores = {"validation.loss": value}
    outcome = {"status": "completed", "reason": "", "scores": scores, "epochs": 1, "cost": 1.0}
    return {"event": "ended", **JOB, "outcome": {**outcome, "seconds": 1.0, "directory": NAME}}


def text(*records: Any) -> str:
    return "".join(f"{json.dumps(each)}\n" for each in records)
