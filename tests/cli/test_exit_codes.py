from __future__ import annotations

from dlrun.cli.exit_codes import ExitCode, ended_by
from dlrun.errors import DlrunError, InputError, TrainingError
from dlrun.training.stop import RESUMABLE


def test_codes_are_those_that_errors_and_signals_have_elsewhere() -> None:
    assert DlrunError.exit_code == ExitCode.INTERNAL_ERROR
    assert InputError.exit_code == ExitCode.INPUT_ERROR
    assert TrainingError.exit_code == ExitCode.TRAINING_FAILED
    assert ExitCode.STOPPED == RESUMABLE
    assert ended_by(2) == ExitCode.INTERRUPTED


def test_codes_and_meanings_are_unique() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 75, 130]
    assert len({code.meaning for code in ExitCode}) == len(ExitCode)
