"""What is claimed of early stopping."""

from __future__ import annotations

from collections.abc import Sequence

import dlrun
from experiments.early_stopping.measured import Measured, averages
from experiments.early_stopping.tasks import PATIENCE, TASKS

RELATIVE = "test loss relative to the lowest of the task"
NOISY = [task for task in TASKS if task.noisy]
DIGITS = TASKS[0]


def add_claims(findings: dlrun.Findings, measured: Measured) -> None:
    """Test all claims; ``words.py`` reads their verdicts in this order."""
    _against_all_epochs(findings, measured)
    _patience(findings, measured)
    _validation(findings, measured)
    _claim(
        findings,
        "In addition to tuned dropout and weight decay, early stopping changes the test loss by "
        "less than 3 %.",
        better=measured.loss_at("both", PATIENCE),
        than=measured.loss_at("regularized", None, "last"),
        unit=RELATIVE, lower=True, within=0.03,
    )  # fmt: skip


def _claim(
    findings: dlrun.Findings,
    text: str,
    *,
    better: Sequence[float],
    than: Sequence[float],
    unit: str,
    lower: bool = False,
    by: float = 0.0,
    within: float | None = None,
    step: float = 0.0,
) -> None:
    """Test a claim, and remark with how many seeds it is so."""
    remark = f"So with {agreeing(better, than, lower, by, within)} of {len(better)} seeds."
    findings.claim(
        text,
        better=better, than=than, unit=unit, lower=lower, by=by, within=within, step=step,
        remark=remark,
    )  # fmt: skip


def agreeing(
    better: Sequence[float], than: Sequence[float], lower: bool, by: float, within: float | None
) -> int:
    """In how many pairs one is better than the other by so much, or within so much of it."""
    sign = -1.0 if lower else 1.0
    differences = [sign * (one - other) for one, other in zip(better, than, strict=True)]
    if within is None:
        return sum(each > by for each in differences)
    return sum(-within < each < within for each in differences)


def _against_all_epochs(findings: dlrun.Findings, measured: Measured) -> None:
    _claim(
        findings,
        "On the two noisy tasks, early stopping has a lower test loss than all epochs, each with "
        "its own learning rate.",
        better=measured.loss_at("early stopping", PATIENCE, tasks=NOISY),
        than=measured.loss_at("all epochs", None, "last", NOISY),
        unit=RELATIVE, lower=True,
    )  # fmt: skip
    _claim(
        findings,
        "On digits, early stopping changes the test accuracy by less than 0.01 against all epochs.",
        better=measured.side(DIGITS, "early stopping", "accuracy"),
        than=measured.side(DIGITS, "all epochs", "accuracy", patience=None, weights="last"),
        unit="test accuracy", within=0.01, step=1 / 1637,
    )  # fmt: skip


def _patience(findings: dlrun.Findings, measured: Measured) -> None:
    stopped = measured.loss_at("early stopping", PATIENCE)
    trained = averages([measured.trained(task, "early stopping") for task in TASKS])
    _claim(
        findings,
        f"Patience {PATIENCE} trains at most half of the epochs, on average over the tasks.",
        better=trained,
        than=[measured.epochs / 2] * len(trained),
        unit="epochs", lower=True,
    )  # fmt: skip
    _claim(
        findings,
        f"Patience 1 stops too early: patience {PATIENCE} has a lower test loss.",
        better=stopped,
        than=measured.loss_at("early stopping", 1),
        unit=RELATIVE, lower=True,
    )  # fmt: skip
    _claim(
        findings,
        f"Patience {PATIENCE} finds test losses within 3 % of those of the best epoch of all.",
        better=stopped,
        than=measured.loss_at("early stopping", None),
        unit=RELATIVE, lower=True, within=0.03,
    )  # fmt: skip
    _claim(
        findings,
        f"After a stop with patience {PATIENCE}, the best weights have a lower test loss than the "
        "last ones.",
        better=stopped,
        than=measured.loss_at("early stopping", PATIENCE, "last"),
        unit=RELATIVE, lower=True,
    )  # fmt: skip


def _validation(findings: dlrun.Findings, measured: Measured) -> None:
    def missed(fraction: float) -> list[float]:
        pairs = zip(measured.chosen_at(fraction), measured.lowest_at(fraction), strict=True)
        return [one - other for one, other in pairs]

    _claim(
        findings,
        "8 validation samples (5 %) choose the epoch less well than 64 (40 %): the test loss is "
        "further above the lowest of the same training.",
        better=missed(0.4), than=missed(0.05), unit=f"excess of {RELATIVE}", lower=True,
    )  # fmt: skip
    _claim(
        findings,
        "40 % for validation take more from training than 5 %: the lowest test loss of any epoch "
        "is at least 3 % higher.",
        better=measured.lowest_at(0.05), than=measured.lowest_at(0.4),
        unit=RELATIVE, lower=True, by=0.03,
    )  # fmt: skip
    _claim(
        findings,
        "Training again on all samples, for as many epochs as were best with 20 % for validation, "
        "has a lower test loss than the best weights of the first training.",
        better=measured.relative(lambda task: measured.again(task, 0.2)),
        than=measured.chosen_at(0.2),
        unit=RELATIVE, lower=True,
    )  # fmt: skip
