"""Notebook random-matrices/05: is an answer safe? Few human labels, many labels of a weak model, and a verifier, on text.

Rows are tf-idf of answers, or of questions with their answers, reduced to p columns, and *folded*: ``r = y x``, features times
label. Real rows keep their human label. The labels of the other rows, the pool, come from a labeller that has learned on few rows
of its own, and a verifier keeps some. Label noise epsilon and the verifier's rho (psi in ``lib``) and phi are measured, not set.
A design is a mapping: "text", one of TEXTS, "columns" p, "test_share" of the questions, numbers of rows "real", "labeller",
"verifier" and "pool", and the ridge "gamma". Source: El Firdoussi et al., Section 5.4 and Figure 9, whose labellers are language
models.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from lib import arguments, seeds, tensors
from lib.array_theory import given_covariance
from lib.datasets.containers import Answers
from lib.datasets.source import Source
from lib.experiments.random_matrices.real_features import covariance_about, standardised
from lib.models.linear.least_squares import fit_ridge_mix
from lib.models.linear.ridge_mix import fit_generator, synthetic_sums
from lib.models.text.tf_idf import reduced
from lib.theory import checks

STREAM = "random-matrices/05"
RATIOS = (0, 0.5, 1, 2, 5, 10)  # m/n: the figure has ten times as many synthetic rows as real ones
PARTS = ("real", "labeller", "verifier", "pool")
TEXTS = ("answer", "pair")  # where each question has safe and unsafe answers, its own words tell nothing
VERIFIERS = ("oracle", "weak", "own", "none")
FEWEST = 20  # rows to test on


class Rows(NamedTuple):
    """Folded rows, float64: "real" (n, p), "labeller" (l, p), "verifier" (v, p), "pool" (m, p), "test" (t, p): :func:`split`."""

    real: Tensor
    labeller: Tensor
    verifier: Tensor
    pool: Tensor
    test: Tensor


class Labels(NamedTuple):
    """What the pool's labels are worth, (m,) bool: "right" ones, and those that each of VERIFIERS keeps."""

    right: Tensor
    kept: dict[str, Tensor]


def answers_of(source: Source) -> Answers:
    """The labelled answers of a source, or ValueError. Checked by tests/experiments/random_matrices/test_safety_answers.py."""
    data = tensors.instance("source", source, Source).load()
    if not isinstance(data, Answers):
        raise ValueError(f"source = {source.name!r} holds no labelled answers; allowed: 'safety', 'toy-safety'")
    return data


def places(data: Answers, design: Mapping, *, seed: int) -> dict[str, Tensor]:
    """Places of a seed's rows by name, each of PARTS and "test", at random. No question of a test row is one of another row.

    Raises ValueError for more rows than there are, and fewer than 20 to test on. Checked by
    tests/experiments/random_matrices/test_safety_answers.py.
    """
    share = checks.real("test_share", design["test_share"], 0.0, 1.0, open_low=True, open_high=True)
    sizes = {name: checks.integer(name, design[name], 2, 10**9) for name in PARTS}
    asked = {question: number for number, question in enumerate(dict.fromkeys(data.questions))}
    order = torch.randperm(len(asked), generator=seeds.generator(seed, STREAM, "questions"))
    tested = set(order[: round(share * len(asked))].tolist())
    test = torch.tensor([asked[question] in tested for question in data.questions])
    learn = (~test).nonzero()[:, 0]
    learn = learn[torch.randperm(len(learn), generator=seeds.generator(seed, STREAM, "rows"))]
    wanted, there, tests = sum(sizes.values()), len(learn), int(test.sum())
    if wanted > there or tests < FEWEST:
        raise ValueError(
            f"{' + '.join(PARTS)} = {wanted} of {there} rows beside {tests} to test on; allowed: at most {there}, and at least "
            f"{FEWEST} to test on, so fewer rows or another test_share"
        )
    parts = learn[:wanted].split(list(sizes.values()))
    return dict(zip(sizes, parts, strict=True)) | {"test": test.nonzero()[:, 0]}


