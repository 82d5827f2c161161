"""Many small multilayer perceptrons trained at once, each on its own rows.

A network of a few thousand weights keeps a processor busy with the calls, not with the sums. So B networks of one shape are
one batched product (torch.baddbmm): B seeds, data sizes and label noises cost one loop. On a processor a network of a hundred
thousand weights is no faster for it.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from lib import tensors
from lib.seeds import generator
from lib.theory import checks


class Mlps(nn.Module):
    """B independent networks ``logits = W2 relu(W1 x + b1) + b2``.

    Attributes: weights 1 (B, d, hidden) and 2 (B, hidden, classes); biases 1 (B, 1, hidden) and 2 (B, 1, classes); float32.

    They start as torch.nn.Linear does: weights and biases uniform in ``+-1/sqrt(inputs of the layer)``. Network b draws from
    ``generators[b]`` alone, so it does not depend on what it is trained with.
    Checked by tests/models/images/test_perceptrons.py::test_starts_like_linear_layers.
    """

    def __init__(self, inputs: int, hidden: int, classes: int, *, generators: Sequence[torch.Generator]):
        super().__init__()
        inputs, hidden, classes = (
            checks.integer(name, value, 1, 10**6)
            for name, value in (("inputs", inputs), ("hidden", hidden), ("classes", classes))
        )
        generators = checks.listed("generators", generators, "one torch.Generator a network")
        if not generators:
            raise ValueError("generators = [], allowed: at least one torch.Generator")
        for i, each in enumerate(generators):
            tensors.generator(f"generators[{i}]", each)

        def uniform(rows: int, columns: int, fan_in: int) -> nn.Parameter:
            draws = torch.stack([torch.rand(rows, columns, generator=generator) for generator in generators])
            return nn.Parameter((2 * draws - 1) / math.sqrt(fan_in))

        self.weight1, self.bias1 = uniform(inputs, hidden, inputs), uniform(1, hidden, inputs)
        self.weight2, self.bias2 = uniform(hidden, classes, hidden), uniform(1, classes, hidden)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, rows, classes) of x (B, rows, d)."""
        hidden = torch.baddbmm(self.bias1, x, self.weight1).relu()  # (B, rows, hidden)
        return torch.baddbmm(self.bias2, hidden, self.weight2)


def learning_rates(steps: int, warm_up: int, peak: float, final: float) -> list[float]:
    """The rate of each step: ``peak (t+1)/warm_up`` for t < warm_up, then half a cosine from peak down to final.

    Raises ValueError unless ``0 <= warm_up <= steps`` and both rates are in [1e-30, 1e30].
    Checked by tests/models/images/test_perceptrons.py::test_learning_rates.
    """
    steps = checks.integer("steps", steps, 1, 10**9)
    warm_up = _warm_up(warm_up, steps)
    peak, final = _rate("peak", peak), _rate("final", final)
    rest = steps - warm_up
    fall = [final + (peak - final) * (1 + math.cos(math.pi * t / rest)) / 2 for t in range(rest)]
    return [peak * (t + 1) / warm_up for t in range(warm_up)] + fall


