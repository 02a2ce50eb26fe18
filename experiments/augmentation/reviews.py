"""Write sentences of praise and complaint for reviews.yaml.

    python -m experiments.augmentation.reviews

writes training sets of 20, 80 and 320 sentences, validation.csv and test.csv to the folder
sentences.  The training sets praise and complain in a few words, the other sets in synonyms of
them.  The words are chosen here, not taken from dlrun's table of synonyms, which contains some of
them, not all.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

TRAINING, VALIDATION, TEST = (20, 80, 320), 300, 600

# For each meaning: the words of the training sets, and those of the other sets.
PRAISE = (
    (("great", "excellent"), ("superb", "outstanding", "terrific", "brilliant")),
    (("wonderful",), ("marvelous", "fantastic", "splendid", "magnificent")),
    (("interesting",), ("fascinating", "intriguing", "engaging", "absorbing")),
    (("beautiful",), ("gorgeous", "stunning", "exquisite")),
    (("funny",), ("amusing", "hilarious", "humorous", "witty")),
)
COMPLAINT = (
    (("terrible", "horrible"), ("awful", "dreadful", "atrocious")),
    (("boring",), ("dull", "tedious", "tiresome", "dreary")),
    (("bad",), ("lousy", "poor", "mediocre")),
    (("stupid",), ("dumb", "foolish", "idiotic", "brainless")),
    (("disappointing",), ("underwhelming", "unsatisfying", "lacklustre")),
)
VERBS = {
    "praise": (
        (("loved",), ("adored", "cherished", "treasured")),
        (("enjoyed",), ("liked", "appreciated", "relished")),
    ),
    "complaint": (
        (("hated",), ("detested", "loathed", "despised")),
        (("regretted",), ("rued", "lamented")),
    ),
}
THINGS = ("film", "book", "play", "song", "show", "story", "concert", "game", "meal", "trip")
WHO = ("I", "we", "my sister", "the children", "everybody", "our guests")
WHEN = ("last night", "on Sunday", "yesterday", "again this week", "after all", "in the end")
FORMS = (
    "The {thing} we saw {when} was {word}.",
    "What a {word} {thing}, {who} said {when}.",
    "{Who} {verb} the {thing} {when}.",
    "It was a {word} {thing} and {who} {verb} it.",
    "{When}, {who} told me that the {thing} is {word}.",
    "If you ask me, the {thing} was {word} from the first minute.",
    "There is no {thing} this year that is so {word}.",
    "{Who} {verb} every minute of that {word} {thing}.",
)


def sentence(label: str, part: int, draw: random.Random) -> str:
    """A sentence in the words of the training sets (part 0) or in those of the others (part 1)."""
    words = PRAISE if label == "praise" else COMPLAINT
    who, when = draw.choice(WHO), draw.choice(WHEN)
    return draw.choice(FORMS).format(
        word=draw.choice(draw.choice(words)[part]),
        verb=draw.choice(draw.choice(VERBS[label])[part]),
        thing=draw.choice(THINGS),
        who=who,
        Who=who[0].upper() + who[1:],
        when=when,
        When=when[0].upper() + when[1:],
    )


def sentences(part: int, samples: int) -> list[tuple[str, str]]:
    """Distinct sentences with their labels, half praise and half complaint."""
    draw = random.Random(part)
    labels: dict[str, str] = {}
    while len(labels) < samples:
        label = ("praise", "complaint")[len(labels) % 2]
        labels.setdefault(sentence(label, part, draw), label)
    return list(labels.items())


def write(folder: Path) -> None:
    """Write all sets; a smaller training set is the beginning of a larger one."""
    training = sentences(0, max(TRAINING))
    others = sentences(1, VALIDATION + TEST)
    sets = {f"train-{size}": training[:size] for size in TRAINING}
    sets |= {"validation": others[:VALIDATION], "test": others[VALIDATION:]}
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in sets.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("text", "label"))
            writer.writerows(rows)


if __name__ == "__main__":
    write(Path(__file__).with_name("sentences"))