def split(source: Source, design: Mapping, *, seed: int) -> Rows:
    """The folded rows of a seed. No question of a test row is one of another row; else one answer would tell of the next.

    Weights of words, columns and their scale come from the rows that are not tested, without labels. Raises ValueError for a
    source without labelled answers, more rows than there are, fewer than 20 to test on, and as
    :func:`lib.models.text.tf_idf.reduced`. Checked by tests/experiments/random_matrices/test_safety_answers.py.
    """
    data = answers_of(source)
    learned = places(data, design, seed=seed)
    test = learned.pop("test")
    learn = torch.cat(list(learned.values()))
    pairs = zip(data.questions, data.answers, strict=True)
    alone = arguments.one_of("text", design["text"], TEXTS) == "answer"
    texts = [answer if alone else f"{question}\n{answer}" for question, answer in pairs]
    number = seeds.number(seed, STREAM, "columns") % 2**32
    x = standardised(reduced([texts[k] for k in learn.tolist()], texts, design["columns"], seed=number), learn)
    folded = (2.0 * data.labels.double() - 1.0)[:, None] * x
    return Rows(*(folded[part] for part in learned.values()), folded[test])


def moments(rows: Tensor, gamma: float) -> tuple[Tensor, Tensor]:
    """Mean (p,) and covariance C (p, p) of folded rows (N, p) for the theory, the mean made shorter by its own noise.

    A mean of N rows is longer than the true one: ``m' A m`` is too large by ``tr(A C) / (N - 1)`` on average, and the theory
    would take that for signal. With ``A = (gamma + C)^-1``, the metric of ridge, the mean is scaled so that m' A m is without
    it; to 0 where nothing would be left. Checked by tests/experiments/random_matrices/test_safety_answers.py.
    """
    mean = rows.mean(0)
    covariance = covariance_about(mean, rows)
    metric = torch.linalg.inv(covariance + gamma * torch.eye(len(mean), dtype=rows.dtype))
    length, noise = (mean @ metric @ mean).item(), (metric * covariance).sum().item() / (len(rows) - 1)
    return mean * max(0.0, 1.0 - noise / length) ** 0.5 if length else mean, covariance


def classifier(rows: Tensor, gamma: float) -> Tensor:
    """Ridge (p,) on folded rows (n, p) with right labels. Checked by tests/experiments/random_matrices/test_safety_answers.py."""
    return fit_ridge_mix(rows.mT @ rows, rows.sum(0), len(rows), gamma)


def labelled(rows: Rows, gamma: float) -> Labels:
    """The pool as the labeller labels it and verifiers see it, two classifiers: see :func:`verified`.

    Checked by tests/experiments/random_matrices/test_safety_answers.py.
    """
    margins = rows.pool @ classifier(rows.labeller, gamma)  # above 0 where the label is right
    right = margins > 0
    return verified(right, (rows.pool @ classifier(rows.verifier, gamma) > 0) == right, margins.abs())


def verified(right: Tensor, agrees: Tensor, sure: Tensor) -> Labels:
    """Labels (m,), "right" or not, as each of VERIFIERS keeps them.

    "oracle" keeps the right ones, "weak" those that the verifier would have given too (``agrees``), "own" the half of which the
    labeller is surest, "none" all. Checked by tests/experiments/random_matrices/test_safety_answers.py.
    """
    return Labels(
        right, {"oracle": right, "weak": agrees, "own": sure >= sure.median(), "none": torch.ones_like(right)}
    )


def measured(right: Tensor, kept: Tensor) -> dict[str, float]:
    """epsilon, phi and psi (the paper's rho) of labels: shares (m,) of wrong ones, of right ones kept, and of wrong ones kept.

    Without a wrong one psi is 0, which then decides nothing. Raises ValueError without a right one. Checked by
    tests/experiments/random_matrices/test_safety_answers.py.
    """
    tensors.bits("kept", kept, tensors.real("right", right, "(m,), torch.bool", dims=(1,)).shape)
    if not right.any():
        raise ValueError(f"right holds 0 right labels of {len(right)}; allowed: a labeller that is right at least once")
    share = {"epsilon": ~right, "phi": kept[right], "psi": kept[~right]}
    return {name: each.double().mean().item() if len(each) else 0.0 for name, each in share.items()}


