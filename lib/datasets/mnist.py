"""MNIST, handwritten digits, 28 x 28: read, and where absent downloaded, by torchvision."""

from pathlib import Path

from torch import Tensor

from lib import arguments
from lib.datasets.containers import Images, check_digests, check_labels
from lib.datasets.vision import downloading, load_torchvision

COUNTS = {"train": 60000, "test": 10000}
MD5 = {  # of the four unpacked files
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def load(root: Path, *, digest: bool = True) -> Images:
    """60000 training and 10000 test images (N, 1, 28, 28), values 0 to 255, and labels 0 to 9.

    Parameters
    ----------
    root : path
        The four unpacked idx files are in ``root/MNIST/raw``; if none is there they are downloaded into it.
    digest : bool
        True: each file must have the known md5. False: any idx files of 28 x 28 images with labels 0 to 9, in any number.

    Notes
    -----
    Raises ValueError for a file that is missing among others, corrupt, or of another shape, FileNotFoundError if none is
    there and the download fails. Source: LeCun, Cortes, Burges, the MNIST database.
    Checked by tests/datasets/test_mnist.py.
    """
    root, digest = arguments.path("root", root), arguments.flag("digest", digest)
    folder = root / "MNIST" / "raw"
    missing = [name for name in MD5 if not (folder / name).is_file()]
    if len(missing) == len(MD5):
        download(root)
    elif missing:
        raise ValueError(f"{folder} has no {', '.join(missing)}; put the file beside the others, or remove them all")
    if digest:
        check_digests(folder, MD5, "md5")
    sets = {part: _read(root, part) for part in COUNTS}
    for part, (images, labels) in sets.items():
        if images.shape[1:] != (28, 28) or len(images) != len(labels) or (digest and len(images) != COUNTS[part]):
            raise ValueError(
                f"{part} images of {folder} have shape {tuple(images.shape)} with {len(labels)} labels, "
                f"allowed: ({COUNTS[part] if digest else 'N'}, 28, 28) with one label each"
            )
        check_labels(f"{folder} ({part})", labels, 10)
    return Images(*(tensor for images, labels in sets.values() for tensor in (images[:, None], labels)))


def _read(root: Path, part: str) -> tuple[Tensor, Tensor]:
    """Images (N, height, width) uint8 and labels (N,) int64 of one part, as the loader reads them."""
    try:
        data = load_torchvision().datasets.MNIST(root, train=part == "train")
    # the loader checks nothing: a broken file ends in an assertion, a KeyError, a ValueError ...
    except Exception as error:
        raise ValueError(f"{part} files of {root / 'MNIST' / 'raw'} are not idx files ({error!r})") from error
    return data.data, data.targets.long()


def download(root: Path) -> None:
    """Download the four files into ``root/MNIST/raw``, by torchvision's loader.

    It works in a temporary folder beside its place, and the files are renamed into place once all are there.
    Raises FileNotFoundError if the download fails. Checked by tests/datasets/test_mnist.py::test_absent.
    """
    folder = arguments.path("root", root) / "MNIST" / "raw"
    advice = f"put the four unpacked idx files into {folder}: {', '.join(MD5)}"
    with downloading("MNIST", Path(root), advice) as beside:
        load_torchvision().datasets.MNIST(beside, download=True)
        folder.mkdir(parents=True, exist_ok=True)
        for name in MD5:
            (beside / "MNIST" / "raw" / name).replace(folder / name)
