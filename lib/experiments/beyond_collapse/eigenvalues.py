"""Notebook beyond-collapse/04, models: a transformer writes eigenvalues, and others learn from what it wrote.

A task is a mapping: "size" n of the matrices, "digits" of a number, "triangle" whether a question holds the upper triangle only.
A network is a mapping of the sizes of :class:`lib.models.sequences.transformer.Size` that the task leaves open, a training one of
fields of :class:`lib.training.config.Config`, with "examples" in place of steps. Matrices come in blocks, each a stream of its
own, so that a part can write answers to any block. Source: Feng et al., Sections 5.1, 5.2 and Appendix B.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from lib import seeds
from lib.models.sequences import decoding, symmetric
from lib.models.sequences.encoding import MARK, Encoding
from lib.models.sequences.transformer import Size, Transformer
from lib.runs import checkpoint
from lib.theory import checks
from lib.training import Config, one_device, train

STREAM = "beyond-collapse/04"
BLOCK = 2000  # matrices of one stream
TOLERANCES = (0.05, 0.02, 0.01, 0.005)  # Appendix B
HELD = 20_000  # answers that are decoded at once: keys and values of more leave the processor's cache


class Problem(NamedTuple):
    """How the questions and answers of a task are written."""

    size: int
    encoding: Encoding
    triangle: bool

    @classmethod
    def of(cls, task: Mapping) -> "Problem":
        """Raises ValueError as :class:`lib.models.sequences.encoding.Encoding` for its digits."""
        return cls(int(task["size"]), Encoding(digits=task["digits"]), bool(task["triangle"]))

    def questions(self, matrices: Tensor) -> Tensor:
        return symmetric.questions(matrices, self.encoding, triangle=self.triangle)

    def answers(self, matrices: Tensor) -> Tensor:
        """True ones, without their first mark: tokens (N, 3 + 3 n)."""
        return symmetric.answers(symmetric.eigenvalues(matrices), self.encoding)[:, 1:]

    def errors(self, tokens: Tensor, matrices: Tensor) -> Tensor:
        """Relative errors (N, k) of answers (N, k, 3 + 3 n), inf where an answer spells no eigenvalues."""
        true = symmetric.eigenvalues(matrices)[:, None]
        return symmetric.relative_error(symmetric.read(tokens, self.size, self.encoding), true)


def matrices(seed: int, use: str, first: int, count: int, task: Mapping) -> Tensor:
    """``count`` symmetric matrices (count, n, n) of the stream ``use``, from block ``first`` on: the same, however many.

    Checked by tests/experiments/beyond_collapse/test_eigenvalues.py.
    """
    blocks = range(first, first - (-count // BLOCK))
    streams = (seeds.generator(seed, STREAM, use, block) for block in blocks)
    return torch.cat([symmetric.draw(BLOCK, task["size"], generator=stream) for stream in streams])[:count]


def network_of(task: Mapping, network: Mapping, seed: int, use: str) -> Transformer:
    """An untrained transformer for a task; its weights start from the seed and what it is for."""
    problem = Problem.of(task)
    numbers = problem.size * (problem.size + 1) // 2 if problem.triangle else problem.size**2
    size = Size(vocabulary=problem.encoding.vocabulary, source=4 + 3 * numbers, target=3 + 3 * problem.size, **network)
    return Transformer(size, seed=seeds.number(seed, STREAM, use, "weights"))


def restored(weights: Mapping[str, Tensor], task: Mapping, network: Mapping) -> Transformer:
    """The transformer with these weights, for decoding."""
    model = network_of(task, network, 0, "restored")
    model.load_state_dict(weights)
    return model.eval()


def taught(model: Transformer, questions: Tensor, answers: Tensor, training: Mapping, *, seed: int, name: str) -> float:
    """Train in place on questions (N, source) and answers (N, target); return the mean loss of the last round, in nats a token.

    The training keeps its state under ``name``, so that a part that is killed goes on from a step. Checked by
    tests/experiments/beyond_collapse/test_eigenvalues.py.
    """
    options = dict(training)
    batch = min(options["batch"], len(questions))
    steps = max(1, options.pop("examples") // batch)
    options |= {"warm_up": min(options["warm_up"], steps - 1)}
    config = Config(
        **options,
        steps=steps,
        evaluate_every=max(1, steps // 10),
        weight_decay=0.0,
        seed=seeds.number(seed, STREAM, name, "order"),
    )
    mark = torch.full((len(answers), 1), MARK)
    inputs = torch.cat([questions, mark, answers[:, :-1]], dim=1)
    result = train(
        model,
        token_loss,
        (inputs, answers),
        config=config,
        checkpoint=checkpoint(name),
        checkpoint_minutes=2.0,
        fabric=one_device(),
    )
    return result.history[-1]["train"]


def token_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """Mean cross-entropy in nats a token: logits (B, target, vocabulary), answers (B, target)."""
    return functional.cross_entropy(logits.flatten(0, 1).float(), answers.flatten())


def decoded(model: Transformer, questions: Tensor, beams: int) -> tuple[Tensor, Tensor]:
    """The best ``beams`` answers to questions (N, source): tokens (N, k, target), log probabilities (N, k)."""
    device = next(model.parameters()).device
    rows = max(1, HELD // beams)
    parts = [decoding.beam(model, part.to(device), beams, mark=MARK) for part in questions.split(rows)]
    return torch.cat([tokens for tokens, _ in parts]).cpu(), torch.cat([scores for _, scores in parts]).cpu()


def hits(errors: Tensor) -> list[int]:
    """How many relative errors (N,) are below each tolerance, strictly."""
    return [int((errors < tolerance).sum()) for tolerance in TOLERANCES]


def pretrained(seed: int, use: str, pool: int, task: Mapping, network: Mapping, training: Mapping) -> dict[str, Tensor]:
    """Weights of a transformer trained from scratch on the true answers to ``pool`` matrices of the stream ``use``.

    Raises ValueError for a pool outside [1, 10^9], and as :class:`Problem` and the configurations of network and training.
    Source: Section 5.1; Appendix B.1 for models B to D. Checked by tests/experiments/beyond_collapse/test_eigenvalues.py.
    """
    pool = checks.integer("pool", pool, 1, 10**9)
    problem, drawn = Problem.of(task), matrices(seed, f"{use} pool", 0, pool, task)
    model = network_of(task, network, seed, use)
    taught(model, problem.questions(drawn), problem.answers(drawn), training, seed=seed, name=use)
    return model.state_dict()


def written(
    seed: int, generator: Mapping[str, Tensor], beams: int, block: int, blocks: int, task: Mapping, network: Mapping
) -> dict[str, Tensor]:
    """Answers of a generator to the prompts of some blocks, as a verifier with ``beams`` of them picks them.

    Returns "tokens" (N, target) int16 of the answer with the smallest relative error, and "errors" (N,) of it; "likeliest" (N,),
    the error of the best beam; "right" (N, tolerances) int16, how many beams are right. With one beam: greedy, no choice.
    Source: Section 5.2, label selection. Checked by tests/experiments/beyond_collapse/test_eigenvalues.py.
    """
    problem, model = Problem.of(task), restored(generator, task, network)
    prompts = matrices(seed, "prompts", block, blocks * BLOCK, task)
    tokens, _ = decoded(model, problem.questions(prompts), beams)
    errors = problem.errors(tokens, prompts)  # (N, k)
    best, place = errors.min(1)
    picked = tokens[torch.arange(len(tokens)), place]
    right = torch.stack([(errors < tolerance).sum(1) for tolerance in TOLERANCES], dim=1)
    counts = {"tokens": picked.short(), "right": right.short()}
    return counts | {"errors": best.float(), "likeliest": errors[:, 0].float()}


def retrained(
    seed: int,
    use: str,
    answers: Iterable[Mapping[str, Tensor]],
    tolerance: float | None,
    count: int,
    start: Mapping[str, Tensor] | None,
    test: int,
    task: Mapping,
    network: Mapping,
    training: Mapping,
) -> dict[str, object]:
    """A transformer trained on a generator's answers, and how it answers fresh matrices, greedily.

    Parameters
    ----------
    answers : list of what :func:`written` returns
        From block 0 on; empty: the true answers, as a control.
    tolerance : float or None
        Data selection: answers with a smaller relative error only. None takes them all.
    count : int
        So many examples at most: the first ones that are kept.
    start : weights or None
        Fine-tuned from these, or from scratch.

    Returns
    -------
    dict
        "hits" at each tolerance among "test" answers; "loss", the last in training; "kept", the share of the answers that the
        verifier kept; "examples", how many of them were learned; "wrong", the share of these that are wrong at each tolerance.
        Where nothing was kept there is nothing to learn: "hits", "loss" and "wrong" are None.

    Notes
    -----
    Raises ValueError for a count outside [1, 10^9], and as :func:`pretrained`. Source: Section 5.2 and Appendix B.1.
    Checked by tests/experiments/beyond_collapse/test_eigenvalues.py.
    """
    count = checks.integer("count", count, 1, 10**9)
    blocks = list(answers) or [true_answers(seed, count, task)]
    questions, tokens, errors = selected(seed, blocks, tolerance, count, task)
    every = torch.cat([each["errors"] for each in blocks])
    kept = 1.0 if tolerance is None else (every < tolerance).double().mean().item()
    found = {"kept": kept, "examples": len(errors), "test": test, "hits": None, "loss": None, "wrong": None}
    if not len(errors):
        return found
    model = network_of(task, network, seed, use)
    if start is not None:
        model.load_state_dict(start)
    loss = taught(model, questions, tokens, training, seed=seed, name=use)
    wrong = [1 - each / len(errors) for each in hits(errors)]
    return found | {"hits": greedy_hits(model, seed, test, task), "loss": loss, "wrong": wrong}


def true_answers(seed: int, count: int, task: Mapping) -> dict[str, Tensor]:
    """What :func:`written` would return of a generator without fault, for the first ``count`` prompts."""
    problem, prompts = Problem.of(task), matrices(seed, "prompts", 0, count, task)
    tokens = problem.answers(prompts)
    return {"tokens": tokens.short(), "errors": problem.errors(tokens[:, None], prompts)[:, 0].float()}


def selected(
    seed: int, answers: Iterable[Mapping[str, Tensor]], tolerance: float | None, count: int, task: Mapping
) -> tuple[Tensor, Tensor, Tensor]:
    """The first ``count`` answers that a verifier keeps: questions (N, source), answers (N, target), their errors (N,).

    Prompts are drawn again, part by part, so that only those that are kept take memory. Arguments as for :func:`retrained`.
    Checked by tests/experiments/beyond_collapse/test_eigenvalues.py.
    """
    problem, left, block, rows = Problem.of(task), count, 0, []
    for each in answers:
        errors, tokens = each["errors"], each["tokens"]
        kept = errors < tolerance if tolerance is not None else torch.ones_like(errors, dtype=torch.bool)
        place = kept.nonzero()[:left, 0]
        if len(place):
            prompts = matrices(seed, "prompts", block, len(errors), task)[place]
            rows.append((problem.questions(prompts), tokens[place].long(), errors[place]))
        left, block = left - len(place), block + len(errors) // BLOCK
    if not rows:
        return torch.empty(0), torch.empty(0), torch.empty(0)
    questions, tokens, errors = (torch.cat(column) for column in zip(*rows, strict=True))
    return questions, tokens, errors


def greedy_hits(model: Transformer, seed: int, test: int, task: Mapping) -> list[int]:
    """How many of the ``test`` first test matrices of a seed a model answers right, greedily, at each tolerance."""
    problem, drawn = Problem.of(task), matrices(seed, "test", 0, test, task)
    tokens, _ = decoded(model, problem.questions(drawn), 1)
    return hits(problem.errors(tokens, drawn)[:, 0])
