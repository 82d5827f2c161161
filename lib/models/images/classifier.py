"""The learners of the chapter usable-information: a convolutional network, and a multilayer perceptron as its control."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lib import seeds, tensors
from lib.theory import checks


def cnn(
    channels: int,
    size: int,
    classes: int = 10,
    *,
    alpha: float = 1.0,
    widths: Sequence[int] = (32, 64, 128),
    seed: int,
) -> nn.Sequential:
    """A convolutional network: images (N, channels, size, size) to logits (N, classes).

    Each width is one block: 3 x 3 convolution, batch norm, ReLU, and a maximum over 2 x 2 pixels, which halves the image. One
    linear layer reads the last block, (N, width, size/8, size/8) flattened for three blocks, position by position.

    Parameters
    ----------
    channels, size : int
        Of the images; ``size`` is a multiple of ``2^blocks``, at most 256. Digits are (1, 16), CIFAR-10 is (3, 32).
    classes : int in [2, 1000]
    alpha : float in [0.25, 2]
        Capacity multiplier alpha_L: block b has ``round(alpha * widths[b])`` channels. Parameters grow about as alpha squared.
    widths : sequence of int
        Channels of the blocks at alpha 1: 32, 64, 128 for CIFAR-10, 16, 32, 64 for digits.
    seed : int
        Of the initial weights, torch's own distributions.

    Notes
    -----
    Raises ValueError for a value outside its range. Source: Bharthulwar, Section 2 (learner), which gives the range of alpha
    and no layer sizes: these are the book's. Checked by tests/models/images/test_classifier.py.
    """
    channels = checks.integer("channels", channels, 1, 1024)
    classes = checks.integer("classes", classes, 2, 1000)
    widths = tensors.whole_numbers("widths", widths, 10**4)
    if not 1 <= len(widths) <= 8:
        raise ValueError(f"widths has {len(widths)} blocks, outside [1, 8]")
    blocks = 2 ** len(widths)
    size = checks.integer("size", size, blocks, 256)
    if size % blocks:
        raise ValueError(f"size = {size} is outside the multiples of {blocks}, 2^blocks")
    small = size // blocks
    alpha = checks.real("alpha", alpha, 0.25, 2.0)
    outputs = [max(1, round(alpha * width)) for width in widths]
    layers: list[nn.Module] = []
    with seeds.everywhere(seed, "cnn"):
        for inside, outside in zip([channels, *outputs], outputs, strict=False):
            convolution = nn.Conv2d(inside, outside, 3, padding=1, bias=False)  # batch norm has the bias
            layers += [convolution, nn.BatchNorm2d(outside), nn.ReLU(), nn.MaxPool2d(2)]
        head = nn.Linear(outputs[-1] * small**2, classes)
        return nn.Sequential(*layers, nn.Flatten(), head)


def mlp(inputs: int, classes: int = 10, *, alpha: float = 1.0, hidden: int = 256, seed: int) -> nn.Sequential:
    """A multilayer perceptron, two hidden layers of ``round(alpha * hidden)``: inputs (N, ...) to logits (N, classes).

    The control of the experiment: it does not know which pixels are neighbours, so a fixed permutation of its inputs changes
    nothing for it (:func:`permute_inputs`). What a CNN loses to the permutation, the family of learners lost, not the data.

    Parameters: ``inputs`` is the number of values of an example, which is flattened; ``alpha`` in [0.25, 2]; ``seed`` of the
    initial weights, torch's own distributions. Raises ValueError for a value outside its range.
    Checked by tests/models/images/test_classifier.py.
    """
    inputs = checks.integer("inputs", inputs, 1, 10**7)
    alpha = checks.real("alpha", alpha, 0.25, 2.0)
    classes = checks.integer("classes", classes, 2, 1000)
    width = max(1, round(alpha * checks.integer("hidden", hidden, 1, 10**5)))
    with seeds.everywhere(seed, "mlp"):
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(inputs, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, classes),
        )


def permute_inputs(perceptron: nn.Sequential, permutation: Tensor) -> nn.Sequential:
    """A copy of an :func:`mlp` that is to permuted inputs what the original is to the inputs.

    With ``x' = x[:, permutation]`` and first-layer weights ``W' = W[:, permutation]``, ``W' x' = W x``: the same sum in another
    order. The outputs are equal, and so are the gradients up to the same permutation. Trained on the same batches, by an
    optimiser that treats each weight alone (SGD, AdamW), both go the same way, to rounding.

    ``permutation``: (inputs,) int64. Raises ValueError if it is none of the inputs.
    Checked by tests/models/images/test_classifier.py::test_permutation_changes_nothing_for_mlp.
    """
    tensors.instance("perceptron", perceptron, nn.Sequential)
    tensors.whole("permutation", permutation, "(inputs,)", dims=(1,))
    permuted = copy.deepcopy(perceptron)
    weight = permuted[1].weight
    if permutation.shape != weight.shape[1:] or not torch.equal(
        permutation.sort()[0].cpu(), torch.arange(weight.shape[1])
    ):
        raise ValueError(f"permutation = {permutation} is not a permutation of 0 to {weight.shape[1] - 1}")
    with torch.no_grad():
        weight.copy_(weight[:, permutation.to(weight.device)])
    return permuted
