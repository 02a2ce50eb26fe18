"""What every sampler has to keep to; a test class of each inherits these tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spaces import BRANIN, MIXED, SMALL, space_of

from dlrun.search.samplers.base import Sampler
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion, identity


def score(suggestion: Suggestion) -> float:
    """Some objective, the same for equal suggestions."""
    return sum(ord(letter) for letter in identity(suggestion)) % 97 / 10


def search(
    sampler: Sampler, space: Space, trials: int, batch: int = 1, failing: int = 0, seed: int = 5
) -> list[Completed]:
    """Ask and tell in batches; every ``failing``-th trial fails."""
    history: list[Completed] = []
    while len(history) < trials:
        new = sampler.suggest(space, history, [], min(batch, trials - len(history)), seed)
        if not new:
            break
        for suggestion in new:
            number = len(history)
            failed = failing and number % failing == 0
            history.append(Completed(number, suggestion, None if failed else score(suggestion)))
    return history


def is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return all(type(key) is str and is_plain(each) for key, each in value.items())
    return value is None or type(value) in (bool, int, float, str)


class SamplerConformance:
    """Inherit, and set ``sampler``."""

    sampler: Sampler
    trials = 24

    def suggestions(self, history: Sequence[Completed]) -> list[str]:
        return [identity(each.suggestion) for each in history]

    def test_suggestions_are_in_the_space_and_plain(self) -> None:
        space = space_of(MIXED)
        for each in search(self.sampler, space, self.trials, batch=4):
            assert space.contains(each.suggestion)
            assert is_plain(each.suggestion)

    def test_nothing_is_suggested_twice(self) -> None:
        for text in (MIXED, BRANIN):
            found = self.suggestions(search(self.sampler, space_of(text), self.trials, batch=3))
            assert len(found) == self.trials == len(set(found))

    def test_an_exhausted_space_gives_nothing_more(self) -> None:
        space = space_of(SMALL)
        history = search(self.sampler, space, 100, batch=3)
        assert len(set(self.suggestions(history))) == len(history) == 4
        assert self.sampler.suggest(space, history, [], 5, 5) == []

    def test_what_is_pending_is_not_suggested(self) -> None:
        space = space_of(SMALL)
        first = self.sampler.suggest(space, [], [], 3, 5)
        rest = self.sampler.suggest(space, [], first, 3, 5)
        assert len({identity(each) for each in (*first, *rest)}) == 4

    def test_the_same_history_gives_the_same_suggestions(self) -> None:
        space = space_of(MIXED)
        history = search(self.sampler, space, 14)
        pending = self.sampler.suggest(space, history, [], 2, 5)
        once = self.sampler.suggest(space, history, pending, 3, 5)
        self.sampler.suggest(space, history[:7], [], 2, 9)  # calls leave nothing behind
        assert self.sampler.suggest(space, history, pending, 3, 5) == once
        assert self.sampler.suggest(space, history, pending[::-1], 3, 5) == once

    def test_a_batch_of_four_is_four_of_one_each_knowing_those_before(self) -> None:
        space = space_of(MIXED)
        for done in (0, 14):
            history = search(self.sampler, space, done)
            pending: list[Suggestion] = []
            for _ in range(4):
                pending += self.sampler.suggest(space, history, pending, 1, 5)
            assert self.sampler.suggest(space, history, [], 4, 5) == pending

    def test_failed_trials_do_no_harm(self) -> None:
        for failing in (1, 2):
            history = search(self.sampler, space_of(MIXED), self.trials, 3, failing)
            assert len(set(self.suggestions(history))) == self.trials

    def test_equal_values_do_no_harm(self) -> None:
        space = space_of(MIXED)
        history = [
            Completed(each.number, each.suggestion, 1.0)
            for each in search(self.sampler, space, self.trials)
        ]
        assert len(self.sampler.suggest(space, history, [], 1, 5)) == 1

    def test_values_of_any_size_do_no_harm(self) -> None:
        space = space_of(BRANIN)
        for sizes in ((1e300, -1e300, 1e-300), (1e-12, 2e-12, 3e-12), (float("inf"), 0.0, 1.0)):
            history = [
                Completed(each.number, each.suggestion, sizes[each.number % 3])
                for each in search(self.sampler, space, self.trials)
            ]
            assert len(self.sampler.suggest(space, history, [], 1, 5)) == 1

    def test_trials_of_other_spaces_do_no_harm(self) -> None:
        space = space_of(MIXED)
        earlier = [
            Completed(-1 - number, {"optimizer": "lion", "other": number}, 1.0)
            for number in range(self.trials)
        ]
        assert len(self.sampler.suggest(space, earlier, [], 3, 5)) == 3


class SeededConformance(SamplerConformance):
    """For samplers that draw, and that have ``trials``."""

    def test_another_seed_gives_other_suggestions(self) -> None:
        space = space_of(BRANIN)
        found = [self.sampler.suggest(space, [], [], 3, seed) for seed in (1, 2, 2**63)]
        assert len({identity(each) for each in found}) == 3

    def test_trials_are_an_end(self) -> None:
        limited = type(self.sampler)(trials=self.trials)
        history = search(limited, space_of(BRANIN), 100, batch=5)
        assert len(history) == self.trials
        space = space_of(BRANIN)
        assert limited.suggest(space, history[:-4], [], 10, 5) != []
        pending = [dict(each.suggestion) for each in history[-2:]]
        assert len(limited.suggest(space, history[:-4], pending, 10, 5)) == 2

    def test_trials_of_earlier_studies_are_not_counted(self) -> None:
        limited = type(self.sampler)(trials=self.trials)
        space = space_of(BRANIN)
        earlier = [
            Completed(-1 - each.number, each.suggestion, each.value)
            for each in search(limited, space, self.trials)
        ]
        new = limited.suggest(space, earlier, [], 2, 5)
        assert len(new) == 2
        assert all(identity(each) not in self.suggestions(earlier) for each in new)
