"""CIFAR-10, small colour photographs of ten kinds of things, 32 x 32: read, and where absent downloaded, by torchvision."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lib import arguments
from lib.datasets.containers import Images, check_digests, check_labels
from lib.datasets.vision import downloading, load_torchvision

FOLDER = "cifar-10-batches-py"
COUNTS = {"train": 50000, "test": 10000}
MD5 = {  # of the unpacked files
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
    "batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
}


def load(root: Path, *, digest: bool = True) -> Images:
    """50000 training and 10000 test images (N, 3, 32, 32), values 0 to 255, and labels 0 to 9.

    Parameters
    ----------
    root : path
        The unpacked python batches are in ``root/cifar-10-batches-py``; if none is there they are downloaded into it.
    digest : bool
        True: each file must have the known md5. False: any batches of 32 x 32 colour images with labels 0 to 9, in any
        number. A batch is a pickle, and reading a pickle can run code: pass False for files that you made yourself only.

    Notes
    -----
    Raises ValueError for a file that is missing among others, corrupt, or of another shape, FileNotFoundError if none is
    there and the download fails. Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    Checked by tests/datasets/test_cifar10.py.
    """
    root, digest = arguments.path("root", root), arguments.flag("digest", digest)
    folder = root / FOLDER
    missing = [name for name in MD5 if not (folder / name).is_file()]
    if len(missing) == len(MD5):
        download(root)
    elif missing:
        raise ValueError(f"{folder} has no {', '.join(missing)}; put the file beside the others, or remove them all")
    if digest:  # before any file is opened as a pickle
        check_digests(folder, MD5, "md5")
    sets = {part: _read(root, part) for part in COUNTS}
    for part, (images, labels) in sets.items():
        if len(images) != len(labels) or (digest and len(images) != COUNTS[part]):
            raise ValueError(
                f"{part} images of {folder} have shape {tuple(images.shape)} with {len(labels)} labels, "
                f"allowed: ({COUNTS[part] if digest else 'N'}, 3, 32, 32) with one label each"
            )
        check_labels(f"{folder} ({part})", labels, 10)
    return Images(*(tensor for pair in sets.values() for tensor in pair))


def _read(root: Path, part: str) -> tuple[Tensor, Tensor]:
    """Images (N, 3, 32, 32) uint8 and labels (N,) int64 of one part, as the loader reads them."""
    loader = load_torchvision().datasets.CIFAR10
    train, test = [[(name, None) for name in MD5 if name.startswith(start)] for start in ("data_batch", "test_batch")]
    # the public loader without its own digests: load has checked them, or not, as it was told
    lists = {"train_list": train, "test_list": test, "meta": loader.meta | {"md5": None}}
    try:
        data = type(loader.__name__, (loader,), lists)(root, train=part == "train")
        pixels, targets = data.data, np.asarray(data.targets)
        if (
            pixels.dtype != np.uint8 or targets.dtype.kind not in "iu"
        ):  # floats in [0, 1] would be read as 255 times darker
            raise TypeError(
                f"images are {pixels.dtype} and labels {targets.dtype}; allowed: uint8 images and whole labels"
            )
        images = torch.from_numpy(pixels).permute(0, 3, 1, 2)  # the loader has channels last
        return images.contiguous(), torch.from_numpy(targets.astype(np.int64))
    except Exception as error:  # a broken pickle ends in any of a dozen exceptions
        raise ValueError(f"{part} files of {root / FOLDER} are not batches of CIFAR-10 ({error!r})") from error


def download(root: Path) -> None:
    """Download the batches into ``root/cifar-10-batches-py``, by torchvision's loader.

    It works in a temporary folder beside its place, and the folder is renamed into place once all files are there.
    Raises FileNotFoundError if the download fails. Checked by tests/datasets/test_cifar10.py::test_absent and test_download.
    """
    root = arguments.path("root", root)
    advice = f"put the unpacked python batches into {root / FOLDER}: {', '.join(MD5)}"
    with downloading("CIFAR-10", root, advice) as beside:
        load_torchvision().datasets.CIFAR10(beside, download=True)
        (beside / FOLDER).replace(root / FOLDER)
