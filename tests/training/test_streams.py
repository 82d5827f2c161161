"""Data as functions of the step."""

import pytest
import torch
from torch.nn import functional
from training_cases import images, network, to_unit

from lib.training import Config, train
from lib.training.streams import Drawn, Shuffled, check, digest


def shuffled(seed: int = 5) -> Shuffled:
    return Shuffled(torch.arange(90), torch.arange(90) + 100, batch=16, seed=seed)


def test_shuffled():
    """Whole batches, each example at most once in an epoch, inputs with their targets, another order in each epoch."""
    stream = shuffled()
    assert stream.per_epoch == 5
    batches = [stream(step) for step in range(10)]
    assert all(torch.equal(targets, inputs + 100) and len(inputs) == 16 for inputs, targets in batches)
    epochs = [torch.cat([inputs for inputs, _ in batches[k : k + 5]]) for k in (0, 5)]
    assert all(len(epoch.unique()) == 80 for epoch in epochs)
    assert not torch.equal(*epochs)
    assert not torch.equal(shuffled(6)(0)[0], batches[0][0])


def test_shuffled_is_a_function_of_the_step():
    forward, backward = shuffled(), shuffled()
    expected = [forward(step) for step in range(10)]
    for step in reversed(range(10)):
        assert torch.equal(backward(step)[0], expected[step][0])


def test_batch_of_another_size():
    stream = Drawn(lambda step: (torch.zeros(8 - step), torch.zeros(8)), device=torch.device("cpu"), batch=8)
    assert len(stream(0)[0]) == 8
    with pytest.raises(ValueError, match=r"data has 7 inputs, 8 targets in step 1; allowed: 8, config\.batch"):
        stream(1)


def test_digest():
    """Of a set all of it; of a stream its first, middle and last batch."""
    x, y = images(20)
    known = digest((x, y), 0)
    assert digest((x.clone(), y.clone()), 0) == known
    assert digest((x, y.flip(0)), 0) != known
    stream = shuffled()
    known = digest(stream, 9)
    assert digest(shuffled(), 9) == known
    for wrong in (0, 4, 8):
        assert digest(lambda step, wrong=wrong: shuffled()(step + 10 * (step == wrong)), 9) != known


def test_bad_data():
    x, y = images(20)
    config = Config(epochs=1, seed=0)
    with pytest.raises(ValueError, match="data has 20 inputs, 19 targets; allowed: as many"):
        train(network(), functional.cross_entropy, (x, y[1:]), config=config)
    with pytest.raises(ValueError, match="held_out has 0 inputs, 0 targets; allowed: as many, at least 1"):
        train(network(), functional.cross_entropy, (x, y), held_out=(x[:0], y[:0]), config=config)
    with pytest.raises(ValueError, match="patience = 2 needs held_out"):
        train(network(), functional.cross_entropy, (x, y), config=Config(epochs=1, patience=2, seed=0))
    with pytest.raises(ValueError, match="batch = 20 is outside the multiples of 6: 2 devices, 3 micro-batches"):
        check((x, y), None, Config(epochs=1, accumulate=3, seed=0), devices=2)


def test_a_stream_of_the_same_batches():
    """A set, and a function that gives the same batches, train the same model."""
    data = to_unit(images(64)[0]), images(64)[1]
    settings = {"steps": 8, "batch": 16, "evaluate_every": 4, "seed": 2}
    models = network(), network()
    results = [
        train(model, functional.cross_entropy, source, config=Config(**settings))
        for model, source in zip(models, (data, Shuffled(*data, batch=16, seed=2)), strict=True)
    ]
    assert results[0]._replace(seconds=0) == results[1]._replace(seconds=0)
    assert results[0].steps == 8
