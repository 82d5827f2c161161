"""The law of arguments (tests/law.py) for every public function and class of lib.models."""

import functools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from law import HARD, check, check_all, combinations, missing, places, public_functions

from lib.datasets.source import Source
from lib.models.images.autoencoder import Autoencoder
from lib.models.images.classifier import mlp
from lib.models.images.linear_restorer import LinearRestorer
from lib.models.images.perceptrons import Mlps
from lib.models.linear.least_squares import NestedLeastSquares
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures
from lib.models.sequences.encoding import Encoding
from lib.models.sequences.transformer import Size, Transformer
from lib.models.text.summarizer import Summarizer
from lib.training import Config

RANDOM = torch.Generator()  # set to the same seed before each call
X, T = torch.randn(6, 2, generator=torch.Generator().manual_seed(0)), torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0, -1.0])
IMAGES = torch.arange(2 * 64, dtype=torch.uint8).view(2, 1, 8, 8)
MIX = GaussianMixtures(torch.ones(1, 1), torch.zeros(1, 1, 2), torch.eye(2)[None, None])
CONFIG = Config(steps=1, evaluate_every=1, batch=2, seed=0)
NETWORKS = Mlps(2, 3, 2, generators=[torch.Generator().manual_seed(0)])
GRAM = {"gram": (X.mT @ X).double(), "moment": (T @ X).double(), "count": 6}
TWO = {"mean": torch.ones(2), "noise": 0.5}
SIX = torch.arange(6)
SYMMETRIC = torch.tensor([[[1.0, 2.0], [2.0, -3.0]]]).double()
DIGITS = Encoding(digits=1, largest_exponent=2)
SIZES = {
    "vocabulary": 5,
    "source": 3,
    "target": 2,
    "width": 4,
    "heads": 2,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "hidden": 3,
}
WRITER = Transformer(Size(**SIZES), seed=0)
ASKED = {"model": WRITER, "questions": torch.tensor([[0, 1, 2]]), "answers": 2, "mark": 0}
CHANCES = torch.tensor([[0.5, 0.5], [0.25, 0.75]]).log()
PICKED = {"model": Summarizer(3, 2, seed=0), "features": torch.ones(2, 2, 3)}
ORDINARY = {
    "images.classifier.cnn": {"channels": 1, "size": 8, "classes": 3, "alpha": 1.0, "widths": [2, 3], "seed": 0},
    "images.classifier.mlp": {"inputs": 4, "classes": 3, "alpha": 1.0, "hidden": 5, "seed": 0},
    "images.classifier.permute_inputs": {"perceptron": mlp(2, 2, seed=0), "permutation": torch.tensor([1, 0])},
    "images.corruption.unit": {"images": IMAGES},
    "images.corruption.to_bytes": {"images": IMAGES / 255},
    "images.corruption.permutation": {"values": 4, "seed": 0},
    "images.corruption.permute": {"images": X, "order": torch.tensor([1, 0])},
    "images.image_sizes.load_images": {"source": Source("digits")},
    "images.learner.learn": {"network": mlp(64, 2, seed=0), "images": IMAGES, "labels": SIX[:2], "config": CONFIG},
    "images.learner.evaluate": {
        "network": mlp(64, 2, seed=0),
        "images": IMAGES,
        "labels": SIX[:2],
        "train_labels": SIX[:2],
    },
    "images.matching.match": {"observed": IMAGES, "clean": IMAGES},
    "images.perceptrons.learning_rates": {"steps": 5, "warm_up": 2, "peak": 0.5, "final": 0.1},
    "images.perceptrons.train_mlps": {
        "x": X, "rows": [SIX], "labels": [SIX % 2], "classes": 2, "hidden": 3, "steps": 2, "warm_up": 1, "batch": 2,
        "peak": 0.1, "final": 0.01, "weight_decay": 0.1, "seeds": [0],
    },
    "images.perceptrons.predict": {"networks": NETWORKS, "x": X},
    "images.perceptrons.accuracy": {"networks": NETWORKS, "x": X, "labels": SIX % 2},
    "images.similarity.squared_error": {"images": IMAGES, "clean": IMAGES.flip(0)},
    "images.similarity.structural_similarity": {"images": IMAGES, "clean": IMAGES.flip(0)},
    "images.synthesizer.train_synthesizer": {
        "observed": IMAGES.repeat(2, 1, 1, 1), "clean": IMAGES.repeat(2, 1, 1, 1), "capacity": 0.5, "widths": [2, 3],
        "latent": 4, "held_out": 0.3, "judge": None, "config": CONFIG, "checkpoint": None, "fabric": None,
    },
    "images.synthesizer.restore": {"model": Autoencoder(1, 8, capacity=0.1, seed=0), "observed": IMAGES},
    "linear.least_squares.fit_least_squares": {"x": X, "targets": T, "ridge": 0.1},
    "linear.least_squares.fit_ridge_mix": {**GRAM, "gamma": 0.1},
    "linear.logistic_ridge.fit_logistic_ridge": {
        "x": X, "labels": T[None], "ridge": 0.1, "kept": None, "tolerance": 1e-10, "max_steps": 100,
    },
    "linear.normal_equations.solve_normal_equations": {**GRAM, "ridge": 0.1},
    "linear.ridge_mix.simulate_ridge": {
        "p": 3, "n": 4, "m": 5, "n_hat": 2, "mu_norm": 1.0, "gamma": 0.1, "epsilon": 0.2, "psi": 0.3, "phi": 0.9,
        "generators": ["shared"], "repeats": 2, "random": RANDOM,
    },
    "linear.ridge_mix.fit_generator": {"rows": X.double(), "mean": None},
    "linear.ridge_mix.synthetic_sums": {
        "mean": torch.ones(1, 2).double(), "root": torch.eye(2)[None].double(), "m": 5, "epsilon": 0.2, "psi": 0.3,
        "phi": 0.9, "random": RANDOM,
    },
    "mixtures.fit.fit": {
        "x": X[None], "n_components": 2, "generator": RANDOM, "initial": None, "kept": None, "starts": 1,
        "tolerance": 1e-3, "max_steps": 10, "regularization": 1e-3,
    },
    "mixtures.gaussian_mixtures.kl_divergence": {"p": MIX, "q": MIX, "n_samples": 9, "generator": RANDOM},
    "mixtures.gaussian_mixtures.total_variation": {"p": MIX, "q": MIX, "n_samples": 9, "generator": RANDOM},
    "mixtures.histogram_divergence.histogram_divergence": {"x": X[None], "y": X[None] + 1, "bins": 3, "floor": 1e-3},
    "mixtures.two_classes.unit_norm_noise": {"mean_norm": 0.5, "dimension": 3},
    "mixtures.two_classes.draw_mixture": {"count": 3, **TWO, "generator": RANDOM, "dtype": torch.float32},
    "mixtures.two_classes.draw_triplet": {
        "theta_gen": 1.0, "theta_prune": 1.1, "theta": 0.9, "dimension": 4, "generator": RANDOM,
    },
    "mixtures.two_classes.draw_at_angle": {"direction": torch.ones(3), "theta": 1.0, "generator": RANDOM},
    "mixtures.two_classes.threshold_labels": {"x": X, "weights": torch.ones(2)},
    "mixtures.two_classes.sigmoid_labels": {"x": X, "weights": torch.ones(2), "generator": RANDOM},
    "mixtures.two_classes.flip_labels": {"labels": T, "p": 0.5, "generator": RANDOM},
    "mixtures.two_classes.rlhf_kept": {"labels": T, "synthetic": -T, "phi": 0.5, "psi": 0.5, "generator": RANDOM},
    "mixtures.two_classes.supervised_kept": {"x": X, "synthetic": T, "verifier": torch.ones(2)},
    "mixtures.two_classes.accuracy": {"weights": X, **TWO},
    "mixtures.two_classes.agreement": {"weights": X, **TWO},
    "sequences.decoding.beam": ASKED,
    "sequences.decoding.sample": {**ASKED, "generator": RANDOM},
    "sequences.symmetric.draw": {"count": 3, "size": 2, "generator": RANDOM},
    "sequences.symmetric.eigenvalues": {"matrices": SYMMETRIC},
    "sequences.symmetric.questions": {"matrices": SYMMETRIC, "encoding": DIGITS, "triangle": True},
    "sequences.symmetric.answers": {"values": X.double(), "encoding": DIGITS},
    "sequences.symmetric.read": {"tokens": torch.zeros(1, 9, dtype=torch.int64), "size": 2, "encoding": DIGITS},
    "sequences.symmetric.relative_error": {"predicted": X, "true": X + 1},
    "sequences.symmetric.right": {"predicted": X, "true": X + 1, "tolerance": 0.1},
    "text.sentences.split": {"text": "One. Two."},
    "text.rouge.rouge_1": {"candidates": ["One.", "Two."], "reference": "One or two."},
    "text.rouge.best": {"scores": [0.5, 0.25]},
    "text.features.hashed": {"texts": ["One.", "Two."], "columns": 4, "kind": "words"},
    "text.features.of_articles": {"articles": [["One.", "Two."], ["Three."]], "columns": 4, "kind": "letters"},
    "text.tf_idf.reduced": {"fitted_on": ["one two", "one six", "two six"], "texts": ["ten"], "columns": 2, "seed": 0},
    "text.summarizer.learn": {**PICKED, "chosen": torch.tensor([0, 1]), "config": CONFIG},
    "text.summarizer.log_probabilities": PICKED,
    "text.summarizer.greedy": {"log_probabilities": CHANCES},
    "text.summarizer.perplexity": {"log_probabilities": CHANCES, "chosen": torch.tensor([0, 1])},
}  # fmt: skip
# steps of the public functions, on arguments that those have checked
INNER = {
    f"linear.{name}"
    for name in (
        "least_squares.nested_shards", "least_squares.add_shard_sums", "logistic_ridge.project",
        "logistic_ridge.weighted_sum", "logistic_ridge.weighted_gram", "normal_equations.solve_or_lose",
        "normal_equations.check_sums", "normal_equations.rank",
    )
}  # fmt: skip
CLASSES = {
    "GaussianMixtures": (
        GaussianMixtures,
        {"weights": torch.ones(1, 1), "means": MIX.means, "covariances": MIX.covariances},
    ),
    "NestedLeastSquares": (NestedLeastSquares, {"dimension": 2, "sizes": [3, 5], "selections": 2, "device": "cpu"}),
    "solve": (lambda ridge: _nested().solve(ridge), {"ridge": 0.1}),
    "update": (lambda **batch: _nested().update(**batch), {"x": X, "targets": T, "kept": T[None] > -2}),
    "sample": (MIX.sample, {"n": 3, "generator": RANDOM}),
    "log_prob": (MIX.log_prob, {"x": X[None]}),
    "responsibilities": (MIX.responsibilities, {"x": X[None]}),
    "Autoencoder": (
        Autoencoder,
        {"channels": 1, "size": 8, "capacity": 0.5, "widths": [2, 3], "latent": 4, "seed": 0},
    ),
    "LinearRestorer": (LinearRestorer, {"observed": IMAGES, "clean": IMAGES}),
    "Encoding": (Encoding, {"digits": 2, "largest_exponent": 4}),
    "encode": (DIGITS.encode, {"values": X[None].double()}),
    "decode": (DIGITS.decode, {"tokens": torch.ones(1, 8, dtype=torch.int64), "rows": 2, "columns": 1}),
    "Size": (Size, SIZES),
    "Transformer": (Transformer, {"size": Size(**SIZES), "seed": 0}),
    "Summarizer": (Summarizer, {"columns": 3, "hidden": 2, "seed": 0}),
    "Mlps": (Mlps, {"inputs": 2, "hidden": 3, "classes": 2, "generators": [RANDOM]}),
}
PREFIX = "lib.models."
FUNCTIONS = {
    name.removeprefix(PREFIX): function
    for name, function in public_functions("lib.models").items()
    if name.removeprefix(PREFIX) not in INNER
    and not name.startswith("lib.models.language.")  # they want a model: tests/models/language/test_language_law.py
}


