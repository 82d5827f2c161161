"""lib.runs.keys and lib.runs.tasks: what a key covers, what travels, what comes back."""

import pickle

import numpy as np
import pytest
import torch

from lib import seeds
from lib.datasets.source import Source
from lib.runs import keys, tasks
from lib.runs.tasks import Task, execute, order


def test_key_covers_function_and_arguments():
    same = Task("rehearsal.draw", seed=1, n=2)
    assert same.key == Task("rehearsal.draw", n=2, seed=1).key
    others = [
        Task("rehearsal.draw", seed=2, n=2),
        Task("rehearsal.draw", seed=1),
        Task("rehearsal.block", seed=1, n=2),
        Task("rehearsal.draw", seed="1", n=2),
    ]
    assert len({same.key, *(task.key for task in others)}) == 5
    assert len(same.key) == 20


def test_key_covers_source(monkeypatch):
    before = Task("rehearsal.draw", seed=1).key
    monkeypatch.setattr(keys, "code", lambda function, root=None: "other source")
    assert Task("rehearsal.draw", seed=1).key != before


def test_key_covers_needed_parts():
    def asked(seed):
        return Task("rehearsal.total", blocks=[Task("rehearsal.block", seed=seed, n=2)])

    assert asked(1).key == asked(1).key != asked(2).key
    assert [task.function for task in asked(1).needs] == ["rehearsal.block"]


def test_key_covers_data_and_not_their_place(tmp_path):
    here, there = Source("digits"), Source("digits", root=tmp_path)
    task, elsewhere = (Task("rehearsal.refuse", word=source) for source in (here, there))
    assert task.key == elsewhere.key
    assert task.encoded["word"]["digest"] == here.digest
    assert str(tmp_path) not in str(elsewhere.described())


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {1: 2}, {1, 2}, object(), torch.zeros(1), np.float64("nan"), b"x"]
)
def test_bad_arguments(value):
    with pytest.raises(ValueError, match="seed = "):
        Task("rehearsal.draw", seed=value)


@pytest.mark.parametrize("name", ["none", "rehearsal", "rehearsal.none", "rehearsal.np", "../x.draw"])
def test_unknown_function(name):
    with pytest.raises(ValueError, match="is no function of this book's lib"):
        Task(name)


def test_execute():
    result = execute(pickle.loads(pickle.dumps(order(Task("rehearsal.draw", seed=1, n=2), {}, None))))
    assert result.value == seeds.rng(1, "rehearsal", "draw").normal(size=2).tolist()
    assert result.seconds >= 0


def test_what_travels_is_what_the_key_covers():
    """A list that is changed later, and the order of a dict, which the key does not see, reach no function."""
    seeds_asked, options = [1, 2], {"b": 1, "a": {"d": 1, "c": (2, 3)}}
    task = Task("rehearsal.refuse", word=[seeds_asked, options])
    seeds_asked.append(3)
    options["a"]["d"] = 2
    (travelling,) = order(task, {}, None).arguments.values()
    assert travelling == task.encoded["word"] == [[1, 2], {"a": {"c": [2, 3], "d": 1}, "b": 1}]
    assert [*travelling[1]] == ["a", "b"]
    assert [*travelling[1]["a"]] == ["c", "d"]


def test_execute_with_needs():
    blocks = [Task("rehearsal.block", seed=seed, n=3) for seed in (1, 2)]
    values = {task.key: execute(order(task, {}, None)).value for task in blocks}
    asked = order(Task("rehearsal.total", blocks=blocks, scale=2.0), values, None)
    expected = 2 * sum(value["x"].sum().item() for value in values.values())
    assert execute(pickle.loads(pickle.dumps(asked))).value == pytest.approx(expected, rel=1e-12)


def test_another_source_is_refused():
    asked = order(Task("rehearsal.draw", seed=1), {}, None)._replace(code="older")
    with pytest.raises(ValueError, match=r"another source of rehearsal\.draw"):
        execute(asked)


def test_other_data_are_refused():
    asked = order(Task("rehearsal.refuse", word=Source("digits")), {}, None)
    asked.encoded["word"]["digest"] = "0" * 64
    with pytest.raises(ValueError, match="this worker's digits has other content"):
        execute(asked)


@pytest.mark.parametrize("value", [float("nan"), {"x": float("inf")}, object(), {"x": torch.zeros(1), "y": 1}, {1, 2}])
def test_bad_values(value):
    with pytest.raises(ValueError, match=r"f returned .*, neither JSON nor tensors by name"):
        tasks.plain("f", value)


def test_values_are_as_a_store_gives_them():
    assert tasks.plain("f", {1: (2, 3.5), "x": None}) == {"1": [2, 3.5], "x": None}
    assert torch.equal(tasks.plain("f", {"x": torch.ones(2)})["x"], torch.ones(2))


def test_checkpoint_is_none_outside_a_run():
    assert tasks.checkpoint("state") is None


def test_label():
    task = Task("rehearsal.total", blocks=[], scale=2.0)
    assert str(task) == "rehearsal.total(blocks=[], scale=2.0)"
    assert str(Task("rehearsal.refuse", word=Source("digits"))) == "rehearsal.refuse(word=digits)"
