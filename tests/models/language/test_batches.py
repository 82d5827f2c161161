"""A long computation over rows: killed after any batch, it ends with the same values, and does nothing twice."""

import json

import pytest

from lib.models.language.answers import greedy
from lib.models.language.batches import in_batches, teller
from lib.models.language.rows import padded
from lib.training import checkpoint as checkpoints


class Stop(Exception):
    pass


def lengths(seen, stop=None):
    def compute(rows):
        if len(seen) == stop:
            raise Stop
        seen.append(len(rows))
        return [len(row.tokens) for row in rows]

    return compute


def test_the_order_is_that_of_the_rows(model, asked):
    seen = []
    assert in_batches(lengths(seen), model, asked, batch=4, what="lengths") == [len(row.tokens) for row in asked]
    assert seen == [4, 4, 1]


@pytest.mark.parametrize("stop", [0, 1, 2, None])
def test_stopped_and_resumed(model, asked, tmp_path, stop):
    path, before, after = tmp_path / "done.safetensors", [], []
    given = {"batch": 4, "what": "lengths", "checkpoint": path, "minutes": 0}
    if stop is not None:
        with pytest.raises(Stop):
            in_batches(lengths(before, stop), model, asked, **given)
    found = in_batches(lengths(after), model, asked, **given)
    assert found == [len(row.tokens) for row in asked]
    assert before + after == [4, 4, 1]
    assert in_batches(lengths(before, len(before)), model, asked, **given) == found  # nothing is left to do


def test_who_is_told(model, asked, tmp_path, capfd):
    """Before the first batch, and after each; resumed, from where it is. Who is told draws no bar."""
    told, path = [], tmp_path / "done.safetensors"

    def tell(*given):
        told.append(given)

    given = {"batch": 4, "what": "lengths", "checkpoint": path, "minutes": 0, "progress": tell}
    with pytest.raises(Stop):
        in_batches(lengths([], 1), model, asked, **given)
    assert told == [(0, 9, "rows"), (4, 9, "rows")]
    told.clear()
    in_batches(lengths([]), model, asked, **given)
    assert told == [(4, 9, "rows"), (8, 9, "rows"), (9, 9, "rows")]
    assert capfd.readouterr().err == ""
    in_batches(lengths([]), model, asked, **given | {"progress": True, "checkpoint": None})
    assert "9/9" in capfd.readouterr().err
    assert len(told) == 3


def test_nobody_is_told():
    assert teller(True)(1, 2, "rows") is teller(False)(1, 2, "rows") is None
    with pytest.raises(
        ValueError, match=r"^progress = 1 is neither; allowed: True, False, or a function of done, total"
    ):
        teller(1)


def test_another_run(model, asked, taught, tmp_path):
    path = tmp_path / "done.safetensors"
    greedy(model, asked, answer=2, checkpoint=path)
    for changed, name in (({"answer": 3}, "what"), ({"batch": 3}, "batch"), ({"rows": asked[:3]}, "rows")):
        with pytest.raises(ValueError, match=rf"is of another run: its {name} = "):
            greedy(**{"model": model, "rows": asked, "answer": 2, "checkpoint": path} | changed)
    model(padded(taught[:2], 0)).sum().backward()
    model.network.lm_head.weight.data -= model.network.lm_head.weight.grad
    with pytest.raises(ValueError, match="is of another run: its model = "):
        greedy(model, asked, answer=2, checkpoint=path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"is corrupt .* remove it to start the run again"):
        greedy(model, asked, answer=2, checkpoint=path)


def test_what_is_kept_is_json(model, asked, tmp_path):
    path = tmp_path / "done.safetensors"
    found = greedy(model, asked, answer=4, checkpoint=path)
    tensors, state = checkpoints.load(path)
    assert not tensors
    assert sorted(state["done"]) == sorted(json.loads(json.dumps(found)))
