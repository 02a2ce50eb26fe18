"""The result in words, which follow the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.findings.record import Verdict
from experiments.early_stopping.check import Agreement
from experiments.early_stopping.claims import DIGITS, NOISY
from experiments.early_stopping.measured import Measured
from experiments.early_stopping.report import mean
from experiments.early_stopping.tasks import PATIENCE, SIDES, TASKS, USUAL, Task
from experiments.verdicts import by_verdict


def described(measured: Measured, checked: Agreement, verdicts: Sequence[Verdict]) -> str:
    """What was found.

    Args:
        measured: the curves.
        checked: real runs beside the curves.
        verdicts: in the order of ``add_claims``.
    """
    noisy, digits, half, short, near, restored, selection, taken, again, beside = verdicts
    return " ".join(
        (
            _against_all_epochs(measured, noisy, digits),
            _patience(measured, half, short, near),
            _weights(measured, restored),
            _worst(measured),
            _validation(measured, selection, taken),
            _again(measured, again),
            _beside(measured, beside),
            _checked(checked),
        )
    )


def _side(measured: Measured, side: str, tasks: Sequence[Task]) -> float:
    if side in ("early stopping", "both"):
        return mean(measured.loss_at(side, PATIENCE, tasks=tasks))
    return mean(measured.loss_at(side, None, "last", tasks))


def _percent(ratio: float) -> str:
    return f"{100 * (ratio - 1):.1f} %"


def _against_all_epochs(measured: Measured, noisy: Verdict, digits: Verdict) -> str:
    stopped, whole = (_side(measured, side, NOISY) for side in ("early stopping", "all epochs"))
    same = mean(measured.loss_at("early stopping", None, "last", NOISY))
    first = mean(measured.side(DIGITS, "early stopping", "accuracy"))
    last = mean(measured.side(DIGITS, "all epochs", "accuracy", patience=None, weights="last"))
    worth = by_verdict(
        noisy,
        "early stopping lowers the test loss even against a learning rate tuned for all epochs",
        "early stopping has a higher test loss than all epochs at a learning rate tuned for them",
        "an advantage of early stopping over all epochs at a learning rate tuned for them is not "
        "shown",
    )
    equal = by_verdict(
        digits,
        "accuracy hardly changes",
        "accuracy changes by more than 0.01",
        "a change of the accuracy by less than 0.01 is not shown",
    )
    return (
        f"On the two noisy tasks, {worth}: it ends {_percent(stopped)} above the lowest loss of "
        f"any epoch, all epochs {_percent(whole)}, and all epochs at the rate of early stopping "
        f"{_percent(same)}. On digits, {equal} ({first:.3f} with early stopping, {last:.3f} "
        "after all epochs)."
    )


def _patience(measured: Measured, half: Verdict, short: Verdict, near: Verdict) -> str:
    def loss(patience: int | None) -> float:
        return mean(measured.loss_at("early stopping", patience))

    def epochs(patience: int) -> float:
        return mean([mean(measured.trained(t, "early stopping", patience)) for t in TASKS])

    share = by_verdict(half, "fewer than half", "more than half", "not clearly fewer than half")
    close = by_verdict(near, "within 3 %", "not within 3 %", "not shown to be within 3 %")
    worse = by_verdict(short, "stops too early", "is better", "is not shown to stop too early")
    return (
        f"Patience {PATIENCE} trains {epochs(PATIENCE):.0f} of {measured.epochs} epochs, {share}; "
        f"its test loss is {close} of that of the best epoch of all ({loss(PATIENCE):.3f} and "
        f"{loss(None):.3f} times the lowest). Patience 1 {worse} ({loss(1):.3f}). From patience "
        f"5 to 50, the loss changes by {100 * (loss(50) / loss(5) - 1):+.1f} % and the epochs by "
        f"a factor of {epochs(50) / epochs(5):.1f}; Prechelt found about 4 % less error for "
        "slower criteria, in about 4 times the training time."
    )


def _weights(measured: Measured, restored: Verdict) -> str:
    best = mean(measured.loss_at("early stopping", PATIENCE))
    last = mean(measured.loss_at("early stopping", PATIENCE, "last"))
    word = by_verdict(restored, "are better", "are worse", "are not shown to be better")
    return f"After the stop, the best weights {word} than the last ones ({best:.3f}, {last:.3f})."


def _worst(measured: Measured) -> str:
    """The choice that misses most, which the intervals show."""
    missed = [
        (chosen / lowest, task, epoch, chosen, lowest)
        for task in TASKS
        for chosen, lowest, epoch in zip(
            measured.at_best(task, USUAL),
            measured.lowest(task),
            measured.best_epochs(task, USUAL),
            strict=True,
        )
    ]
    _, task, epoch, chosen, lowest = max(missed, key=lambda each: each[0])
    return (
        "Seeds differ much, because 32 samples sometimes mislead: in the worst case "
        f"({task.name}), the validation loss is lowest in epoch {epoch:.0f}, where the test loss "
        f"is {chosen:.2f} instead of {lowest:.2f}."
    )


def _validation(measured: Measured, selection: Verdict, taken: Verdict) -> str:
    def both(fraction: float) -> tuple[float, float]:
        return mean(measured.lowest_at(fraction)), mean(measured.chosen_at(fraction))

    (few, at_few), (many, at_many) = both(0.05), both(0.4)
    worse = by_verdict(selection, "choose worse", "choose better", "are not shown to choose worse")
    cost = by_verdict(taken, "more than 3 %", "less than 3 %", "not shown to be more than 3 %")
    return (
        f"Small validation sets {worse}: with 8 samples the epoch chosen is {at_few - few:.3f} "
        f"above the lowest, with 64 {at_many - many:.3f}. But 64 samples are missing in training, "
        f"which raises the lowest loss by {_percent(many / few)}, {cost}; in all, 5 % lead to "
        f"{at_few:.3f} and 40 % to {at_many:.3f}."
    )


def _again(measured: Measured, again: Verdict) -> str:
    first = mean(measured.chosen_at(0.2))
    second = mean(measured.relative(lambda task: measured.again(task, 0.2)))
    word = by_verdict(again, "lowers", "raises", "is not shown to lower")
    return (
        f"Training again on all samples, for as many epochs as were best, {word} the loss "
        f"({first:.3f} to {second:.3f})."
    )


def _beside(measured: Measured, beside: Verdict) -> str:
    whole, stopped, regular, both = (_side(measured, side, TASKS) for side in SIDES)
    word = by_verdict(
        beside,
        "early stopping adds less than 3 %",
        "early stopping changes more than 3 %",
        "that it changes less than 3 % is not shown",
    )
    return (
        f"Over the three tasks, all epochs lead to {whole:.3f}, early stopping alone to "
        f"{stopped:.3f}, tuned dropout and weight decay alone to {regular:.3f}, and all of them "
        f"to {both:.3f}: in addition to the others, {word}."
    )


def _checked(checked: Agreement) -> str:
    return (
        f"Of {checked.runs} runs that were really stopped, {checked.epochs} trained the "
        f"simulated number of epochs, and {checked.scores} have exactly the simulated test scores "
        f"(largest difference {checked.largest:.1g})."
    )
