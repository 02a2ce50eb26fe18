"""Sentences of praise and complaint, whose words of judgement differ between training and test.

    python experiments/augmentation/reviews.py

writes reviews-train.csv and reviews-test.csv beside itself, the same ones each time.  Training
praises and complains in a few words, the test in others of the same meaning, as people do who have
not read the training data.  The words are chosen here, not taken from dlrun's table of synonyms,
which has some of them and lacks others.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

FOLDER = Path(__file__).parent
TRAINING, TEST = 80, 600

# Of each meaning: the words of the training part, and those of the test.
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
    """A sentence of the training part, 0, or of the test, 1."""
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


def write(path: Path, part: int, samples: int) -> None:
    """So many different sentences, as many of praise as of complaint."""
    draw = random.Random(part)
    found: dict[str, str] = {}
    while len(found) < samples:
        label = ("praise", "complaint")[len(found) % 2]
        found.setdefault(sentence(label, part, draw), label)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("text", "label"))
        writer.writerows(found.items())


if __name__ == "__main__":
    write(FOLDER / "reviews-train.csv", 0, TRAINING)
    write(FOLDER / "reviews-test.csv", 1, TEST)
