"""Blocks of random trials decide nothing; exceptions are counted."""

import numpy as np
import pytest

from lib.experiments.reverse_bottleneck import channel, trials
from lib.runs import Run


def test_blocks_cover_each_trial_once():
    assert trials.blocks(5, 2) == [{"first": 0, "count": 2}, {"first": 2, "count": 2}, {"first": 4, "count": 1}]
    assert [k for block in trials.blocks(4001) for k in trials.numbers(**block)] == list(range(4001))


@pytest.mark.parametrize(("arguments", "name"), [((0,), "count"), ((5, 0), "size"), ((2.5,), "count")])
def test_bad_blocks_are_refused(arguments, name):
    with pytest.raises(ValueError, match=f"{name} = "):
        trials.blocks(*arguments)


def test_bad_numbers_are_refused():
    with pytest.raises(ValueError, match="first = -1"):
        trials.numbers(-1, 2)
    with pytest.raises(ValueError, match="count = 0"):
        trials.numbers(0, 0)


def test_joined():
    found = trials.joined([{"a": [1, 2], "b": [[1, 2], [3, 4]]}, {"a": [3], "b": [[5, 6]]}])
    assert found["a"].tolist() == [1, 2, 3]
    assert found["b"].tolist() == [[1, 2], [3, 4], [5, 6]]
    for bad in ([], [{"a": [1]}, {"b": [1]}]):
        with pytest.raises(ValueError, match=r"allowed: at least one block, all with the same columns"):
            trials.joined(bad)


def test_exceptions():
    found = trials.exceptions(np.array([1.0, 0.0, -1e-12, -0.5]))
    assert found == (1, 0.0, 4)  # rounding is no exception
    assert trials.exceptions([-0.5, 1.0], rounding=0.6) == (0, 0.0, 2)
    for bad in ([], [float("nan")], [[1.0]]):
        with pytest.raises(ValueError, match="slacks = "):
            trials.exceptions(bad)


def test_tried_is_the_same_in_any_blocks(monkeypatch):
    monkeypatch.delenv("BOOK_WORKERS", raising=False)
    run = Run("reverse-bottleneck/01-generation-as-a-channel", {"profile": "smoke"})
    found = trials.tried(run, "reverse_bottleneck.channel.finite_settings", 7, size=3, seed=5)
    assert {name: column.tolist() for name, column in found.items()} == channel.finite_settings(5, 0, 7)


def test_rank_correlation():
    found = trials.rank_correlation([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 50.0])
    assert found == pytest.approx((1 - 6 * 4 / (5 * 24), 0.5))  # 1 - 6 sum d^2 / (n (n^2 - 1))
    for bad in ([1.0, 1.0, 1.0], [1.0, 2.0], [1.0, np.inf, 2.0]):
        with pytest.raises(ValueError, match="not constant"):
            trials.rank_correlation([1.0, 2.0, 3.0], bad)
