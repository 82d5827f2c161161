"""Images and counts that several tests of the image models take."""

import pytest
import torch


@pytest.fixture(scope="session")
def random_images():
    """Function (count, channels, size, seed) -> uint8 images."""

    def draw(count, channels=3, size=8, seed=0):
        generator = torch.Generator().manual_seed(seed)
        return torch.randint(0, 256, (count, channels, size, size), dtype=torch.uint8, generator=generator)

    return draw


@pytest.fixture(scope="session")
def parameters():
    """Function model -> number of its parameters."""
    return lambda model: sum(parameter.numel() for parameter in model.parameters())
