"""Batched networks against torch's own layers and optimiser, one network at a time."""

import math

import pytest
import torch
from torch import nn

from lib import datasets, seeds
from lib.models.images import perceptrons as mlp

SETTINGS = {
    "classes": 4,
    "hidden": 7,
    "steps": 40,
    "warm_up": 10,
    "batch": 6,
    "peak": 0.2,
    "final": 0.01,
    "weight_decay": 0.01,
}


def small_data(*sizes: int):
    """A pool of 50 rows in 5 dimensions; for each size as many of its rows, with labels in 0 .. 3."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(50, 5, generator=generator)
    rows = [torch.randperm(50, generator=generator)[:size] for size in sizes]
    labels = [torch.randint(4, (size,), generator=generator) for size in sizes]
    return x, rows, labels


def plain_loop(x, rows, labels, *, classes, hidden, steps, warm_up, batch, peak, final, weight_decay, seed):
    """One network by nn.Sequential, torch.optim.SGD and torch's schedulers, from the same start and batches."""
    generators = [seeds.generator(seed, "perceptrons", use) for use in ("weights", "batches")]
    start = mlp.Mlps(x.shape[1], hidden, classes, generators=generators[:1])
    network = nn.Sequential(nn.Linear(x.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, classes))
    with torch.no_grad():
        network[0].weight.copy_(start.weight1[0].T)
        network[0].bias.copy_(start.bias1[0, 0])
        network[2].weight.copy_(start.weight2[0].T)
        network[2].bias.copy_(start.bias2[0, 0])
    draws = torch.randint(len(rows), (steps, batch), generator=generators[1])
    optimiser = torch.optim.SGD(network.parameters(), lr=peak, weight_decay=weight_decay)
    rise = torch.optim.lr_scheduler.LinearLR(optimiser, 1 / warm_up, 1.0, total_iters=warm_up - 1)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps - warm_up, eta_min=final)
    for step in range(steps):
        loss = nn.functional.cross_entropy(network(x[rows[draws[step]]]), labels[draws[step]])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step < warm_up - 1:
            rise.step()
        elif step >= warm_up:  # the first step of the cosine is at the peak too
            fall.step()
    return network


