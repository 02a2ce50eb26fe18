"""Augmentation of images, sounds and texts: when it helps, when it does not, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dlrun
from experiments.augmentation import fortunes, reviews, sounds
from experiments.augmentation.comparison import (
    SEED,
    Comparison,
    Params,
    Size,
    augmentations,
    compare,
    of_pool,
)
from experiments.augmentation.images import CLEAN, NOISY, SHIFTED, TESTS, accuracies
from experiments.augmentation.pictures import digits_figure, panels_figure
from experiments.augmentation.results import add_tables, by_task, method, result
from experiments.augmentation.sides import (
    ALL,
    DIGITS,
    FLIP,
    IMAGE_SIZES,
    LARGE,
    NONE,
    PARAPHRASE,
    RARE,
    REVIEW_SIZES,
    SAYING_SIZES,
    SHIFT,
    SMALL,
    SOUND_SIZES,
    SOUNDS,
    SYNONYMS,
    TOGETHER,
    UNKNOWN,
    Disturbed,
)
from experiments.lab import Lab


def run(lab: Lab) -> dlrun.Findings:
    """Train with each augmentation at several sizes, and test the claims."""
    findings = lab.findings(
        "Augmentation",
        question=(
            "How much does augmentation help with few images, sounds and texts? When does it not "
            "help, or do harm, and why?"
        ),
        method=method(),
        limits=(
            "Small networks and data, one strength of each augmentation, and only the learning "
            "rate was chosen. Digits, sounds and sayings are drawn again for each seed, but from "
            "one pool each, so the intervals are narrower than those of new data; the reviews "
            "differ only by initial weights and augmentation. Telephones and reviews are "
            "simulated. More epochs would help the stronger augmentations more than the others."
        ),
    )
    images = _images(lab)
    disturbed = {
        key: _by_test([accuracies(each, lab.pick(0, SEED) + each.seed) for each in runs])
        for key, runs in images.runs.items()
    }
    spoken_words, judged = _sounds(lab), _reviews(lab)
    sayings = _sayings(lab) if fortunes.installed() else None
    _claims(findings, disturbed, spoken_words, judged, sayings)
    add_tables(findings, disturbed, images, spoken_words, judged, sayings)
    findings.picture(
        lab.save(digits_figure(disturbed, DIGITS, tuple(IMAGE_SIZES)), "digits.png"),
        "Accuracy on clean and disturbed test digits by the number of training digits: mean over "
        "seeds with 95 % t-intervals.",
        "Four panels of curves that rise with the number of training digits. On shifted digits "
        "the networks whose training digits were shifted are far above the others.",
    )
    tasks = by_task(spoken_words, judged, sayings)
    findings.picture(
        lab.save(panels_figure(tasks), "sounds-and-texts.png"),
        "Test accuracy on sounds and texts by the number of training samples: mean over seeds with "
        "95 % t-intervals. Sayings: large and small are initial embeddings; rare unknown is a "
        "small one, with words that occur once unknown in training.",
        "Panels of curves that rise with the number of training samples. Augmentation lifts those "
        "of words; synonyms lift those of reviews; paraphrases lie lowest for sayings.",
    )
    findings.result = result(findings, disturbed, spoken_words, judged, sayings)
    return findings


def _images(lab: Lab) -> Comparison:
    sides = _sides(lab, "images.yaml", DIGITS)
    return compare(lab, "images.yaml", sides, of_pool(1797, IMAGE_SIZES))


def _sounds(lab: Lab) -> Comparison:
    folder = lab.work / "sounds"
    if not folder.exists():
        sounds.write(folder)
    sides = _sides(lab, "sounds.yaml", SOUNDS)
    sizes = of_pool(sounds.RECORDINGS, SOUND_SIZES)
    return compare(lab, "sounds.yaml", sides, sizes, {"folder": str(folder.absolute())})


def _reviews(lab: Lab) -> Comparison:
    folder = (lab.work / "reviews").absolute()
    reviews.write(folder)
    sides = _sides(lab, "reviews.yaml", (NONE, SYNONYMS, PARAPHRASE))
    sides[UNKNOWN] = {**sides[SYNONYMS], "known": None}
    sizes = []
    for samples, epochs in REVIEW_SIZES.items():
        choosing = {"train": f"train-{samples}.csv", "epochs": epochs}
        sizes.append(Size(samples, choosing, {**choosing, "validation": 0.0}))
    fixed = {"folder": str(folder), "validation": str(folder / "validation.csv")}
    return compare(lab, "reviews.yaml", sides, sizes, fixed)


def _sayings(lab: Lab) -> Comparison:
    table = (lab.work / "fortunes.csv").absolute()
    fortunes.write(table)
    pool = len(table.read_text(encoding="utf-8").splitlines()) - 1
    plain = _sides(lab, "fortunes.yaml", (NONE, SYNONYMS, PARAPHRASE))
    sides = {
        f"{name}, {setting}": {**plain[name], **params}
        for setting, params, names in (
            (LARGE, {"spread": 1.0}, (NONE, SYNONYMS)),
            (SMALL, {"spread": 0.1}, (NONE, SYNONYMS, PARAPHRASE)),
            (RARE, {"spread": 0.1, "seldom": 2}, (NONE, PARAPHRASE)),
        )
        for name in names
    }
    sizes = of_pool(pool, SAYING_SIZES)
    return compare(lab, "fortunes.yaml", sides, sizes, {"table": str(table)})


def _sides(lab: Lab, sweep: str, names: Sequence[str]) -> dict[str, Params]:
    found = augmentations(lab, sweep)
    return {name: {"augment": each} for name, each in zip(names, found, strict=True)}


def _by_test(runs: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    return {test: [run[test] for run in runs] for test in TESTS}


def _claims(
    findings: dlrun.Findings,
    digits: Disturbed,
    spoken_words: Comparison,
    judged: Comparison,
    sayings: Comparison | None,
) -> None:
    def digit(side: str, test: str, samples: int = 180) -> Sequence[float]:
        return digits[side, samples][test]

    def gain(samples: int) -> list[float]:
        pairs = zip(digit(TOGETHER, CLEAN, samples), digit(NONE, CLEAN, samples), strict=True)
        return [one - other for one, other in pairs]

    findings.claim(
        "Rotating, zooming and shifting raise the accuracy on clean digits with 180 for training.",
        better=digit(TOGETHER, CLEAN),
        than=digit(NONE, CLEAN),
        unit="test accuracy",
        step=1 / 1617,
    )
    findings.claim(
        "They raise it more with 45 training digits than with 450.",
        better=gain(45),
        than=gain(450),
        unit="gain in test accuracy",
        step=1 / 1347,
    )
    findings.claim(
        "Flipping lowers the accuracy on digits.",
        better=digit(NONE, CLEAN),
        than=digit(FLIP, CLEAN),
        unit="test accuracy",
        step=1 / 1617,
    )
    findings.claim(
        "Shifting in training raises the accuracy on shifted digits by at least 10 points.",
        better=digit(SHIFT, SHIFTED),
        than=digit(NONE, SHIFTED),
        unit="accuracy on shifted test digits",
        by=0.1,
        step=1 / 1617,
    )
    findings.claim(
        "Rotating, zooming and shifting change the accuracy on noisy digits by less than 3 points.",
        better=digit(TOGETHER, NOISY),
        than=digit(NONE, NOISY),
        unit="accuracy on noisy test digits",
        within=0.03,
        step=1 / 1617,
    )
    findings.claim(
        "Shifts, speed and noise raise the accuracy on words by at least 10 points with 60 "
        "recordings for training.",
        better=spoken_words.scores(ALL, 60),
        than=spoken_words.scores(NONE, 60),
        unit="test accuracy",
        by=0.1,
        step=1 / 340,
    )
    findings.claim(
        "Synonyms raise the accuracy on reviews in other words by at least 10 points with 80 for "
        "training.",
        better=judged.scores(SYNONYMS, 80),
        than=judged.scores(NONE, 80),
        unit="test accuracy",
        by=0.1,
        step=1 / 600,
    )
    if sayings is None:
        return
    findings.claim(
        "Synonyms change the accuracy on 120 sayings by less than 2 points if the initial "
        "embedding is small.",
        better=sayings.scores(f"{SYNONYMS}, {SMALL}", 120),
        than=sayings.scores(f"{NONE}, {SMALL}", 120),
        unit="test accuracy",
        within=0.02,
        step=1 / 1071,
    )
    findings.claim(
        "Paraphrases lower the accuracy on 120 sayings by at least 5 points if all words of the "
        "training set are known.",
        better=sayings.scores(f"{NONE}, {SMALL}", 120),
        than=sayings.scores(f"{PARAPHRASE}, {SMALL}", 120),
        unit="test accuracy",
        by=0.05,
        step=1 / 1071,
    )
    findings.claim(
        "They change it by less than 3 points if words that occur once are unknown in training.",
        better=sayings.scores(f"{PARAPHRASE}, {RARE}", 120),
        than=sayings.scores(f"{NONE}, {RARE}", 120),
        unit="test accuracy",
        within=0.03,
        step=1 / 1071,
    )
