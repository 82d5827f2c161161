"""The law of arguments (tests/law.py) for every public function and class of lib.models.language, on a tiny model."""

import copy
import functools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from law import HARD, check, check_all, combinations, missing, places, public_functions
from tiny import TEMPLATE

from lib.models.language.folder import Folder
from lib.models.language.model import LanguageModel, load
from lib.models.language.preference import Preferring
from lib.models.language.rows import pairs, prompts
from lib.training import Config, Result

TEXTS, REPLIES = ["The old bridge", "A hospital opened."], ["yes, closed.", "no"]
CONFIG = Config(steps=1, evaluate_every=1, batch=2, seed=0)
SETTINGS = {
    "learning_rate": 1e-3, "schedule": "cosine", "batch": 2, "epochs": 2, "accumulate": 1, "warm_up": 0.1, "weight_decay": 0.1,
    "clip": 1.0,
}  # fmt: skip
ASKED = {"template": TEMPLATE, "texts": TEXTS, "answer": 8}
KEPT = {"batch": 2, "checkpoint": None, "progress": False}
TRAINED = {"config": CONFIG, "checkpoint": None, "fabric": None, "progress": False}
MODEL, FOLDER, PATH, ASK, TOLD = "a model", "a folder", "a path", "what is asked", "what is answered"  # made by `calls`
TENSOR = torch.tensor([0.25, -1.0])
ORDINARY = {
    "answers.greedy": {"model": MODEL, "rows": ASK, "answer": 2, **KEPT},
    "answers.log_likelihoods": {"model": MODEL, "rows": TOLD, **KEPT},
    "answers.log_odds": {"model": MODEL, "rows": ASK, "words": ["yes", "no"], **KEPT},
    "answers.perplexities": {"log_likelihoods": [-0.5, -2.0]},
    "batches.in_batches": {"model": MODEL, "rows": ASK, "what": "lengths", "minutes": 2.0, **KEPT},
    "batches.teller": {"progress": False},
    "folder.check_memory": {"folder": FOLDER, "use": "full", "dtype": "float32"},
    "model.load": {"folder": FOLDER, "block": 64, "use": "answer", "dtype": "float32"},
    "model.with_lora": {"model": MODEL, "rank": 2, "alpha": 2.0, "dropout": 0.1, "seed": 0},
    "preference.ipo_loss": {"margins": TENSOR, "reference": TENSOR / 2, "beta": 0.5},
    "preference.prefer": {"model": MODEL, "better": TOLD, "worse": TOLD, "beta": 0.5, **TRAINED},
    "rows.checked": {"name": "rows", "rows": TOLD, "answered": False},
    "rows.padded": {"rows": ASK, "pad": 0},
    "rows.pairs": {"model": MODEL, **ASKED, "answers": REPLIES, "all_text": False},
    "rows.prompts": {"model": MODEL, **ASKED},
    "rows.reply_tokens": {"model": MODEL, "reply": "yes"},
    "tuning.fine_tune": {"model": MODEL, "rows": TOLD, "checkpoint_steps": 1, **TRAINED},
    "tuning.plan": {"settings": SETTINGS, "count": 5, "seed": 0},
    "tuning.shuffled": {"count": 5, "config": CONFIG},
    "tuning.watched": {"config": CONFIG, "progress": False},
}
CLASSES = {"Folder": (Folder, {"folder": PATH}), "Preferring": (Preferring, {"model": MODEL})}
PREFIX = "lib.models.language."
FUNCTIONS = {name.removeprefix(PREFIX): each for name, each in public_functions("lib.models.language").items()}
# what a caller gives to be called is called as it is: only the rest can be a wrong argument of these
CALLED = {
    "batches.in_batches": {"compute": lambda rows: [len(row.tokens) for row in rows]},
    "tuning.shuffled": {"sample": lambda places: (torch.tensor(places), torch.tensor(places))},
    "tuning.watched": {"stream": lambda step: (TENSOR, TENSOR), "loss": lambda output, target: output - target},
}


def afresh(function):
    """The function with a copy of the model, since a training changes it; of what it returns, what does not hang on the clock."""

    @functools.wraps(function)
    def call(**arguments):
        if isinstance(model := arguments.get("model"), LanguageModel):
            arguments["model"] = copy.deepcopy(model)
        found = function(**arguments)
        if isinstance(found, Result):
            return found._replace(seconds=0.0)
        return dict(found.state_dict()) if isinstance(found, torch.nn.Module) else found

    call.__name__ = getattr(function, "__name__", "call")
    return call


@pytest.fixture(scope="module")
def calls(folder):
    """Name: function and ordinary arguments."""
    model = load(Folder(folder), block=64)
    asked, told = prompts(model, **ASKED), pairs(model, **ASKED, answers=REPLIES)
    made = {MODEL: model, FOLDER: Folder(folder), PATH: str(folder), ASK: asked, TOLD: told}

    def filled(of):
        return {key: made[value] if isinstance(value, str) and value in made else value for key, value in of.items()}

    every = {name: (functools.partial(FUNCTIONS[name], **CALLED.get(name, {})), of) for name, of in ORDINARY.items()}
    return {name: (afresh(function), filled(of)) for name, (function, of) in (every | CLASSES).items()}


def test_every_public_function_has_ordinary_arguments():
    assert missing(FUNCTIONS, ORDINARY) == []


@pytest.mark.parametrize("name", [*ORDINARY, *CLASSES])
def test_ordinary_arguments_are_fine(name, calls):
    function, ordinary = calls[name]
    function(**ordinary)


@pytest.mark.parametrize("name", [*ORDINARY, *CLASSES])
def test_one_hard_argument(name, calls):
    function, ordinary = calls[name]
    for place in places(ordinary):
        for value in HARD.values():
            check(function, ordinary, place, value)


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_some_hard_arguments(calls, data):
    function, ordinary = calls[data.draw(st.sampled_from(sorted(calls)))]
    check_all(function, ordinary, data.draw(combinations(ordinary)))


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, 1e-300])
def test_hard_numbers_in_tensors(value, calls):
    """A tensor that holds one hard number, in double precision."""
    function, ordinary = calls["preference.ipo_loss"]
    for argument in ("margins", "reference"):
        hard = ordinary[argument].double().clone()
        hard[0] = value
        check(function, ordinary, argument, hard)