def _nested():
    fits = NestedLeastSquares(2, [3, 5], 1)
    fits.update(X, T, torch.ones(1, 6, dtype=torch.bool))
    return fits


def repeatable(function):
    """The function with the generator at its start, so that two calls draw the same."""

    @functools.wraps(function)
    def call(**arguments):
        RANDOM.manual_seed(0)
        return function(**arguments)

    return call


CALLS = {name: (repeatable(FUNCTIONS[name]), ORDINARY[name]) for name in FUNCTIONS if name in ORDINARY}
CALLS |= {name: (repeatable(function), ordinary) for name, (function, ordinary) in CLASSES.items()}


def test_every_public_function_has_ordinary_arguments():
    assert missing(FUNCTIONS, ORDINARY) == []


@pytest.mark.parametrize("name", CALLS)
def test_ordinary_arguments_are_fine(name):
    function, ordinary = CALLS[name]
    function(**ordinary)


@pytest.mark.parametrize("name", CALLS)
def test_one_hard_argument(name):
    function, ordinary = CALLS[name]
    for place in places(ordinary):
        for value in HARD.values():
            check(function, ordinary, place, value)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_some_hard_arguments(data):
    function, ordinary = CALLS[data.draw(st.sampled_from(sorted(CALLS)))]
    check_all(function, ordinary, data.draw(combinations(ordinary)))


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, 1e-300])
@pytest.mark.parametrize("name", CALLS)
def test_hard_numbers_in_tensors(name, value):
    """A tensor that holds one hard number, in double precision."""
    function, ordinary = CALLS[name]
    for argument, tensor in ordinary.items():
        if isinstance(tensor, torch.Tensor) and tensor.is_floating_point():
            hard = tensor.double().clone()
            hard.view(-1)[0] = value
            check(function, ordinary, argument, hard)