def test_against_plain_loop():
    """Three networks with 30, 50 and 11 rows; float32 sums in another order differ by rounding only."""
    x, rows, labels = small_data(30, 50, 11)
    together = mlp.train_mlps(x, rows, labels, seeds=[3, 1, 4], **SETTINGS)
    for b, seed in enumerate([3, 1, 4]):
        alone = plain_loop(x, rows[b], labels[b], seed=seed, **SETTINGS)
        torch.testing.assert_close(together.weight1[b].T, alone[0].weight, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(together.bias1[b, 0], alone[0].bias, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(together.weight2[b].T, alone[2].weight, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(together.bias2[b, 0], alone[2].bias, rtol=1e-5, atol=1e-6)
        logits = together(x.expand(3, -1, -1))[b]
        torch.testing.assert_close(logits, alone(x), rtol=1e-5, atol=1e-5)
        assert mlp.predict(together, x)[b].tolist() == alone(x).argmax(1).tolist()


def test_starts_like_linear_layers():
    """Uniform in +-1/sqrt(inputs), as nn.Linear: the ends are reached and the variance is that of 20000 such draws."""
    networks = mlp.Mlps(100, 200, 10, generators=[torch.Generator().manual_seed(0)])
    linear = nn.Linear(100, 200)
    for drawn, bound in ((networks.weight1, linear.weight.abs().max().item()), (networks.weight2, 1 / math.sqrt(200))):
        assert drawn.abs().max().item() == pytest.approx(bound, rel=5e-3)  # the largest of at least 2000 draws
        # the variance of a uniform draw's square is 4/45 of bound^4: four standard errors
        error = bound**2 * math.sqrt(4 / 45 / drawn.numel())
        assert drawn.square().mean().item() == pytest.approx(bound**2 / 3, abs=4 * error)
    assert networks.bias1.abs().max() <= 0.1 + 1e-7
    assert networks.bias2.abs().max() <= 1 / math.sqrt(200) + 1e-7


def test_same_seed_same_result():
    """A network depends on its seed and data, not on the networks beside it."""
    x, rows, labels = small_data(20, 20)
    one = mlp.train_mlps(x, rows, labels, seeds=[5, 6], **SETTINGS)
    again = mlp.train_mlps(x, rows, labels, seeds=[5, 6], **SETTINGS)
    alone = mlp.train_mlps(x, rows[1:], labels[1:], seeds=[6], **SETTINGS)
    other = mlp.train_mlps(x, rows[1:], labels[1:], seeds=[7], **SETTINGS)
    assert torch.equal(one.weight1, again.weight1)
    torch.testing.assert_close(one.weight1[1], alone.weight1[0], rtol=1e-5, atol=1e-6)  # another batched product
    assert (other.weight1 - alone.weight1).abs().max() > 0.01


def test_learning_rates():
    rates = mlp.learning_rates(steps=10, warm_up=4, peak=1.0, final=0.2)
    assert rates[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
    assert rates[7] == pytest.approx(0.6)  # half way down
    assert rates[9] == pytest.approx(0.2 + 0.4 * (1 - math.cos(math.pi / 6)))
    assert mlp.learning_rates(steps=2, warm_up=2, peak=1.0, final=0.1) == [0.5, 1.0]
    assert len(mlp.learning_rates(steps=3, warm_up=0, peak=1.0, final=0.1)) == 3


def test_learns_digits():
    """All training images: above 90 % of the test images; labels moved by one: below 10 %, of the same images."""
    data = datasets.load("digits")
    x, rows = data.train_images.flatten(1).float(), torch.arange(len(data.train_images))
    labels = [data.train_labels, (data.train_labels + 1) % 10]
    networks = mlp.train_mlps(
        x,
        [rows, rows],
        labels,
        classes=10,
        hidden=32,
        steps=300,
        warm_up=30,
        batch=64,
        peak=0.02,
        final=0.002,
        weight_decay=1e-4,
        seeds=[0, 1],
    )
    right = mlp.accuracy(networks, data.test_images.flatten(1).float(), data.test_labels)
    assert right.shape == (2,)
    assert right[0] > 0.9
    assert right[1] < 0.1


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu():
    """The same start and batches on CPU and GPU; sums differ by rounding only."""
    x, rows, labels = small_data(30, 50)
    here = mlp.train_mlps(x, rows, labels, seeds=[3, 1], **SETTINGS)
    there = mlp.train_mlps(x.cuda(), rows, labels, seeds=[3, 1], **SETTINGS)
    assert there.weight1.is_cuda
    torch.testing.assert_close(there.weight1.cpu(), here.weight1, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden": 0}, r"hidden = 0 is outside \[1,"),
        ({"steps": 2.5}, "steps = 2.5 is not a whole number"),
        ({"warm_up": 41}, r"warm_up = 41 is outside \[0, steps = 40\]"),
        ({"peak": 0}, r"peak = 0.0 is outside \[1e-30, 1e\+30\]"),
        ({"final": -0.1}, r"final = -0.1 is outside \[1e-30, 1e\+30\]"),
        ({"weight_decay": -1.0}, r"weight_decay = -1.0 is outside \[0, 1e\+30\]"),
        ({"seeds": [1]}, "rows, labels and seeds have lengths 2, 2 and 1"),
        ({"classes": 3}, r"labels of network 0 lie in \[0, 3\], allowed: \[0, 2\]"),
        ({"x": torch.zeros(50, 5).double()}, r"x has shape \(50, 5\) and type torch.float64"),
        ({"x": torch.full((50, 5), torch.nan)}, "finite"),
        ({"x": torch.zeros(9, 5)}, r"rows of network 0 lie in .* allowed: \[0, 8\]"),
        ({"rows": [torch.arange(20), torch.arange(9)]}, r"network 1 have shapes \(9,\) and \(20,\)"),
        ({"peak": 1e30}, r"peak = 1e\+30 is too large: the weights of network 0 are not finite"),
    ],
)
def test_bad_input(change, message):
    x, rows, labels = small_data(20, 20)
    arguments = {"x": x, "rows": rows, "labels": labels, "seeds": [1, 2], **SETTINGS, **change}
    with pytest.raises(ValueError, match=message):
        mlp.train_mlps(arguments.pop("x"), arguments.pop("rows"), arguments.pop("labels"), **arguments)
