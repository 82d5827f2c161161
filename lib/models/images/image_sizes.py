"""Image sets brought to one form for the chapter usable-information, and the sizes of its networks on each."""

from typing import NamedTuple

import torch
from torch.nn import functional

from lib import tensors
from lib.datasets.containers import Images
from lib.datasets.source import Source


class Scale(NamedTuple):
    """Channels of the learner's blocks and of the autoencoder's at capacity 1, and the dimension of its code."""

    learner: tuple[int, int, int]
    autoencoder: tuple[int, int]
    latent: int


SCALES = {
    "digits": Scale((16, 32, 64), (16, 32), 64),
    "mnist": Scale((16, 32, 64), (16, 32), 64),
    "cifar10": Scale((32, 64, 128), (32, 64), 256),
}


def load_images(source: Source) -> Images:
    """A set of ``SCALES`` as square images whose size is a multiple of 8, bytes from 0 to 255.

    "digits": each of the 8 x 8 pixels becomes 2 x 2, values 0 to 16 become 0 to 255. "mnist": two black pixels around, 32 x 32.
    "cifar10": as it is, 3 x 32 x 32. Raises what :func:`lib.datasets.load` raises, and ValueError for another set.
    Checked by tests/models/images/test_image_sizes.py.
    """
    name = tensors.instance("source", source, Source).name
    if name not in SCALES:
        raise ValueError(f"source = {name!r} is not one of {', '.join(map(repr, SCALES))}")
    data = source.load()
    if name == "digits":
        sixteenths = [functional.interpolate(data[k].float(), scale_factor=2, mode="nearest") for k in (0, 2)]
        train, test = ((images * 255 / 16).round().to(torch.uint8) for images in sixteenths)
    elif name == "mnist":
        train, test = (functional.pad(data[k], (2, 2, 2, 2)) for k in (0, 2))
    else:
        return data
    return Images(train, data.train_labels, test, data.test_labels)
