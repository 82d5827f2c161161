"""Images corrupted by one permutation of their values, and what undoes it: exact matching, least squares, an autoencoder.

Images are bytes (N, channels, size, size) throughout, as the data sets give them; models see them as :func:`unit`.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from lib.datasets.vision import load_torchvision
from lib.models.images.autoencoder import Autoencoder
from lib.training.loop import Config, Loss, predict, train

RIDGES = tuple(10.0 ** np.arange(-8, 5))  # penalties that the linear restorer chooses from


class Matching(NamedTuple):
    """``order`` (values,) int64 undoes the permutation: ``permute(observed, order)`` is clean on the pairs. ``ambiguous`` counts
    the values whose column equals another one on all pairs, so that the pairs do not tell which of them it is."""

    order: Tensor
    ambiguous: int


def unit(images: Tensor) -> Tensor:
    """Bytes 0 to 255 as float32 in [0, 1]; the ``prepare`` hook of :func:`lib.training.loop.train`."""
    return images.float() / 255


def to_bytes(images: Tensor) -> Tensor:
    """Floats in [0, 1], clipped to it, as the nearest bytes 0 to 255.

    Checked by tests/models/images/test_restoration.py::test_bytes.
    """
    return (images.clamp(0, 1) * 255).round().to(torch.uint8)


def permutation(values: int, seed: int) -> Tensor:
    """A random permutation (values,) int64 from ``seed`` alone. Source: Bharthulwar, Section 2 (corruption C)."""
    return torch.randperm(values, generator=torch.Generator().manual_seed(seed))


def permute(images: Tensor, order: Tensor) -> Tensor:
    """Images (N, ...) with value k of each replaced by value ``order[k]`` of the same image, across rows, columns and channels.

    ``order``: (values,) int64, one permutation for all images. Raises ValueError if it is of another length.
    Source: Bharthulwar, Section 2 (corruption C). Checked by tests/models/images/test_restoration.py::test_permute.
    """
    flat = images.flatten(1)
    if order.shape != flat.shape[1:]:
        raise ValueError(f"order has {order.numel()} values, allowed: {flat.shape[1]}, as many as an image")
    return flat[:, order].view_as(images)


def match(observed: Tensor, clean: Tensor) -> Matching:
    """Read the permutation off pairs: a value goes where the same column of numbers is found, one number a pair.

    Sorting the columns of both sides lines them up, since they are the same columns in another order. Columns that are equal
    on all pairs may be exchanged: that is what a larger number of pairs takes away.

    Args: observed and clean images (N, ...), uint8, the same images in the same order. Raises ValueError if their columns
    differ, that is if no permutation joins them. Checked by tests/models/images/test_restoration.py::test_match.
    """
    columns = [images.flatten(1).T.contiguous().cpu().numpy() for images in (observed, clean)]  # (values, N)
    if columns[0].shape != columns[1].shape:
        raise ValueError(f"observed and clean have shapes {observed.shape} and {clean.shape}; allowed: the same")
    orders = [np.lexsort(each.T[::-1]) for each in columns]
    ranked = [each[order] for each, order in zip(columns, orders, strict=True)]
    if not np.array_equal(*ranked):
        raise ValueError("observed is not a permutation of clean; allowed: pairs joined by one permutation of values")
    place = np.empty_like(orders[0])
    place[orders[1]] = orders[0]
    twin = (ranked[1][1:] == ranked[1][:-1]).all(1)  # equal to the next in rank
    ambiguous = int((np.append(twin, False) | np.insert(twin, 0, False)).sum())
    return Matching(torch.from_numpy(place), ambiguous)


class Judge(NamedTuple):
    """A trained classifier that tells the autoencoder whether its output shows the label: ``network``, ``labels`` (N,) of pairs,
    and ``weight`` >= 0 of its cross-entropy, in nats, beside the squared error."""

    network: nn.Module
    labels: Tensor
    weight: float


class _Judged(nn.Module):
    """The autoencoder's images, flattened, and the judge's logits of them side by side, as one output of :func:`train`."""

    def __init__(self, autoencoder: Autoencoder, network: nn.Module):
        super().__init__()
        self.autoencoder = autoencoder
        self._network = [
            network.eval().requires_grad_(False)
        ]  # in a list, so that train() neither trains nor stores it

    def forward(self, x: Tensor) -> Tensor:
        image = self.autoencoder(x)
        network = self._network[0].to(x.device)  # not a part of this module, so it does not move with it
        return torch.cat([image.flatten(1), network(image)], 1)


class LinearRestorer(nn.Module):
    """Least squares from observed to clean values with an intercept and a ridge penalty: the linear synthesizer.

    The penalty is the one of ``RIDGES`` with the smallest leave-one-out error on the pairs, by scikit-learn's RidgeCV.
    Args: observed and clean images (N, ...), uint8, N at least 2. Maps images in [0, 1] to images clipped to it.
    Checked by tests/models/images/test_restoration.py::test_linear_restorer.
    """

    def __init__(self, observed: Tensor, clean: Tensor):
        super().__init__()
        from sklearn.linear_model import RidgeCV  # a second of import, for this restorer only

        fit = RidgeCV(RIDGES).fit(unit(observed).flatten(1).double().numpy(), unit(clean).flatten(1).double().numpy())
        self.ridge = float(fit.alpha_)
        values = observed[0].numel()
        self.linear = nn.Linear(values, values)
        with torch.no_grad():
            self.linear.weight.copy_(torch.from_numpy(fit.coef_))
            self.linear.bias.copy_(torch.from_numpy(fit.intercept_))

    def forward(self, x: Tensor) -> Tensor:
        """Restored images, the shape of x."""
        return self.linear(x.flatten(1)).clamp(0, 1).view_as(x)


def train_synthesizer(
    observed: Tensor,
    clean: Tensor,
    *,
    capacity: float,
    widths: tuple[int, int],
    latent: int,
    held_out: float = 0.1,
    judge: Judge | None = None,
    config: Config,
    checkpoint: Path | None = None,
    fabric: Fabric | None = None,
) -> Autoencoder:
    """Train an autoencoder to map observed images to clean ones by the mean squared error, and to labels by a judge's loss.

    Parameters
    ----------
    observed, clean : (N, channels, size, size) uint8
        The pairs, N at least 2. The last ``held_out`` of them (at least one) are not trained on: they say when to stop, so
        ``config.patience`` should be set.
    capacity, widths, latent
        Of :class:`lib.models.images.autoencoder.Autoencoder`; ``config.seed`` also seeds its weights.
    held_out : float in (0, 0.5]
    judge : Judge, optional
        Adds its loss; its network is left without gradients.
    checkpoint, fabric
        Of :func:`lib.training.loop.train`.

    Notes
    -----
    Source: Bharthulwar, Section 2 (synthesizer G); with a judge, Section 4 ("Retrain CAE with Pseudo-Labels").
    Checked by tests/models/images/test_restoration.py::test_synthesizer and ::test_judge.
    """
    model = Autoencoder(*clean.shape[1:3], capacity=capacity, widths=widths, latent=latent, seed=config.seed)
    target, trained, loss = unit(clean), model, functional.mse_loss
    if judge is not None:
        target = torch.cat([target.flatten(1), judge.labels[:, None].float()], 1)  # labels below 2^24 are exact floats
        trained, loss = _Judged(model, judge.network), _judged_loss(clean[0].numel(), judge.weight)
    kept = len(clean) - max(1, round(held_out * len(clean)))
    train(
        trained,
        loss,
        (observed[:kept], target[:kept]),
        config=config,
        held_out=(observed[kept:], target[kept:]),
        prepare=unit,
        checkpoint=checkpoint,
        fabric=fabric,
    )
    return model


def _judged_loss(values: int, weight: float) -> Loss:
    """Squared error of the first ``values`` outputs plus the weighted cross-entropy of the rest; the last target is a label."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        squared = functional.mse_loss(outputs[:, :values], targets[:, :values])
        return squared + weight * functional.cross_entropy(outputs[:, values:], targets[:, values].long())

    return loss


