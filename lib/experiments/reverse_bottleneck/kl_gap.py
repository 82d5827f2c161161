"""Numeric parts of notebook reverse-bottleneck/04: the KL gap of Figure 4 by three protocols, and its slope.

The gap is D(fit to anchors, G) - D(fit to synthetic points, G) in nats: positive where synthetic data bring the fit nearer to the
ground truth G. A sweep varies one of K, J, L; the other two stay at a default.
"""

import math
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits
from torch import Generator, Tensor

from lib import seeds
from lib.experiments.reverse_bottleneck import scenes as random_scenes
from lib.experiments.reverse_bottleneck.estimators import STREAM, by_histograms
from lib.models.mixtures.fit import fit
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures, kl_divergence
from lib.statistics import Estimate, mean_and_error
from lib.theory import checks

SWEEPS = ("K", "J", "L")


class Points(NamedTuple):
    """What the mixtures of one setting are fitted to: the ground truth, and by name of a fit its points (B, N, 2) and its number
    of components; ``generator`` goes on with the setting's stream."""

    truth: GaussianMixtures
    sets: dict[str, tuple[Tensor, int]]
    generator: Generator


def points(
    seed: int,
    varied: str,
    value: int,
    default: int,
    scenes: int,
    anchors: int,
    synthetic: int,
    coded: bool,
    uniform: bool = False,
) -> Points:
    """The points of one setting: "synthetic", fitted with K+J+L components; "K", the anchors with K; unless ``coded``, "K+J+L",
    the anchors with as many.

    ``coded``: covariances that are products as in the paper's code, and a stream of its own; ``uniform``: with uniform factors,
    as that code has them, and another. Raises ValueError unless varied is one of K, J, L, and as
    :func:`lib.experiments.reverse_bottleneck.scenes.draw`. Source: Appendix B. Checked by
    tests/experiments/reverse_bottleneck/test_kl_gap.py.
    """
    if varied not in SWEEPS:
        raise ValueError(f"varied = {varied!r}; allowed: {', '.join(SWEEPS)}")
    k, j, foreign = (value if name == varied else default for name in SWEEPS)
    stream = ("as coded" if coded else "exact") + (", uniform factors" if uniform else "")
    generator = seeds.generator(seed, STREAM, "setting", varied, value, stream)
    scene = random_scenes.draw(
        scenes, k, j, foreign, anchors=anchors, generator=generator, coded=coded, uniform=uniform
    )
    sets = {"synthetic": (scene.model.sample(synthetic, generator=generator), k + j + foreign), "K": (scene.anchors, k)}
    if not coded:
        sets["K+J+L"] = (scene.anchors, k + j + foreign)
    return Points(scene.truth, sets, generator)


def setting(
    seed: int,
    varied: str,
    value: int,
    default: int,
    scenes: int,
    anchors: int,
    synthetic: int,
    drawn: int,
    resamples: int,
    n_divergence: int,
) -> dict[str, dict]:
    """Gaps of all protocols at one setting of a sweep.

    Parameters
    ----------
    seed : int
    varied, value, default : str, int, int
        Which of "K", "J", "L" is ``value``; the other two are ``default``.
    scenes, anchors, synthetic : int
        Random scenes, anchors of each of the K components, synthetic points.
    drawn, resamples : int
        Points of a sample for a histogram, and samples a scene.
    n_divergence : int
        Points for an exact divergence, at least 2.

    Returns
    -------
    dict
        "gaps": by protocol, what :func:`summary` says of the gaps over scenes; "terms": by direction, "exact" D(fit || G) or
        "reversed" D(G || fit), and by fit, the mean divergence. Protocols: "as coded", by histograms; "exact" and "reversed",
        anchors fitted with K+J+L components; "exact, K" and "reversed, K", with K. All in nats.

    Raises
    ------
    ValueError
        Outside these ranges.

    Notes
    -----
    Source: Section 4.4, Figure 4 and Appendix B. Checked by tests/experiments/reverse_bottleneck/test_kl_gap.py.
    """
    size = (seed, varied, value, default, scenes, anchors, synthetic)
    gaps, terms = {"as coded": _gap_as_coded(points(*size, coded=True), drawn, resamples)}, {}
    truth, sets, generator = points(*size, coded=False)
    fits = _fits(sets, generator)
    for protocol in ("exact", "reversed"):
        of = {name: divergence(each, truth, protocol, n_divergence, generator) for name, each in fits.items()}
        terms[protocol] = {name: each.mean().item() for name, each in of.items()}
        gaps[protocol] = summary(of["K+J+L"] - of["synthetic"])
        gaps[f"{protocol}, K"] = summary(of["K"] - of["synthetic"])
    return {"gaps": gaps, "terms": terms}


