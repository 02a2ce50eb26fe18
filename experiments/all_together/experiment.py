"""What each ingredient of a training adds, and whether the whole recipe carries to other data."""

from __future__ import annotations

import dlrun
from experiments.all_together.measured import Measured
from experiments.all_together.pictures import draw_ladder, draw_without
from experiments.all_together.report import add_tables, described, early_text
from experiments.all_together.steps import (
    BEFORE,
    DIGITS,
    FIRST,
    FULL,
    SPIRALS,
    START,
    TABLE,
    TASKS,
    UNTUNED,
    train_steps,
)
from experiments.lab import PLANNED, Lab


def run(lab: Lab) -> dlrun.Findings:
    """Train all steps on all tasks."""
    epochs = lab.pick(50, 3)
    overrides = {
        "spec.epochs": epochs,
        **lab.pick({}, {"repeats": 1, "space.params.rate": [0.01, 0.1]}),
    }
    findings = _findings(lab, epochs)
    measured = {
        task.name: Measured(task, train_steps(lab, task, overrides), epochs) for task in TASKS
    }
    _claims(findings, measured[DIGITS.name], measured[TABLE.name], measured[SPIRALS.name])
    everything = list(measured.values())
    add_tables(findings, everything)
    _pictures(lab, findings, everything)
    findings.result = described(everything, findings.verdicts)
    return findings


def _findings(lab: Lab, epochs: int) -> dlrun.Findings:
    """The findings without any result."""
    targets = ", ".join(f"{task.target} on {task.title}" for task in TASKS)
    return lab.findings(
        "All together",
        question=(
            "What does each ingredient of a training add to those before it, which of them does "
            "the full recipe still need, and does the recipe carry to other data?"
        ),
        method=(
            "A network of four hidden layers with 64 relu units is trained on few samples: 180 of "
            f"scikit-learn's digits, for {epochs} epochs in batches of 32. The first step is plain "
            "SGD with weights drawn with a standard deviation of 0.01. The following steps add He "
            "initialization (He et al., ICCV 2015), momentum 0.9 (Sutskever et al., ICML 2013), "
            "Adam instead (Kingma & Ba, ICLR 2015), batch normalization (Ioffe & Szegedy, ICML "
            "2015), a cosine schedule with 2 epochs of warmup (Loshchilov & Hutter, ICLR 2017), "
            "augmentation (rotation, zoom and shift), dropout of 0.1 (Srivastava et al., JMLR "
            "2014) together with decoupled weight decay of 0.1 (Loshchilov & Hutter, ICLR 2019), "
            "and early stopping that keeps the best weights (patience 10; Prechelt, 1998). Then "
            "the full recipe is trained without each ingredient; without Adam, an L2 penalty does "
            "what its weight decay did. Each of these steps (`steps.yaml`) has its own learning "
            "rate: of six between 0.003 and 1, the one with the highest validation accuracy "
            "over two seeds that are used for nothing else. Without its own rate, the full recipe "
            f"has Adam's default of 0.001. Then {len(lab.seeds)} new seeds ({PLANNED}), which also "
            "draw the split of the data, decide on the test set; differences are paired by seed. "
            f"Speed is the first epoch with a validation accuracy of {targets}; a training that "
            f"never reaches it counts {epochs + 1}. The recipe, made for digits, is then used "
            "unchanged for two other tasks: a table (171 tumours of scikit-learn's breast cancer "
            "data) and 180 points on three noisy spirals. Only rotation, zoom and shift, which "
            "exist for images only, are replaced by mixup (Zhang et al., ICLR 2018). Claims, "
            "targets, the grid of rates and the number of epochs were fixed after a pilot on the "
            "two seeds of the choice; spirals were added then, because tumours left little to gain."
        ),
        limits=(
            "Small dense networks, few samples and few steps; with many samples regularization "
            "matters less, and with deeper networks initialization and normalization more. What a "
            "step adds depends on the order of the steps. Six rates and two seeds choose a rate "
            "only roughly, a patience of 10 is short beside a schedule of 50 epochs, and nothing "
            "else is tuned: neither dropout, weight decay, patience and the number of epochs, nor "
            "the augmentation. The intervals are over seeds and splits "
            "of the same samples, not over other data."
        ),
    )


def _claims(findings: dlrun.Findings, digits: Measured, table: Measured, spirals: Measured) -> None:
    def accuracy(
        on: Measured,
        text: str,
        better: str,
        than: str,
        by: float = 0.0,
        within: float | None = None,
        remark: str = "",
    ) -> None:
        findings.claim(
            text, better=on.accuracy(better), than=on.accuracy(than), unit="test accuracy",
            by=by, within=within, step=on.scale.step, remark=remark,
        )  # fmt: skip

    def without(text: str, ingredient: str) -> None:
        accuracy(digits, text, FULL, f"without {ingredient}")

    accuracy(
        digits,
        "Plain SGD from small random weights learns little: He initialization adds at least 0.3 "
        "(digits).",
        START, FIRST, by=0.3,
    )  # fmt: skip
    accuracy(
        digits,
        "The full recipe is at least 0.01 more accurate than plain SGD with He initialization "
        "(digits).",
        FULL, START, by=0.01,
    )  # fmt: skip
    findings.claim(
        "Adam with batch normalization reaches the target in fewer epochs than plain SGD with He "
        "initialization (digits).",
        better=digits.reached("+ batch normalization"), than=digits.reached(START),
        unit="epochs", lower=True, step=1,
    )  # fmt: skip
    without("Without augmentation the full recipe is less accurate (digits).", "augmentation")
    without(
        "Without batch normalization the full recipe is less accurate (digits).",
        "batch normalization",
    )
    accuracy(
        digits,
        "With all other ingredients, initialization matters little: small random weights change "
        "accuracy by less than 0.02 (digits).",
        FULL, "without initialization", within=0.02,
    )  # fmt: skip
    accuracy(
        digits,
        "Tuning the rate matters: at a default of 0.001 the full recipe is less accurate (digits).",
        FULL, UNTUNED,
    )  # fmt: skip
    accuracy(
        digits,
        "Early stopping costs less than 0.02 of accuracy (digits).",
        FULL, BEFORE, within=0.02, remark=early_text(digits),
    )  # fmt: skip
    for on, where in ((table, "tumours"), (spirals, "spirals")):
        accuracy(
            on,
            "The recipe carries: it is more accurate than plain SGD with He initialization "
            f"({where}).",
            FULL, START,
        )  # fmt: skip


def _pictures(lab: Lab, findings: dlrun.Findings, measured: list[Measured]) -> None:
    findings.picture(
        lab.save(draw_ladder(measured), "steps.png"),
        "Test error, and epochs to the target, after each step (mean over seeds with 95 % "
        "interval). Each step has its own learning rate.",
        "Two panels of points with intervals, one row per step and one marker per task. "
        "The error is on a logarithmic scale.",
    )
    findings.picture(
        lab.save(draw_without(measured), "without.png"),
        "What the full recipe loses without each ingredient: test accuracy, and epochs to the "
        "target (mean difference over seeds with 95 % interval).",
        "Two panels of points with intervals around zero, one row per ingredient that is left "
        "out and one marker per task.",
    )
