"""Notebook beyond-collapse/05, scores: what selections keep of right answers at every rate, for its slider.

Beside the selections of :mod:`lib.experiments.beyond_collapse.summaries` there are verifiers of any quality, made up from the
stored scores: the share of answers with less Rouge-1, times the quality, plus chance, times the rest. Quality 1 is the oracle, 0
is random.
Source: the book's own, on the protocol of Feng et al., Section 5.3.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lib import seeds
from lib.experiments.beyond_collapse.summaries import SELECTIONS, STREAM, kept
from lib.theory import checks

RATES = tuple(round(0.025 * k, 3) for k in range(1, 41))  # of the slider
QUALITIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def curves(
    seed: int, answers: Mapping[str, Tensor], rates: Sequence[float], qualities: Sequence[float]
) -> dict[str, object]:
    """Part: the share phi of the right answers that is kept at each of ``rates``, by selection and by quality.

    Args: answers, what :func:`lib.experiments.beyond_collapse.summaries.written` returns; rates in (0, 1], qualities in [0, 1].
    Returns "p", the share of wrong answers; "qualities", a list of shares for each, as
    :mod:`lib.theory.beyond_collapse.stored_scores` takes them; "selections", a list by name. Raises ValueError for a rate that
    keeps nothing, and answers none of which is right. Checked by tests/experiments/beyond_collapse/test_summary_scores.py.
    """
    right = answers["right"]
    if not right.any():
        raise ValueError(f"answers hold {len(right)} and none is right; allowed: at least one right answer")
    made = {quality: answers | {"weak": -mixed(answers["rouge"], quality, seed=seed)} for quality in qualities}
    shares = [[_share(each, "weak", rate, seed) for rate in rates] for each in made.values()]
    named = {name: [_share(answers, name, rate, seed) for rate in rates] for name in SELECTIONS}
    return {"p": 1 - right.double().mean().item(), "qualities": shares, "selections": named}


def mixed(rouge: Tensor, quality: float, *, seed: int) -> Tensor:
    """Scores (n,) in [0, 1] of a verifier of a quality in [0, 1], from the Rouge-1 (n,) of answers: higher is better.

    Checked by tests/experiments/beyond_collapse/test_summary_scores.py.
    """
    quality = checks.probability("quality", quality)
    ordered = rouge.sort().values
    above = torch.searchsorted(ordered, rouge).double() / max(1, len(rouge) - 1)  # of equal ones each the same
    chance = torch.rand(
        len(rouge), generator=seeds.generator(seed, STREAM, "verifiers of a quality"), dtype=torch.float64
    )
    return quality * above + (1 - quality) * chance


def mean_of(found: Sequence[Mapping]) -> dict[str, object]:
    """The means over seeds of what :func:`curves` returns, in its form. Raises ValueError for no seed.

    Checked by tests/experiments/beyond_collapse/test_summary_scores.py.
    """
    found = checks.listed("found", found, "what curves returns, of at least one seed")
    if not found:
        raise ValueError("found = [] is empty; allowed: what curves returns, of at least one seed")
    by_quality = torch.tensor([each["qualities"] for each in found], dtype=torch.float64).mean(0)
    by_name = {
        name: torch.tensor([each["selections"][name] for each in found], dtype=torch.float64).mean(0).tolist()
        for name in SELECTIONS
    }
    p = sum(each["p"] for each in found) / len(found)
    return {"p": p, "qualities": by_quality.tolist(), "selections": by_name}


def _share(answers: Mapping[str, Tensor], selection: str, rate: float, seed: int) -> float:
    return kept(answers, selection, rate, seed=seed)[answers["right"]].double().mean().item()