def train_mlps(
    x: Tensor,
    rows: Sequence[Tensor],
    labels: Sequence[Tensor],
    *,
    classes: int,
    hidden: int,
    steps: int,
    warm_up: int,
    batch: int,
    peak: float,
    final: float,
    weight_decay: float,
    seeds: Sequence[int],
) -> Mlps:
    """Train B networks by SGD on the cross-entropy, all of them in the same steps.

    Parameters
    ----------
    x : (R, d) float32 tensor
        A pool of rows. The networks are on its device.
    rows : sequence of B (n_b,) int64 tensors
        Which rows of the pool network b is trained on; its labels are its own, so that networks can share rows. n_b may differ.
    labels : sequence of B (n_b,) int64 tensors
        In 0 .. classes - 1.
    classes, hidden, steps, warm_up, batch : int
        At least 1, and ``0 <= warm_up <= steps``. Each step draws ``batch`` of the n_b rows, with replacement.
    peak, final : float
        Learning rates, in [1e-30, 1e30] (:func:`learning_rates`).
    weight_decay : float
        In [0, 1e30], on weights and biases, as in torch.optim.SGD.
    seeds : sequence of B int
        Start of network b's initial weights and batches, whatever the other networks are and whatever the device.

    Notes
    -----
    Returns the trained networks. Raises ValueError for a bad argument, and if a network's weights are no longer finite.
    Checked by tests/models/images/test_perceptrons.py::test_against_plain_loop.
    """
    classes, hidden, steps, batch = (
        checks.integer(name, value, 1, 10**9)
        for name, value in (("classes", classes), ("hidden", hidden), ("steps", steps), ("batch", batch))
    )
    warm_up = _warm_up(warm_up, steps)
    peak, final = _rate("peak", peak), _rate("final", final)
    weight_decay = checks.real("weight_decay", weight_decay, 0.0, 1e30)
    rows, labels, seeds = (
        checks.listed(name, value, allowed)
        for name, value, allowed in (
            ("rows", rows, "one (n_b,) tensor a network"),
            ("labels", labels, "one (n_b,) tensor a network"),
            ("seeds", seeds, "one number a network"),
        )
    )
    seeds = [checks.integer(f"seeds[{b}]", seed, 0, 2**63 - 1) for b, seed in enumerate(seeds)]
    _check_rows(x, rows, labels, classes, len(seeds))
    weights, batches = ([generator(seed, "perceptrons", use) for seed in seeds] for use in ("weights", "batches"))
    networks = Mlps(x.shape[1], hidden, classes, generators=weights).to(x.device)
    draws = [torch.randint(len(own), (steps, batch), generator=g) for own, g in zip(rows, batches, strict=True)]
    # (steps, B, batch): the pool's rows and the labels of each step
    chosen, target = (
        torch.stack([own.cpu()[draw] for own, draw in zip(table, draws, strict=True)], dim=1).to(x.device)
        for table in (rows, labels)
    )
    optimiser = torch.optim.SGD(networks.parameters(), lr=peak, weight_decay=weight_decay)
    for step, rate in enumerate(learning_rates(steps, warm_up, peak, final)):
        optimiser.param_groups[0]["lr"] = rate
        logits = networks(x[chosen[step]])  # (B, batch, classes)
        # a sum over networks: each one's gradient is that of its own mean
        loss = functional.cross_entropy(logits.flatten(0, 1), target[step].flatten(), reduction="sum") / batch
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    for b in range(len(seeds)):
        if not all(parameter[b].isfinite().all() for parameter in networks.parameters()):
            raise ValueError(f"peak = {peak!r} is too large: the weights of network {b} are not finite")
    return networks


def predict(networks: Mlps, x: Tensor) -> Tensor:
    """Most likely class (B, rows) of every row of x (rows, d) by every network."""
    tensors.instance("networks", networks, Mlps)
    tensors.real("x", x, "(rows, d)", dims=(2,))
    if x.shape[1] != networks.weight1.shape[1] or x.dtype != torch.float32:
        raise ValueError(
            f"x has shape {tuple(x.shape)} and type {x.dtype}, allowed: (rows, {networks.weight1.shape[1]}), torch.float32"
        )
    with torch.no_grad():
        return networks(x.expand(len(networks.weight1), *x.shape)).argmax(2)


def accuracy(networks: Mlps, x: Tensor, labels: Tensor) -> Tensor:
    """Share of rows that each network labels correctly: (B,) float64. x : (rows, d), labels : (rows,).

    Checked by tests/models/images/test_perceptrons.py::test_learns_digits.
    """
    found = predict(networks, x)
    tensors.real("labels", labels, "(rows,)")
    if labels.shape != x.shape[:1] or not len(labels):
        raise ValueError(f"labels has shape {tuple(labels.shape)}, allowed: ({len(x)},), at least 1")
    return (found == labels).double().mean(1)


def _rate(name: str, value: float) -> float:
    return checks.real(name, value, 1e-30, 1e30)  # single precision must hold it, and its product with a gradient


def _warm_up(warm_up: int, steps: int) -> int:
    warm_up = checks.integer("warm_up", warm_up, 0, 10**9)
    if warm_up > steps:
        raise ValueError(f"warm_up = {warm_up} is outside [0, steps = {steps}]")
    return warm_up


def _check_rows(x: Tensor, rows: Sequence[Tensor], labels: Sequence[Tensor], classes: int, count: int) -> None:
    tensors.real("x", x, "(R, d), torch.float32, finite")
    if x.ndim != 2 or x.dtype != torch.float32 or not x.isfinite().all():
        raise ValueError(f"x has shape {tuple(x.shape)} and type {x.dtype}, allowed: (R, d), torch.float32, finite")
    if not len(rows) == len(labels) == count >= 1:
        raise ValueError(
            f"rows, labels and seeds have lengths {len(rows)}, {len(labels)} and {count}, allowed: one, >= 1"
        )
    for b, (own, target) in enumerate(zip(rows, labels, strict=True)):
        tensors.whole(f"rows[{b}]", own, "(n_b,)"), tensors.whole(f"labels[{b}]", target, "(n_b,)")
        if own.ndim != 1 or own.shape != target.shape or not len(own):
            raise ValueError(
                f"rows and labels of network {b} have shapes {tuple(own.shape)} and {tuple(target.shape)}, allowed: equal, (n_b,)"
            )
        for name, values, top in (("rows", own, len(x) - 1), ("labels", target, classes - 1)):
            if values.min() < 0 or values.max() > top:
                raise ValueError(
                    f"{name} of network {b} lie in [{values.min()}, {values.max()}], "
                    f"allowed: [0, {top}], as x and classes say"
                )
