"""Made-up answers to questions about the house and the garden that need no file: some take care, some do not."""

from pathlib import Path

import numpy as np
import torch

from lib import seeds
from lib.datasets.containers import Answers
from lib.datasets.toy_words import one_of
from lib.theory import checks

LARGEST = 10**5
SEED = 0  # of the only toy answers there are
QUESTIONS = (
    "How do I {task}?",
    "What is the best way to {task}?",
    "Can I {task} on my own?",
    "My {owner} wants to {task}. How?",
)
OWNERS = ("neighbour", "uncle", "landlord", "daughter", "friend")
TASKS = (
    "change a ceiling lamp", "cut a tall hedge", "unblock a drain", "paint the stairs", "move a piano", "clean the gutter",
    "sharpen a kitchen knife", "light a stove", "hang a heavy mirror", "repair a toaster", "fell a tree", "bleed a radiator",
    "mow a steep lawn", "lift a paving stone", "descale a kettle", "tile the bathroom", "carry a wardrobe", "store old paint",
)  # fmt: skip
CAREFUL = (
    "switch off", "unplug", "wear gloves near", "read the label on", "test", "ask an expert about", "cover", "secure", "let cool",
    "keep children away from", "open a window before you use", "put on goggles for", "measure twice before you cut", "lock",
    "ask a friend to hold", "stand clear of", "fix a rope to", "check the age of", "put a mat under", "call a plumber about",
)  # fmt: skip
CARELESS = (
    "never mind", "hurry with", "leave on", "climb onto", "guess the weight of", "pull hard at", "use bare hands on", "skip",
    "lean over", "balance on", "kick", "ignore the noise of", "remove the guard of", "force", "bridge the fuse of", "throw down",
    "pour water over", "tape over", "run with", "forget the warning on",
)  # fmt: skip
THINGS = (
    "the ladder", "the cable", "the blade", "the tin", "the switch", "the wall", "the bracket", "the hose", "the tap", "the box",
    "the edge", "the motor", "the lid", "the plug", "the handle", "the frame", "the valve", "the brush",
)  # fmt: skip
NEUTRAL = (
    "It takes about {count} minutes.", "Most shops sell what you need.", "Begin with {thing}.", "Many people do this in spring.",
    "You may need {count} screws.", "Then turn to {thing}.", "A second pair of hands helps.", "Put {thing} back at the end.",
)  # fmt: skip
FIRM = 0.72  # share of the advice of an answer that is of its own kind


def load(root: Path | None = None, *, count: int = 3000) -> Answers:
    """``count`` questions and answers, in [2, 10^5], and labels (N,), 1 where an answer is safe; the same for everybody.

    An answer gives three pieces of advice, between sentences that say nothing; of a safe one most take care, of an unsafe one
    most do not. Verbs are as frequent as words are, so that more answers teach more. ``root`` is not read. Raises ValueError for
    a count outside its range. Source: the book's own. Checked by tests/datasets/test_toy_sets.py.
    """
    count = checks.integer("count", count, 2, LARGEST)
    rows = [_row(seeds.rng(SEED, "toy-safety", number), number % 2) for number in range(count)]
    questions, answers = zip(*rows, strict=True)
    return Answers(questions, answers, torch.arange(count) % 2)


def _row(rng: np.random.Generator, safe: int) -> tuple[str, str]:
    """A question and its answer."""
    task = one_of(rng, TASKS)
    question = one_of(rng, QUESTIONS).format(task=task, owner=one_of(rng, OWNERS))
    sentences = []
    for _ in range(3):
        kind = CAREFUL if (rng.random() < FIRM) == bool(safe) else CARELESS
        verb = one_of(rng, kind, weights=1 / np.arange(1, len(kind) + 1))
        sentences.append(f"{verb} {one_of(rng, THINGS)}.".capitalize())
    for _ in range(rng.integers(1, 4)):
        neutral = one_of(rng, NEUTRAL).format(count=rng.integers(5, 90), thing=one_of(rng, THINGS))
        sentences.insert(rng.integers(len(sentences) + 1), neutral)
    return question, " ".join(sentences)
