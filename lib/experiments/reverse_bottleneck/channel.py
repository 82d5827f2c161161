"""Numeric parts of notebook reverse-bottleneck/01: scenes along the channel, and both sides of Lemma 3.1."""

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Generator, Tensor

from lib import seeds
from lib.experiments.reverse_bottleneck import scenes as random_scenes
from lib.experiments.reverse_bottleneck.trials import numbers
from lib.models.mixtures.fit import fit
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures, total_variation
from lib.statistics import Estimate
from lib.theory.reverse_bottleneck import finite_learner

STREAM = "reverse-bottleneck/01"
MIXTURES = ("task", "model", "data", "fit to anchors", "fit to synthetic")
DISTANCES = {"D to D_M": ("task", "model"), "D_M to D_gen": ("model", "data"), "D to D_gen": ("task", "data")}
LEVEL_POINTS = 4000  # points of a mixture that find its 95 % level: the share inside is then right to 0.0034


def scenes(seed: int, count: int, components: int, anchors: int, synthetic: int, keep: float) -> dict[str, Tensor]:
    """Random scenes with K = J = L = ``components``: distributions, points, and the mixtures fitted to the points.

    Parameters
    ----------
    seed, count, components, anchors : int
        As for :func:`lib.experiments.reverse_bottleneck.scenes.draw`.
    synthetic : int
        Points of the curated distribution, at least 3 * components.
    keep : float
        Probability that curation keeps a point of a foreign component, in [0, 1].

    Returns
    -------
    dict of tensors
        "anchors" (B, K * anchors, 2) and "synthetic" (B, synthetic, 2); weights, means and covariances of each of ``MIXTURES``,
        for :func:`mixtures`: task D (2K components), model D_M and data D_gen (3K), the fits to the anchors (K) and to the
        synthetic points (3K).

    Raises
    ------
    ValueError
        Outside these ranges.

    Notes
    -----
    Source: Section 3.2, Figures 2 and 5. Checked by tests/experiments/reverse_bottleneck/test_channel.py.
    """
    generator = seeds.generator(seed, STREAM, "scenes")
    drawn = random_scenes.draw(count, *[components] * 3, anchors=anchors, generator=generator)
    data = random_scenes.curated(drawn.model, components, keep)
    points = {"anchors": drawn.anchors, "synthetic": data.sample(synthetic, generator=generator)}
    fits = [
        fit(points[name], size, generator=generator).mixtures
        for name, size in (("anchors", components), ("synthetic", 3 * components))
    ]
    found = dict(points)
    for name, each in zip(MIXTURES, (drawn.truth, drawn.model, data, *fits), strict=True):
        for field in ("weights", "means", "covariances"):
            found[f"{name}: {field}"] = getattr(each, field).contiguous()
    return found


def mixtures(scenes: Mapping[str, Tensor], name: str) -> GaussianMixtures:
    """One of ``MIXTURES`` of the scenes. Raises KeyError for another name.

    Checked by tests/experiments/reverse_bottleneck/test_channel.py.
    """
    return GaussianMixtures(*(scenes[f"{name}: {field}"] for field in ("weights", "means", "covariances")))


def inside(of: GaussianMixtures, points: Tensor, *, generator: Generator) -> Tensor:
    """Share (B,) of points (B, N, 2) inside the smallest region that holds 95 % of each mixture.

    A point lies inside if the density there is above the one that 95 % of the mixture's own points exceed.
    Checked by tests/experiments/reverse_bottleneck/test_channel.py, on an ellipse of known radius.
    """
    own = of.log_prob(of.sample(LEVEL_POINTS, generator=generator))
    return (of.log_prob(points) >= own.quantile(0.05, dim=1, keepdim=True)).double().mean(1)


def coverage(scenes: Mapping[str, Tensor], seed: int) -> dict[str, list[float]]:
    """Of each scene: "covered", share of the anchors inside the region of the fit to the synthetic points, and "beyond", share of
    the synthetic points outside that of the fit to the anchors.

    Source: Figure 2. Checked by tests/experiments/reverse_bottleneck/test_channel.py.
    """
    generator = seeds.generator(seed, STREAM, "coverage")
    covered = inside(mixtures(scenes, "fit to synthetic"), scenes["anchors"], generator=generator)
    beyond = 1 - inside(mixtures(scenes, "fit to anchors"), scenes["synthetic"], generator=generator)
    return {"covered": covered.tolist(), "beyond": beyond.tolist()}


