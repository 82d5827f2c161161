"""A summarizer that answers with one sentence of the article, and knows how likely each is to it.

A small perceptron gives each sentence a score from its features (:mod:`lib.models.text.features`), and a softmax over the
sentences of the article turns scores into probabilities. So an answer has a likelihood and a perplexity, as one of a language
model has, and "greedy" is the likeliest sentence. What it cannot do is write: at the most it is as good as the best sentence.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from lib import seeds, tensors
from lib.theory import checks
from lib.training import Config, one_device, predict, train

LARGEST = 10**5


class Summarizer(nn.Module):
    """Scores (B, S) of the sentences of articles, from features (B, S, columns); -inf where the first column is 0: no sentence.

    Parameters
    ----------
    columns : int in [1, 10^5]
        Features of a sentence, the first of which is 1.
    hidden : int in [0, 10^5]
        Units between; 0 makes the score linear.
    seed : int in [0, 2^63 - 1]
        Of the weights at the start.

    Notes
    -----
    Raises ValueError for a value outside its range. Checked by tests/models/text/test_summarizer.py.
    """

    def __init__(self, columns: int, hidden: int, *, seed: int):
        super().__init__()
        columns, hidden = checks.integer("columns", columns, 1, LARGEST), checks.integer("hidden", hidden, 0, LARGEST)
        self.columns = columns
        with seeds.everywhere(seed, "summarizer"):
            between = (nn.Linear(columns, hidden), nn.ReLU()) if hidden else ()
            self.score = nn.Sequential(*between, nn.Linear(hidden or columns, 1))

    def forward(self, features: Tensor) -> Tensor:
        return self.score(features)[..., 0].masked_fill(features[..., 0] == 0, -torch.inf)


def learn(model: Summarizer, features: Tensor, chosen: Tensor, *, config: Config) -> Summarizer:
    """Train in place, by the cross-entropy of the chosen sentences, with the book's loop; return the model.

    features (N, S, columns); chosen (N,) int64, places of sentences. Same seeds and machine, same weights. Raises ValueError for
    other shapes, a place without a sentence, and a budget of less than a step. Source: the book's own small version of
    Feng et al., Section 5.3. Checked by tests/models/text/test_summarizer.py.
    """
    _check(model, features)
    _check_chosen(features, chosen)
    tensors.instance("config", config, Config)
    train(model, functional.cross_entropy, (features, chosen), config=config, fabric=one_device())
    return model


def log_probabilities(model: Summarizer, features: Tensor) -> Tensor:
    """Log probabilities (N, S) that a model gives the sentences of articles with features (N, S, columns).

    They are -inf where there is no sentence. Raises ValueError for other shapes, and an article without a
    sentence. Checked by tests/models/text/test_summarizer.py.
    """
    _check(model, features)
    return predict(model, features).float().cpu().log_softmax(1)


def greedy(log_probabilities: Tensor) -> Tensor:
    """The likeliest sentence (N,) of each article, of equal ones the first, from log probabilities (N, S).

    Raises ValueError for another shape, or nan. Checked by tests/models/text/test_summarizer.py.
    """
    tensors.real("log_probabilities", log_probabilities, "(N, S)", dims=(2,), empty=False)
    if log_probabilities.isnan().any():
        raise ValueError("log_probabilities holds nan, allowed: numbers, or -inf where there is no sentence")
    return log_probabilities.argmax(1)


def perplexity(log_probabilities: Tensor, chosen: Tensor) -> Tensor:
    """Perplexities (N,) of chosen sentences: ``exp(-log P)``, one over the probability, from log probabilities (N, S).

    A language model's perplexity is this a token; an answer is one token here. They are inf where a sentence has probability 0.
    Raises ValueError for a place outside [0, S - 1], other shapes, nan and log probabilities above 0. Source: Feng et al.,
    Section 5.3: selection keeps the lowest. Checked by tests/models/text/test_summarizer.py.
    """
    tensors.real("log_probabilities", log_probabilities, "(N, S)", dims=(2,), empty=False)
    if not (log_probabilities <= 0).all():
        raise ValueError("log_probabilities holds nan or a number above 0, allowed: at most 0")
    tensors.whole("chosen", chosen, "(N,)", dims=(1,))
    count, places = log_probabilities.shape
    if len(chosen) != count or chosen.min() < 0 or chosen.max() >= places:
        raise ValueError(f"chosen has {len(chosen)} places, allowed: {count}, in [0, {places - 1}]")
    return log_probabilities.double().gather(1, chosen.long()[:, None])[:, 0].neg().exp()


def _check(model: Summarizer, features: Tensor) -> None:
    columns = tensors.instance("model", model, Summarizer).columns
    wanted = f"(N, S, {columns})"
    tensors.real("features", features, wanted, dims=(3,), empty=False)
    if features.shape[2] != columns or features.dtype != torch.float32:
        raise ValueError(
            f"features has shape {tuple(features.shape)} and type {features.dtype}, allowed: {wanted}, float32"
        )
    tensors.finite("features", features, largest=1e6)
    if not (features[:, :, 0] != 0).any(1).all():
        raise ValueError("features holds an article without a sentence, allowed: 1 in the first column of at least one")


def _check_chosen(features: Tensor, chosen: Tensor) -> None:
    tensors.whole("chosen", chosen, "(N,)", dims=(1,))
    count, places = features.shape[:2]
    if chosen.dtype != torch.int64 or len(chosen) != count or chosen.min() < 0 or chosen.max() >= places:
        raise ValueError(
            f"chosen has {len(chosen)} places of type {chosen.dtype}, allowed: {count}, int64, in [0, {places - 1}]"
        )
    if (features[torch.arange(count), chosen, 0] == 0).any():
        raise ValueError("chosen holds a place without a sentence, allowed: places of sentences")