def accuracies_on(rows: Rows, right: Tensor, kept: Tensor, sizes: Sequence[int], gamma: float) -> list[float]:
    """Test accuracy with the first m rows of the pool beside the real rows, for each m of ``sizes``; pruned rows count in N.

    Source: eq. 6. Checked by tests/experiments/random_matrices/test_safety_answers.py, against scikit-learn.
    """
    signs = torch.where(right, 1.0, -1.0).double() * kept
    found = []
    for m in sizes:
        x = rows.pool[:m][kept[:m]]
        gram = rows.real.mT @ rows.real + x.mT @ x
        weights = fit_ridge_mix(gram, rows.real.sum(0) + signs[:m] @ rows.pool[:m], len(rows.real) + m, gamma)
        found.append((rows.test @ weights > 0).double().mean().item())
    return found


def accuracies(seed: int, source: Source, design: Mapping) -> dict[str, object]:
    """Part: dots and theory of one seed.

    Returns "sizes" m, those of RATIOS that the pool has; test accuracies of "labeller" and "verifier" on their own, and of "all
    human labels", those of the pool too; and by verifier, in VERIFIERS: "measured", see :func:`measured`, and accuracies at the
    sizes. "labelled": with the labeller's labels. "at random": with labels that are wrong and kept at random, as often.
    "generated": with rows that a Gaussian generator draws from the real rows, wrong and kept at random. "theory" is of the first
    two, which it cannot tell apart, "theory of generated" of the third; it is given :func:`moments` of the rows that are not
    tested. Raises ValueError as :func:`split`. Source: Figure 9, Theorem B.1 with delta_s corrected. Checked by
    tests/experiments/random_matrices/test_safety_answers.py.
    """
    rows, gamma = split(source, design, seed=seed), design["gamma"]
    n, labels = len(rows.real), labelled(rows, gamma)
    sizes = [round(ratio * n) for ratio in RATIOS if ratio * n <= len(rows.pool)]
    every = torch.cat(rows[:4])
    given = [part.numpy() for part in moments(every, gamma)]
    found: dict[str, object] = {"sizes": sizes}
    for name in ("labeller", "verifier"):
        found[name] = (rows.test @ classifier(getattr(rows, name), gamma) > 0).double().mean().item()
    found["all human labels"] = (rows.test @ classifier(every, gamma) > 0).double().mean().item()
    kinds = ("measured", "labelled", "at random", "generated", "theory", "theory of generated")
    found |= {kind: {} for kind in kinds}
    for name, kept in labels.kept.items():
        shares = measured(labels.right, kept)
        found["measured"][name] = shares
        found["labelled"][name] = accuracies_on(rows, labels.right, kept, sizes, gamma)
        stream = seeds.generator(seed, STREAM, "at random", name)
        right, keeps = at_random(len(kept), **shares, generator=stream)
        found["at random"][name] = accuracies_on(rows, right, keeps, sizes, gamma)
        found["generated"][name] = accuracies_of_generated(rows, sizes, gamma, **shares, generator=stream)
        common = {"n": n, "gamma": gamma, **shares}
        found["theory"][name] = [given_covariance.ridge_given(*given, *given, m=m, **common).accuracy for m in sizes]
        found["theory of generated"][name] = [
            given_covariance.ridge_shared(*given, m=m, n_hat=n, **common).accuracy for m in sizes
        ]
    return found


def at_random(
    count: int, epsilon: float, phi: float, psi: float, *, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Labels that are wrong at random, with probability epsilon, and kept at random: right (count,), kept (count,), both bool.

    Source: eq. 3 to 5. Checked by tests/experiments/random_matrices/test_safety_answers.py.
    """
    right, kept = (torch.rand(2, count, generator=generator, dtype=torch.float64)).unbind()
    right = right >= epsilon
    return right, kept < torch.where(right, phi, psi)


def accuracies_of_generated(
    rows: Rows,
    sizes: Sequence[int],
    gamma: float,
    epsilon: float,
    phi: float,
    psi: float,
    *,
    generator: torch.Generator,
) -> list[float]:
    """Test accuracy with m rows drawn from a Gaussian fitted to the real rows, for each m of ``sizes``; each m draws afresh.

    Source: Section 3, as in Figure 6. Checked by tests/experiments/random_matrices/test_safety_answers.py.
    """
    mean, root = (part[None] for part in fit_generator(rows.real))
    found = []
    for m in sizes:
        gram, moment = synthetic_sums(mean, root, m, epsilon, psi, phi, random=generator)
        total = rows.real.mT @ rows.real + gram[0], rows.real.sum(0) + moment[0]
        weights = fit_ridge_mix(*total, len(rows.real) + m, gamma)
        found.append((rows.test @ weights > 0).double().mean().item())
    return found