def distances(scenes: Mapping[str, Tensor], seed: int, n_divergence: int) -> dict[str, dict[str, list[float]]]:
    """Total variations in [0, 1] between the distributions of each scene, "value" and "standard error", by ``DISTANCES``.

    ``n_divergence`` points each, at least 2. Raises ValueError outside. Source: Figure 1, Definition A.4. Checked by
    tests/experiments/reverse_bottleneck/test_channel.py.
    """
    found = {}
    for name, (one, other) in DISTANCES.items():
        generator = seeds.generator(seed, STREAM, "distance", name)
        each = total_variation(mixtures(scenes, one), mixtures(scenes, other), n_divergence, generator=generator)
        found[name] = {"value": each.value.tolist(), "standard error": each.standard_error.tolist()}
    return found


def errors(scenes: Mapping[str, Tensor], seed: int, n_divergence: int) -> dict[str, list[float]]:
    """Of each scene, for the fit to the synthetic points: "error" ``|R_D - R_S|`` and "on data" ``|R_Dgen - R_S|``, in [0, 1].

    The loss of a point is 1 if it lies outside the smallest region that holds 95 % of the fit, else 0. Risks are means over
    ``n_divergence`` points. Source: the terms of Lemma 3.1. Checked by tests/experiments/reverse_bottleneck/test_channel.py.
    """
    generator = seeds.generator(seed, STREAM, "errors")
    trained = mixtures(scenes, "fit to synthetic")
    points = [mixtures(scenes, name).sample(n_divergence, generator=generator) for name in ("task", "data")]
    task, data, sample = (1 - inside(trained, each, generator=generator) for each in (*points, scenes["synthetic"]))
    return {"error": (task - sample).abs().tolist(), "on data": (data - sample).abs().tolist()}


def least_slack(distances: Mapping[str, Mapping], errors: Mapping[str, Sequence], n_divergence: int) -> Estimate:
    """Least slack of Lemma 3.1 over scenes, in units of the loss bound C, with the standard error of that scene's terms.

    Args: what :func:`distances` and :func:`errors` return. Two risks have a variance of at most 1/4 each over ``n_divergence``.
    Checked by tests/experiments/reverse_bottleneck/test_channel.py.
    """
    steps = [distances[name] for name in ("D to D_M", "D_M to D_gen")]
    slack = sum(np.array(each["value"]) for each in steps) + np.array(errors["on data"]) - np.array(errors["error"])
    worst = slack.argmin()
    variance = sum(each["standard error"][worst] ** 2 for each in steps) + 0.5 / n_divergence
    return Estimate(float(slack[worst]), float(np.sqrt(variance)))


def finite_settings(seed: int, first: int, count: int) -> dict[str, list[float]]:
    """Bound less error of Lemma 3.1 in random finite settings, by the range of the loss, C = 1.

    Each has a task, a model, curated data (every other one: none) and a sample of 1 to 29 of them, over two to five kinds of
    points. Returns a number for each: "one sign", a loss in [0, 1] and the printed constant C; "signed", a loss in [-1, 1] and C;
    "twice", that loss and 2 C. Raises ValueError unless first is at least 0 and count at least 1. Source: Lemma 3.1 and step 13.
    Checked by tests/experiments/reverse_bottleneck/test_channel.py.
    """
    rows = [_finite_setting(seeds.rng(seed, STREAM, "finite setting", k), k % 2 == 1) for k in numbers(first, count)]
    return {
        name: list(column)
        for name, column in zip(("one sign", "signed", "twice"), zip(*rows, strict=True), strict=True)
    }


def _finite_setting(rng: np.random.Generator, without_curation: bool) -> tuple[float, float, float]:
    kinds = int(rng.integers(2, 6))
    task, model, data = rng.dirichlet(np.full(kinds, 0.3), 3)
    data = model if without_curation else data
    sample = rng.multinomial(int(rng.integers(1, 30)), data)
    loss = rng.beta(0.3, 0.3, kinds)
    rows = [each.tolist() for each in (task, model, data, sample / sample.sum())]
    return (
        slack(*rows, loss.tolist()),
        slack(*rows, (2 * loss - 1).tolist()),
        slack(*rows, (2 * loss - 1).tolist(), 2.0),
    )


def slack(
    task: list[float],
    model: list[float],
    data: list[float],
    sample: list[float],
    loss: list[float],
    constant: float = 1.0,
) -> float:
    """Bound of Lemma 3.1 less the error, on k kinds of points: ``constant (TV(D, D_M) + TV(D_M, D_gen)) + |R_Dgen - R_S| -
    |R_D - R_S|``.

    Args: rows of k probabilities, and the k losses. Raises ValueError for rows that are none.
    Source: Lemma 3.1. Checked by tests/experiments/reverse_bottleneck/test_channel.py, by hand on two points.
    """
    divergence = finite_learner.total_variation(task, model) + finite_learner.total_variation(model, data)
    on_data, error = (abs(float(np.dot(loss, np.subtract(of, sample)))) for of in (data, task))
    return constant * divergence + on_data - error
