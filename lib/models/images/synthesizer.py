"""The synthesizer G: an autoencoder trained on pairs, alone or with a judge of its labels, and the images that it makes."""

from pathlib import Path
from typing import NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from lib import tensors
from lib.models.images.autoencoder import Autoencoder
from lib.models.images.corruption import to_bytes, unit
from lib.theory import checks
from lib.training import Config, predict, train
from lib.training.evaluation import Loss


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
        # in a list, so that train() neither trains nor stores it
        self._network = [network.eval().requires_grad_(False)]

    def forward(self, x: Tensor) -> Tensor:
        image = self.autoencoder(x)
        network = self._network[0].to(x.device)  # not a part of this module, so it does not move with it
        return torch.cat([image.flatten(1), network(image)], 1)


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
    Checked by tests/models/images/test_synthesizer.py::test_synthesizer and ::test_judge.
    """
    for name, images in (("observed", observed), ("clean", clean)):
        if tensors.real(name, images, "(N, channels, size, size), uint8").ndim != 4 or len(images) < 2:
            raise ValueError(
                f"{name} has shape {tuple(images.shape)}, allowed: (N, channels, size, size), N at least 2"
            )
    if observed.shape != clean.shape:
        raise ValueError(f"observed has shape {tuple(observed.shape)}, allowed: that of clean, {tuple(clean.shape)}")
    held_out = checks.real("held_out", held_out, 0.0, 0.5, open_low=True)
    tensors.instance("judge", judge, Judge, optional=True), tensors.instance("config", config, Config)
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
    tensors.instance("model", model, nn.Module)
    if tensors.real("observed", observed, "(N, ...), uint8").ndim < 2 or not observed.numel():
        raise ValueError(f"observed has shape {tuple(observed.shape)}, allowed: (N, ...), N at least 1")
    device = next(model.parameters()).device
    return torch.cat([to_bytes(predict(model, part.to(device), prepare=unit)).cpu() for part in observed.split(5000)])
