"""Time series: the networks of Wang, Yan & Oates beside published runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dlrun
from dlrun.intervals import deviation
from experiments.lab import Lab
from experiments.published import archive, reference
from experiments.published.figures import interval_text, spread
from experiments.published.pictures import Row, side_by_side

Series = Mapping[tuple[str, str], Sequence[float]]
"""Values of ten runs by network and data set."""

BATCHES = {"ItalyPowerDemand": 6, "GunPoint": 5}
"""A tenth of the training series of each data set."""
EPOCHS = {
    ("MLP", "ItalyPowerDemand"): 150,
    ("FCN", "ItalyPowerDemand"): 60,
    ("ResNet", "ItalyPowerDemand"): 40,
    ("MLP", "GunPoint"): 150,
    ("FCN", "GunPoint"): 150,
}
PUBLISHED_EPOCHS = {"MLP": 5000, "FCN": 2000, "ResNet": 1500}
WITHIN = {
    ("MLP", "ItalyPowerDemand"): 1.0,
    ("FCN", "ItalyPowerDemand"): 1.0,
    ("ResNet", "ItalyPowerDemand"): 1.0,
    ("MLP", "GunPoint"): 2.0,
}
"""Largest difference of means that counts as reproduced, in percentage points."""


def time_series(lab: Lab, findings: dlrun.Findings, seeds: int) -> str:
    """Time series: the networks of Wang, Yan & Oates."""
    ours: dict[tuple[str, str], list[float]] = {}
    for (network, data), epochs in EPOCHS.items():
        study = lab.tune(
            f"{network.lower()}.yaml",
            {
                "name": f"{network}-{data}",
                "spec.params.data": str(archive.folder()),
                "spec.data.batch_size": BATCHES[data],
                "spec.epochs": lab.pick(epochs, 2),
                "space.params.set": [data],
                "repeats": seeds,
            },
        )
        ours[network, data] = [100 * each.scores["test.accuracy"] for each in lab.trained(study)]
    theirs = {
        key: [100 * right / reference.TEST_SERIES[key[1]] for right in values[:seeds]]
        for key, values in reference.SERIES.items()
    }
    for (network, data), within in WITHIN.items():
        findings.claim(
            f"{network} on {data}: the mean accuracy differs from that of the published runs by "
            f"less than {within:g} percentage point{'s' if within != 1 else ''}.",
            better=ours[network, data],
            than=theirs[network, data],
            unit="test accuracy in %",
            within=within,
            step=100 / reference.TEST_SERIES[data],
        )
    findings.claim(
        "On GunPoint the FCN is better than the MLP, as published.",
        better=ours["FCN", "GunPoint"],
        than=ours["MLP", "GunPoint"],
        unit="test accuracy in %",
        step=100 / reference.TEST_SERIES["GunPoint"],
    )
    findings.table(
        "Time series: test error in %, mean ± standard deviation over ten runs",
        ("network, data set", "published", "dlrun", "95 % interval", "epochs: published", "dlrun"),
        [
            (
                ", ".join(key),
                spread([100 - value for value in theirs[key]]),
                spread([100 - value for value in ours[key]]),
                interval_text([100 - value for value in ours[key]]),
                f"{PUBLISHED_EPOCHS[key[0]]:,}",
                str(EPOCHS[key]),
            )
            for key in EPOCHS
        ],
    )
    _draw_series(lab, findings, theirs, ours)
    return " ".join(_series_text(key, theirs[key], ours[key]) for key in EPOCHS)


def _series_text(key: tuple[str, str], theirs: Sequence[float], ours: Sequence[float]) -> str:
    network, data = key
    mean = sum(ours) / len(ours) - sum(theirs) / len(theirs)
    how = "lower" if mean > 0 else "higher"
    return (
        f"{network} on {data}: the test error is {100 - sum(ours) / len(ours):.1f} %, "
        f"{abs(mean):.1f} points {how} than that of the published runs, with "
        f"{100 * EPOCHS[key] / PUBLISHED_EPOCHS[network]:.0f} % of their epochs and a standard "
        f"deviation of {deviation(ours):.1f} instead of {deviation(theirs):.1f} points."
    )


def _draw_series(lab: Lab, findings: dlrun.Findings, theirs: Series, ours: Series) -> None:
    rows = [
        Row(
            f"{network}\n{data}",
            [100 - value for value in theirs[network, data]],
            [100 - value for value in ours[network, data]],
        )
        for network, data in EPOCHS
    ]
    figure = side_by_side(
        rows,
        "Time series: published test errors and those of dlrun",
        "each dot is a run",
        "test error in % (lower is better)",
        "published",
    )
    findings.picture(
        lab.save(figure, "series.png"),
        "Test errors of ten published runs (Ismail Fawaz et al. 2019) and of dlrun, with means and "
        "95 % intervals. dlrun trained for far fewer epochs.",
        "Dots in five rows, one for each network and data set, published runs above those of dlrun",
    )
