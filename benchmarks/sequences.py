"""The transformer that writes eigenvalues: decoding beside one without a cache, training beside a bare loop, and its matrices.

    python benchmarks/sequences.py [--only "training, reduced"]

Contenders take turns in one process, with $BOOK_THREADS threads. See benchmarks/README.md.
"""

import argparse
import copy
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lib import seeds
from lib.experiments.beyond_collapse.eigenvalues import Problem, network_of, token_loss
from lib.models.sequences import symmetric
from lib.models.sequences.decoding import beam
from lib.models.sequences.encoding import MARK
from lib.models.sequences.transformer import Transformer
from lib.runs.files import read_json, write_json
from lib.runs.provenance import provenance
from lib.threads import set_threads
from lib.training import Config, train

RESULT = Path(__file__).parent / "results" / "sequences.json"
TASK = {"size": 2, "digits": 2, "triangle": True}  # of the reduced record
NETWORK = {"width": 64, "heads": 4, "encoder_layers": 2, "decoder_layers": 1}
PAPER = (
    {"size": 5, "digits": 3, "triangle": False},
    {"width": 512, "heads": 8, "encoder_layers": 4, "decoder_layers": 1},
)
BEAMS, BATCH = 10, 128


@torch.no_grad()
def plain_beam(model: Transformer, questions: Tensor) -> tuple[Tensor, Tensor]:
    """What one would first write: at each token the whole network again on everything that is written so far."""
    count, size = len(questions), model.size
    tokens = torch.full((count, BEAMS, size.target + 1), MARK)
    scores = torch.full((count, BEAMS), -torch.inf)
    scores[:, 0] = 0
    ended = torch.zeros(count, BEAMS, dtype=torch.bool)
    asked = questions.repeat_interleave(BEAMS, dim=0)
    for place in range(size.target):
        whole = torch.cat([asked, tokens.flatten(0, 1)[:, :-1]], dim=1)
        more = model(whole)[:, place].float().log_softmax(-1).reshape(count, BEAMS, -1)
        certain = torch.full_like(more[0, 0], -torch.inf)
        certain[MARK] = 0
        more = torch.where(ended[..., None], certain, more) + scores[..., None]
        scores, best = more.flatten(1).topk(BEAMS)
        kept, token = best // size.vocabulary, best % size.vocabulary
        tokens = tokens.gather(1, kept[..., None].expand_as(tokens))
        tokens[..., place + 1] = token
        ended = ended.gather(1, kept) | (token == MARK)
    return tokens[..., 1:], scores


def decoding(task: dict, network: dict, count: int, rounds: int) -> dict[str, object]:
    """Seconds of both beams on the same questions, and how far their scores are apart."""
    problem, model = Problem.of(task), network_of(task, network, 0, "benchmark").eval()
    matrices = symmetric.draw(count, task["size"], generator=seeds.generator(0, "benchmark"))
    questions = problem.questions(matrices)
    contenders = {
        "book": lambda: beam(model, questions, BEAMS, mark=MARK),
        "plain": lambda: plain_beam(model, questions),
    }
    (tokens, scores), (theirs, their_scores) = (run() for run in contenders.values())
    found = turns(contenders, rounds)
    same = (tokens == theirs).all().item()
    return found | {"same answers": same, "largest difference of scores": (scores - their_scores).abs().max().item()}


def bare(model: Transformer, inputs: Tensor, answers: Tensor) -> None:
    """One pass over the examples: no checkpoint, no held-out loss, torch's Adam as it comes."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.0)
    order = torch.randperm(len(inputs))
    for k in range(len(inputs) // BATCH):
        index = order[k * BATCH : (k + 1) * BATCH]
        optimizer.zero_grad()
        token_loss(model(inputs[index]), answers[index]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()


def training(task: dict, network: dict, count: int, rounds: int) -> dict[str, object]:
    """Seconds of a pass over examples, from matrices to weights: tokens by the book's encoding, or number by number in Python."""
    problem, fresh = Problem.of(task), network_of(task, network, 0, "benchmark")
    matrices = symmetric.draw(count, task["size"], generator=seeds.generator(0, "benchmark"))
    config = Config(epochs=1, batch=BATCH, learning_rate=1e-3, schedule="constant", weight_decay=0.0, clip=5.0, seed=0)

    def example(questions: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
        mark = torch.full((len(answers), 1), MARK)
        return torch.cat([questions, mark, answers[:, :-1]], dim=1), answers

    def book() -> None:
        data = example(problem.questions(matrices), problem.answers(matrices))
        train(copy.deepcopy(fresh), token_loss, data, config=config)

    def plain() -> None:
        one_by_one = [(problem.questions(one[None]), problem.answers(one[None])) for one in matrices]
        bare(copy.deepcopy(fresh), *example(*(torch.cat(column) for column in zip(*one_by_one, strict=True))))

    def loop_alone() -> None:
        bare(copy.deepcopy(fresh), *example(problem.questions(matrices), problem.answers(matrices)))

    book()  # once before the clock runs: the first call imports what the loop stands on
    return turns({"book": book, "plain": plain, "plain loop, the book's tokens": loop_alone}, rounds)


def turns(contenders: dict[str, Callable], rounds: int) -> dict[str, object]:
    """Seconds of each contender, in turn, and the book's speed relative to each peer, round by round and in the median."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    times = {
        name: statistics.median(theirs / ours for theirs, ours in zip(seconds[name], seconds["book"], strict=True))
        for name in contenders
        if name != "book"
    }
    return {"seconds": seconds, "times faster than": times}


def eigenvalues(count: int, rounds: int) -> dict[str, object]:
    """Seconds of all eigenvalues of 5 x 5 matrices in one call, beside numpy's batched call."""
    matrices = symmetric.draw(count, 5, generator=seeds.generator(0, "benchmark"))
    array = matrices.numpy()
    return turns({"book": lambda: symmetric.eigenvalues(matrices), "numpy": lambda: np.linalg.eigvalsh(array)}, rounds)


SECTIONS = {
    "decoding, reduced": lambda rounds: decoding(TASK, NETWORK, 1000, rounds),
    "decoding, the paper's size": lambda rounds: decoding(*PAPER, 8, min(rounds, 3)),
    "training, reduced": lambda rounds: training(TASK, NETWORK, 5000, rounds),
    "eigenvalues of 10^6 matrices": lambda rounds: eigenvalues(10**6, min(rounds, 3)),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", choices=SECTIONS, help="measure this section and leave the others as they stand")
    given = options.parse_args()
    set_threads()
    found = read_json(RESULT, dict) if given.only else {}
    for name in [given.only] if given.only else SECTIONS:
        each = SECTIONS[name](given.rounds)
        ratios = ", ".join(f"{times:.2f} times {peer}" for peer, times in each["times faster than"].items())
        print(f"{name}: {ratios}" + (f"; same answers: {each['same answers']}" if "same answers" in each else ""))
        found[name] = each | {"provenance": provenance(), "threads": torch.get_num_threads()}
        write_json(RESULT, found)


if __name__ == "__main__":
    main()
