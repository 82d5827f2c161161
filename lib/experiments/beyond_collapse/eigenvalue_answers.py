"""Notebook beyond-collapse/04, answers: what beams, samples and verifiers make of a generator's answers to fresh matrices.

Source: Feng et al., Table 1 and Sections 3 and 5.1.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lib import seeds
from lib.experiments.beyond_collapse.eigenvalues import (
    HELD,
    STREAM,
    TOLERANCES,
    Problem,
    decoded,
    hits,
    matrices,
    restored,
)
from lib.models.sequences import decoding
from lib.models.sequences.encoding import MARK
from lib.theory.beyond_collapse import coverage

GRID = tuple(round(0.001 * 1.1**k, 6) for k in range(56))  # tolerances of the slider, 0.1 % to 19 %


def beams_measured(
    seed: int, generator: Mapping[str, Tensor], beams: int, test: int, task: Mapping, network: Mapping
) -> dict[str, object]:
    """One row of Table 1: how many of ``test`` matrices a beam answers right, by any of its answers and by the likeliest.

    Returns "any" and "first", hits at each tolerance; "curve", the share with any right answer at each tolerance of ``GRID``;
    "candidates", the share of all answers that is right at each tolerance. Checked by
    tests/experiments/beyond_collapse/test_eigenvalue_answers.py.
    """
    problem, drawn = Problem.of(task), matrices(seed, "test", 0, test, task)
    tokens, _ = decoded(restored(generator, task, network), problem.questions(drawn), beams)
    errors = problem.errors(tokens, drawn)
    best = errors.min(1).values
    return {
        "any": hits(best),
        "first": hits(errors[:, 0]),
        "curve": [(best < tolerance).double().mean().item() for tolerance in GRID],
        "candidates": [each / errors.numel() for each in hits(errors.flatten())],
        "test": test,
    }


def samples_measured(
    seed: int,
    generator: Mapping[str, Tensor],
    answers: int,
    counts: Sequence[int],
    test: int,
    task: Mapping,
    network: Mapping,
) -> dict[str, object]:
    """Coverage by answers that are drawn, not searched: the share of matrices with a right one among k of ``answers``.

    Returns "covered" by tolerance and k in ``counts``: see :func:`lib.theory.beyond_collapse.coverage.covered`.
    Checked by tests/experiments/beyond_collapse/test_eigenvalue_answers.py.
    """
    problem, drawn = Problem.of(task), matrices(seed, "test", 0, test, task)
    model = restored(generator, task, network)
    device = next(model.parameters()).device
    random = seeds.generator(seed, STREAM, "samples", device=device)
    rows = max(1, HELD // answers)
    parts = [
        decoding.sample(model, part.to(device), answers, mark=MARK, generator=random)[0].cpu()
        for part in problem.questions(drawn).split(rows)
    ]
    errors = problem.errors(torch.cat(parts), drawn)
    right = [(errors < tolerance).sum(1).tolist() for tolerance in TOLERANCES]
    covered = [[sum(coverage.covered(answers, each, k) for each in row) / test for k in counts] for row in right]
    return {"covered": covered, "test": test}


def triplets(
    seed: int,
    generator: Mapping[str, Tensor],
    verifiers: Sequence[float],
    test: int,
    task: Mapping,
    network: Mapping,
) -> dict[str, object]:
    """Greedy answers to ``test`` matrices before verifiers: two-by-two counts, from which p, phi and psi follow.

    An answer is right at the first tolerance of the pair; a verifier keeps what is right at its own tolerance, in ``verifiers``;
    the model itself keeps the same share, of its likeliest answers. Returns by "tolerance" and verifier "kept" counts among right
    and wrong answers, "own" those of the self-verifier, and "right". Source: Section 3; Section 5.1 for self-selection.
    Checked by tests/experiments/beyond_collapse/test_eigenvalue_answers.py.
    """
    problem, drawn = Problem.of(task), matrices(seed, "test", 0, test, task)
    tokens, scores = decoded(restored(generator, task, network), problem.questions(drawn), 1)
    errors = problem.errors(tokens, drawn)[:, 0]
    order = scores[:, 0].argsort(descending=True)
    found = {"test": test, "right": hits(errors), "kept": [], "own": []}
    for tolerance in TOLERANCES:
        right = errors < tolerance
        rows, own = [], []
        for verifier in verifiers:
            kept = errors < verifier
            liked = torch.zeros_like(kept)
            liked[order[: int(kept.sum())]] = True
            rows.append([int((kept & right).sum()), int((kept & ~right).sum())])
            own.append([int((liked & right).sum()), int((liked & ~right).sum())])
        found["kept"].append(rows)
        found["own"].append(own)
    return found
