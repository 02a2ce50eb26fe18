"""Parity with PyTorch and ONNX: left out, and said so, where the extra ``parity`` is missing."""

from __future__ import annotations

import importlib.util

import pytest

missing = [name for name in ("torch", "onnx") if importlib.util.find_spec(name) is None]
collect_ignore_glob = []
if missing:
    collect_ignore_glob.append("test_*.py" if "torch" in missing else "test_onnx.py")


def pytest_report_header() -> str:
    if missing:
        left_out, names = ", ".join(collect_ignore_glob), " and ".join(missing)
        return f"PARITY TESTS ARE LEFT OUT: {left_out}, for want of {names}: see dlrun[parity]"
    import onnx
    import torch

    return f"parity with torch {torch.__version__} and onnx {onnx.__version__}"


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)
