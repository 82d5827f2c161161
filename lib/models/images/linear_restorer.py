"""The linear synthesizer: least squares from corrupted to clean values."""

import numpy as np
import torch
from torch import Tensor, nn

from lib import tensors
from lib.models.images.corruption import unit

RIDGES = tuple(10.0 ** np.arange(-8, 5))  # penalties that the linear restorer chooses from


class LinearRestorer(nn.Module):
    """Least squares from observed to clean values with an intercept and a ridge penalty: the linear synthesizer.

    The penalty is the one of ``RIDGES`` with the smallest leave-one-out error on the pairs, by scikit-learn's RidgeCV.
    Args: observed and clean images (N, ...), uint8, N at least 2. Maps images in [0, 1] to images clipped to it.
    Checked by tests/models/images/test_linear_restorer.py::test_linear_restorer.
    """

    def __init__(self, observed: Tensor, clean: Tensor):
        super().__init__()
        for name, images in (("observed", observed), ("clean", clean)):
            if tensors.real(name, images, "(N, ...), uint8").ndim < 2 or not images.numel() or len(images) < 2:
                raise ValueError(f"{name} has shape {tuple(images.shape)}, allowed: (N, ...), N at least 2")
        if observed.shape != clean.shape:
            raise ValueError(
                f"observed has shape {tuple(observed.shape)}, allowed: that of clean, {tuple(clean.shape)}"
            )
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
