"""The import of torchvision beside any build of torch."""

import subprocess
import sys

import pytest

from lib.datasets import vision

USE = """
from lib.datasets.vision import load_torchvision
vision = load_torchvision()
assert load_torchvision() is vision
import torch
from torchvision.transforms import v2
from torchvision.utils import make_grid
torch.manual_seed(0)
assert v2.RandomCrop(8, padding=1)(torch.zeros(3, 8, 8)).shape == (3, 8, 8)
assert make_grid(torch.zeros(4, 3, 8, 8), nrow=2).shape == (3, 22, 22)
assert vision.datasets.CIFAR10.__name__ == "CIFAR10"
"""


def test_in_a_fresh_process():
    """Loaders, transforms and make_grid work after one import; in a process of its own, since an import happens once."""
    subprocess.run([sys.executable, "-W", "error", "-c", USE], check=True)


def test_other_errors_are_not_cured(monkeypatch):
    def fail(name):
        raise RuntimeError("operator torchvision::roi_align does not exist")

    monkeypatch.setattr(vision.importlib, "import_module", fail)
    with pytest.raises(RuntimeError, match="roi_align"):
        vision.load_torchvision()
    assert vision.MISSING == "operator torchvision::nms does not exist"
