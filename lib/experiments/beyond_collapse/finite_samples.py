"""Notebook beyond-collapse/03: one generator, six selections of what it labels, two learners, at many sizes.

Source: "Beyond Model Collapse", Section 4 and Figure 3.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from lib import seeds
from lib.models.linear.least_squares import NestedLeastSquares, fit_least_squares
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate, difference, mean_and_error

GENERATORS = (200, 500, 1000, 5000)  # N0, real samples behind each generator [inferred]
VERIFIERS = {"verifier at π/12": math.pi / 12, "verifier at π/6": math.pi / 6}  # angle to the truth
SELECTIONS = ("oracle, w*", "oracle, true label", *VERIFIERS, "random", "clean")
LEARNERS = ("least squares", "logistic ridge")
BATCH = 65536  # rows drawn at a time: 27 MiB
SMALLEST = 200  # examples on the axis
FROM = 1000  # sizes from here on count for the oracle's excess

Found = Mapping[str, object]  # values of a run, as the notebook stores them


def selection_sizes(largest: int, count: int) -> list[int]:
    """Evenly spaced sizes on a logarithmic axis, from 200 to ``largest``. Checked by
    tests/experiments/beyond_collapse/test_finite_samples.py.
    """
    return sorted({round(size) for size in np.geomspace(SMALLEST, largest, count)})


def select(x: Tensor, y: Tensor, labels: Tensor, w_star: Tensor, verifiers: Sequence[Tensor]) -> Tensor:
    """Which rows each of ``SELECTIONS`` keeps, (6, n) bool, of x (n, d) with true labels y and given labels (n,).

    Checked by tests/experiments/beyond_collapse/test_finite_samples.py::test_select.
    """
    every = torch.ones(len(y), dtype=torch.bool)
    by_verifiers = [two_classes.supervised_kept(x, labels, w) for w in verifiers]
    return torch.stack([two_classes.supervised_kept(x, labels, w_star), labels == y, *by_verifiers, every, every])


def repeat(
    seed: int,
    repeat: int,
    real: int,
    reading: str,
    tau: float,
    dimension: int,
    synthetic: int,
    sizes: list[int],
    logistic_sizes: list[int],
) -> dict[str, object]:
    """One repeat behind a generator from ``real`` samples: draw, generate, verify, fit, measure.

    ``reading``: whether the generator's labels are "drawn" from the sigmoid or cut at one half, "threshold". ``sizes``: examples
    that least squares learns from; ``logistic_sizes``: the same for logistic ridge, with lambda = 1/n'. Returns relative errors
    (selection, size) of both ``LEARNERS``, six digits, None where a selection ran out; that of the "generator"; "p"; and "phi"
    and "psi" of each selection. Checked by tests/experiments/beyond_collapse/test_finite_samples.py::test_repeat.
    """
    draw = seeds.generator(seed, "beyond-collapse/03", real, repeat, reading)
    axis = torch.randn(dimension, generator=draw)
    w_star = axis / axis.norm()
    mean, noise = tau * w_star, dimension**-0.5
    w_gen = fit_least_squares(*two_classes.draw_mixture(real, mean, noise, generator=draw))
    verifiers = [two_classes.draw_at_angle(w_star, angle, generator=draw) for angle in VERIFIERS.values()]
    fits = NestedLeastSquares(dimension, sizes, selections=len(SELECTIONS))
    wrong, kept_wrong, kept_right = 0, torch.zeros(len(SELECTIONS)), torch.zeros(len(SELECTIONS))
    first_kept: list[list[tuple[Tensor, Tensor]]] = [[] for _ in SELECTIONS]  # rows and labels for logistic ridge
    for start in range(0, synthetic, BATCH):
        x, y = two_classes.draw_mixture(min(BATCH, synthetic - start), mean, noise, generator=draw)
        if reading == "drawn":
            labels = two_classes.sigmoid_labels(x, w_gen, generator=draw)
        else:
            labels = two_classes.threshold_labels(x, w_gen)
        kept = select(x, y, labels, w_star, verifiers)
        targets = torch.stack([labels] * (len(SELECTIONS) - 1) + [y])
        fits.update(x, targets, kept)
        for s, rows in enumerate(first_kept):
            if sum(len(x_rows) for x_rows, _ in rows) < logistic_sizes[-1]:
                rows.append((x[kept[s]], targets[s][kept[s]]))
        mistakes = targets != y
        wrong += int(mistakes[0].sum())
        kept_wrong += (kept & mistakes).sum(1)
        kept_right += (kept & ~mistakes).sum(1)
    weights = {"least squares": fits.solve(), "logistic ridge": _logistic_fits(first_kept, logistic_sizes)}
    return {
        **{learner: _relative_errors(w, w_star, mean, noise) for learner, w in weights.items()},
        "generator": _relative_errors(w_gen[None, None], w_star, mean, noise)[0][0],
        "p": wrong / synthetic,
        "phi": (kept_right / (synthetic - wrong)).tolist(),
        "psi": (kept_wrong / max(1, wrong)).tolist(),
    }


def _logistic_fits(first_kept: list[list[tuple[Tensor, Tensor]]], sizes: list[int]) -> Tensor:
    """Logistic ridge (selection, size, d) on the first rows that each selection kept."""
    pooled = [tuple(torch.cat(column) for column in zip(*rows, strict=True)) for rows in first_kept]
    return torch.stack(
        [
            torch.stack([fit_logistic_ridge(x[:n], y[None, :n], 1 / n, tolerance=1e-6)[0] for n in sizes])
            for x, y in pooled
        ]
    )


def _relative_errors(weights: Tensor, w_star: Tensor, mean: Tensor, noise: float) -> list[list[float | None]]:
    """``1 - acc(w) / acc(w_star)`` (selection, size); six digits are plenty; a selection that ran out of examples has none."""
    errors = 1 - two_classes.accuracy(weights, mean, noise) / two_classes.accuracy(w_star, mean, noise)
    return [[float(f"{e:.6g}") if e == e else None for e in row] for row in errors.tolist()]


def errors_of(found: Found, learner: str) -> np.ndarray:
    """Relative errors (generator, repeat, selection, size) of a run's values; nan where a selection ran out.

    Logistic ridge learns from the first rows that least squares learns from, and has run out where that one has.
    Checked by tests/experiments/beyond_collapse/test_finite_samples.py::test_a_run_too_small_measures_nothing.
    """
    errors = np.array([[one[learner] for one in row] for row in found["results"]], dtype=float)
    if learner == LEARNERS[0]:
        return errors
    least, sizes = errors_of(found, LEARNERS[0]), found["sizes"]
    for at, size in enumerate(sizes[learner]):
        if size in sizes[LEARNERS[0]]:
            errors[..., at][np.isnan(least[..., sizes[LEARNERS[0]].index(size)])] = np.nan
    return errors


def _mean(draws: np.ndarray) -> Estimate | None:
    """Mean over repeats (N,) and its error; None where a selection ran out in one of them."""
    return None if np.isnan(draws).any() else mean_and_error(draws)


def _largest(found: Iterable[Estimate | None]) -> Estimate | None:
    """The largest of some estimates; None where one of them could not be measured."""
    every = list(found)
    return None if None in every else max(every)


def rise_after_best(errors: np.ndarray) -> Estimate | None:
    """Rise of an error (repeat, size) from its best size to the largest; None where the selection ran out there.

    The best size is chosen on the first half of the repeats and the rise is measured on the other half: the lowest point of a
    noisy curve looks low by construction. Checked by tests/experiments/beyond_collapse/test_finite_samples.py::test_rise.
    """
    half = len(errors) // 2
    if np.isnan(errors[:, -1]).any():
        return None
    best = int(np.nanargmin(errors[:half].mean(0)))
    return _mean(errors[half:, -1] - errors[half:, best])


def rise(found: Found, learner: str) -> Estimate | None:
    """Largest rise of a weak verifier's error after its best size, over generators and weak verifiers.

    Checked by tests/experiments/beyond_collapse/test_finite_samples.py::test_rise.
    """
    return _largest(
        rise_after_best(block[:, SELECTIONS.index(name)]) for block in errors_of(found, learner) for name in VERIFIERS
    )


def measure(found: Found) -> dict[str, Estimate | None]:
    """The measured quantities of a run, of least squares where nothing else is said; an excess is one of relative errors.

    "oracle": largest of the oracle w* over clean labels, from n' = 1000 on, all generators; "oracle, good generators": of those
    from more than the fewest real samples. "best": largest of the oracle over another selection of generated labels.
    "order": largest of a better verifier (oracle, π/12, π/6) over the next worse, at the largest size; "generators": largest of
    a generator from more real samples over the next with fewer. "rise, least squares", "rise, logistic ridge": see
    :func:`rise`. "harm", "help": of the verifier at π/6 over random selection behind the best and the poorest generator.
    None where a selection ran out of examples at a size that counts.
    Checked by tests/experiments/beyond_collapse/test_finite_samples.py::test_measure.
    """
    errors = errors_of(found, "least squares")
    oracle, random, clean = (SELECTIONS.index(name) for name in ("oracle, w*", "random", "clean"))
    weak = [SELECTIONS.index(name) for name in VERIFIERS]
    at = [i for i, size in enumerate(found["sizes"]["least squares"]) if size >= FROM] or [-1]

    def excess(one: int, other: int, generators: slice = slice(None)) -> list[Estimate | None]:
        return [_mean(block[:, one, i] - block[:, other, i]) for block in errors[generators] for i in at]

    last = errors[..., -1]  # (generator, repeat, selection)
    order = [oracle, *weak]

    def step(g: int, s: int) -> Estimate | None:
        better, worse = _mean(last[g + 1, :, s]), _mean(last[g, :, s])
        return difference(better, worse) if better and worse else None

    return {
        "oracle": _largest(excess(oracle, clean)),
        "oracle, good generators": _largest(excess(oracle, clean, slice(1, None))),
        "best": _largest(one for s in (*weak, random) for one in excess(oracle, s)),
        "order": _largest(_mean(row[:, a] - row[:, b]) for row in last for a, b in itertools.pairwise(order)),
        "generators": _largest(step(g, s) for g in range(len(last) - 1) for s in (*order, random)),
        **{f"rise, {learner}": rise(found, learner) for learner in LEARNERS},
        "help": _mean(last[0][:, weak[-1]] - last[0][:, random]),
        "harm": _mean(last[-1][:, weak[-1]] - last[-1][:, random]),
    }


def sweet_spots(found: Found) -> list[tuple[str, int, int]]:
    """Selection, N0 and the size with the lowest mean error of logistic ridge, on the first half of the repeats.

    Sizes for which a selection ran out do not count.
    """
    sizes = found["sizes"]["logistic ridge"]
    return [
        (SELECTIONS[s], real, sizes[int(np.nanargmin(block[: len(block) // 2, s].mean(0)))])
        for real, block in zip(found["generators"], errors_of(found, "logistic ridge"), strict=True)
        for s in map(SELECTIONS.index, VERIFIERS)
    ]


def mean_rates(found: Found) -> list[tuple[int, str, float, float, float]]:
    """N0, selection and the means of p, phi and psi over repeats, for all selections but clean labels."""
    return [
        (real, selection, *(float(np.mean(values)) for values in (
            [one["p"] for one in row], [one["phi"][s] for one in row], [one["psi"][s] for one in row]
        )))
        for real, row in zip(found["generators"], found["results"], strict=True)
        for s, selection in enumerate(SELECTIONS[:-1])
    ]  # fmt: skip