def coded_setting(
    seed: int,
    varied: str,
    value: int,
    default: int,
    scenes: int,
    anchors: int,
    synthetic: int,
    drawn: int,
    resamples: int,
) -> dict[str, dict]:
    """:func:`setting` for the protocol of the paper's code alone, its uniform factors included: "gaps" with "as coded".

    Arguments and errors as there. Source: the code of Figure 4. Checked by tests/experiments/reverse_bottleneck/test_kl_gap.py.
    """
    drawn_as_coded = points(seed, varied, value, default, scenes, anchors, synthetic, coded=True, uniform=True)
    return {"gaps": {"as coded": _gap_as_coded(drawn_as_coded, drawn, resamples)}}


def _fits(sets: Mapping[str, tuple[Tensor, int]], generator: Generator) -> dict[str, GaussianMixtures]:
    return {name: fit(*each, generator=generator).mixtures for name, each in sets.items()}


def _gap_as_coded(of: Points, drawn: int, resamples: int) -> dict[str, float]:
    """What :func:`summary` says of the gaps by histograms, with anchors fitted with K components."""
    histograms = {"drawn": drawn, "resamples": resamples, "generator": of.generator}
    fits = _fits(of.sets, of.generator)
    distances = {name: by_histograms(each, of.truth, **histograms) for name, each in fits.items()}
    return summary(distances["K"] - distances["synthetic"])


def divergence(
    fitted: GaussianMixtures, truth: GaussianMixtures, protocol: str, n_divergence: int, generator: Generator
) -> Tensor:
    """D(fit || G) (B,) in nats if the protocol is "exact", D(G || fit) if it is "reversed", by Monte Carlo on log densities.

    Raises ValueError for another protocol. Checked by tests/experiments/reverse_bottleneck/test_kl_gap.py.
    """
    pairs = {"exact": (fitted, truth), "reversed": (truth, fitted)}
    if protocol not in pairs:
        raise ValueError(f"protocol = {protocol!r}; allowed: {', '.join(pairs)}")
    return kl_divergence(*pairs[protocol], n_divergence, generator=generator).value


def summary(gaps: Tensor) -> dict[str, float]:
    """Mean, standard deviation, quantiles 0.16, 0.5 and 0.84 ("low", "median", "high") and number ("scenes") of gaps (B,), B at
    least 2.

    Raises ValueError for fewer. Checked by tests/experiments/reverse_bottleneck/test_kl_gap.py.
    """
    checks.integer("scenes", len(gaps), 2, 10**9)
    low, median, high = np.quantile(gaps.numpy(), [0.16, 0.5, 0.84]).tolist()
    own = {"mean": gaps.mean().item(), "deviation": gaps.std().item()}
    return own | {"low": low, "median": median, "high": high, "scenes": len(gaps)}