def restore(model: nn.Module, observed: Tensor) -> Tensor:
    """What ``model`` makes of observed bytes (N, ...), as bytes on the processor: the synthetic data set G(X_obs)."""
    device = next(model.parameters()).device
    return torch.cat([to_bytes(predict(model, part.to(device), prepare=unit)).cpu() for part in observed.split(5000)])


def squared_error(images: Tensor, clean: Tensor) -> Tensor:
    """Mean squared error (N,) of each image to its original, in units of [0, 1] squared. Args: two sets (N, ...) uint8.

    Checked by tests/models/images/test_restoration.py::test_similarity.
    """
    return (unit(images) - unit(clean)).square().flatten(1).mean(1)


def structural_similarity(images: Tensor, clean: Tensor) -> Tensor:
    """Structural similarity (N,) in [-1, 1] of each image to its original.

    Source: Wang et al. 2004 (Gaussian window, 1.5 pixels wide, cut at 11), the mean over all places with reflected borders, by
    torchmetrics. Args: two sets (N, channels, size, size) uint8.
    Checked by tests/models/images/test_restoration.py::test_similarity.
    """
    load_torchvision()  # torchmetrics imports it, and some builds need the cure in there
    from torchmetrics.functional.image import structural_similarity_index_measure

    pairs = zip(unit(images).split(1000), unit(clean).split(1000), strict=True)
    return torch.cat([structural_similarity_index_measure(x, y, data_range=1.0, reduction="none") for x, y in pairs])