def seconds(
    seed: int, varied: str, value: int, default: int, scenes: int, anchors: int, synthetic: int, peer_scenes: int
) -> dict[str, float]:
    """Seconds of all fits of one setting: "seconds" of all scenes at once, and "scikit-learn seconds" in a loop, on one thread.

    scikit-learn fits the first ``peer_scenes`` scenes, and its seconds are scaled to all of them; 0 for none. Unlike other parts,
    no two runs of this one agree. Raises ValueError for peer_scenes outside [0, scenes], and as :func:`points`.
    Checked by tests/experiments/reverse_bottleneck/test_kl_gap.py.
    """
    peer_scenes = checks.integer("peer_scenes", peer_scenes, 0, scenes)
    own = peer = 0.0
    for coded in (True, False):
        _, sets, generator = points(seed, varied, value, default, scenes, anchors, synthetic, coded)
        start = time.perf_counter()
        for each in sets.values():
            fit(*each, generator=generator)
        own += time.perf_counter() - start
        if peer_scenes:
            peer += sum(_peer_seconds(some[:peer_scenes], size, seed) for some, size in sets.values())
    return {"seconds": own, "scikit-learn seconds": peer * scenes / max(1, peer_scenes)}


def _peer_seconds(scenes: Tensor, n_components: int, seed: int) -> float:
    start = time.perf_counter()
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        for k, each in enumerate(scenes.numpy()):
            # the seeds that it takes
            random_state = seeds.number(seed, STREAM, "scikit-learn", n_components, k) % 2**32
            GaussianMixture(n_components, random_state=random_state).fit(each)
    return time.perf_counter() - start


def probe(
    seed: int,
    k: int,
    j: int,
    foreign: int,
    synthetic: int,
    scenes: int,
    anchors: int,
    n_divergence: int,
    estimated: bool = True,
) -> dict[str, dict[str, float]]:
    """Mean gap over scenes, "exact" and "reversed", with its error, where K, J and L are free; both fits have K+J+L components.

    Each holds the fields of :class:`lib.statistics.Estimate`, in nats. Arguments and errors as for :func:`setting`; foreign may
    be 0; not ``estimated``: M has the K components as they are in G, as the paper's text has it. Checked by
    tests/experiments/reverse_bottleneck/test_kl_gap.py.
    """
    generator = seeds.generator(seed, STREAM, "probe", k, j, foreign, synthetic)
    scene = random_scenes.draw(scenes, k, j, foreign, anchors=anchors, generator=generator, estimated=estimated)
    sets = (scene.anchors, scene.model.sample(synthetic, generator=generator))
    fits = [fit(each, k + j + foreign, generator=generator).mixtures for each in sets]
    found = {}
    for protocol in ("exact", "reversed"):
        ours, theirs = (divergence(each, scene.truth, protocol, n_divergence, generator) for each in fits)
        found[protocol] = mean_and_error(ours - theirs)._asdict()
    return found


def slope(values: Mapping, varied: str, protocol: str, part: slice = slice(None)) -> Estimate:
    """Least-squares slope of the mean gap over a ``part`` of a sweep, in nats a component; scenes are independent.

    Args: values with "counts" and "settings" as the record has them; at least two different counts in the part. Raises ValueError
    for fewer. Checked by tests/experiments/reverse_bottleneck/test_kl_gap.py, against numpy's polyfit and by simulation.
    """
    x = np.array(values["counts"][part], dtype=float)
    if len(set(x)) < 2:
        raise ValueError(f"counts = {x.tolist()}; allowed: at least two different ones")
    weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    rows = [each["gaps"][protocol] for each in values["settings"][varied][part]]
    variance = sum(w * w * row["deviation"] ** 2 / row["scenes"] for w, row in zip(weights, rows, strict=True))
    return Estimate(float(sum(w * row["mean"] for w, row in zip(weights, rows, strict=True))), math.sqrt(variance))


def curve(values: Mapping, varied: str, protocol: str) -> dict[str, Sequence[float]]:
    """Columns of one protocol over a sweep: components, mean gap, its standard error, median, and quantiles 0.16 and 0.84, nats.

    Checked by tests/experiments/reverse_bottleneck/test_kl_gap.py.
    """
    rows = [each["gaps"][protocol] for each in values["settings"][varied]]
    columns = {"components": list(values["counts"]), "mean gap / nats": [row["mean"] for row in rows]}
    columns["standard error"] = [row["deviation"] / math.sqrt(row["scenes"]) for row in rows]
    return columns | {
        name: [row[field] for row in rows] for name, field in (("median", "median"), ("16 %", "low"), ("84 %", "high"))
    }
