"""CIFAR-10 from tiny batches of the same form, from broken ones, and the real set where it is laid out."""

import hashlib
import os
import pickle
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch

from lib import datasets
from lib.datasets import cifar10
from lib.paths import data_folder

PER_BATCH = 20


def write_batches(folder: Path, rng: np.random.Generator) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Five training batches and a test batch as the official ones are: pickled rows of 3072 bytes, and a list of labels."""
    folder.mkdir(parents=True)
    batches = {}
    for name in [name for name in cifar10.MD5 if name != "batches.meta"]:
        rows = rng.integers(0, 256, (PER_BATCH, 3072), dtype=np.uint8)
        labels = rng.permutation(np.arange(PER_BATCH) % 10)
        batches[name] = (rows, labels)
        put(folder / name, rows, labels.tolist())
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": [f"kind {k}" for k in range(10)]}))
    return batches


def put(path: Path, rows: np.ndarray, labels: list[int]) -> None:
    path.write_bytes(pickle.dumps({"data": rows, "labels": labels}))


@pytest.fixture
def tiny(tmp_path):
    """Root, folder and content of a small set in the form of CIFAR-10."""
    folder = tmp_path / "root" / cifar10.FOLDER
    return tmp_path / "root", folder, write_batches(folder, np.random.default_rng(0))


def test_own_files(tiny):
    """The five batches follow one another; each row is red, green, blue, each of them 32 rows of 32 pixels."""
    root, _, batches = tiny
    data = datasets.load("cifar10", root=root, digest=False)
    assert data.train_images.shape == (5 * PER_BATCH, 3, 32, 32)
    assert (data.train_images.dtype, data.train_labels.dtype) == (torch.uint8, torch.int64)
    rows, labels = batches["data_batch_3"]
    assert data.train_labels[2 * PER_BATCH : 3 * PER_BATCH].tolist() == labels.tolist()
    assert data.train_images[2 * PER_BATCH + 7, 1, 5, 11] == rows[7, 1024 + 5 * 32 + 11]
    np.testing.assert_array_equal(data.test_images.flatten(1).numpy(), batches["test_batch"][0])


def test_known_digests(tiny, monkeypatch):
    """Right digests alone are not enough: the number of images is checked too."""
    root, folder, _ = tiny
    known = {name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in cifar10.MD5}
    monkeypatch.setattr(cifar10, "MD5", known)
    with pytest.raises(
        ValueError, match=r"shape \(100, 3, 32, 32\) with 100 labels, allowed: \(50000, 3, 32, 32\) with one"
    ):
        datasets.load("cifar10", root=root)
    monkeypatch.setattr(cifar10, "COUNTS", {"train": 5 * PER_BATCH, "test": PER_BATCH})
    assert len(datasets.load("cifar10", root=root).train_images) == 5 * PER_BATCH


def test_corrupt_batch(tiny, monkeypatch):
    """One flipped bit is refused with the name of its batch, and the file is never opened as a pickle."""
    root, folder, _ = tiny
    known = {name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in cifar10.MD5}
    monkeypatch.setattr(cifar10, "MD5", known)
    monkeypatch.setattr(pickle, "load", lambda *_, **__: pytest.fail("a corrupt pickle was opened"))
    content = bytearray((folder / "data_batch_4").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "data_batch_4").write_bytes(content)
    with pytest.raises(ValueError, match=r"data_batch_4 is corrupt: its md5 is .*digest=False"):
        datasets.load("cifar10", root=root)


def test_truncated(tiny):
    root, folder, _ = tiny
    path = folder / "test_batch"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match=r"test files of .*cifar-10-batches-py are not batches of CIFAR-10"):
        datasets.load("cifar10", root=root, digest=False)


def test_wrong_image_size(tiny):
    root, folder, _ = tiny
    put(folder / "test_batch", np.zeros((PER_BATCH, 3 * 31 * 32), np.uint8), [k % 10 for k in range(PER_BATCH)])
    with pytest.raises(ValueError, match=r"test files of .* are not batches of CIFAR-10 .*cannot reshape"):
        datasets.load("cifar10", root=root, digest=False)


def test_wrong_number_of_labels(tiny):
    root, folder, batches = tiny
    put(folder / "data_batch_2", batches["data_batch_2"][0], list(range(10)))
    with pytest.raises(ValueError, match=r"train images of .* \(100, 3, 32, 32\) with 90 labels, allowed: \(N, 3"):
        datasets.load("cifar10", root=root, digest=False)


@pytest.mark.parametrize("classes", [11, 9])
def test_wrong_labels(tiny, classes):
    root, folder, batches = tiny
    put(folder / "test_batch", batches["test_batch"][0], [k % classes for k in range(PER_BATCH)])
    with pytest.raises(ValueError, match=r"labels of .*\(test\) = \[0, .*each of 0 to 9"):
        datasets.load("cifar10", root=root, digest=False)


def test_one_file_missing(tiny):
    root, folder, _ = tiny
    (folder / "data_batch_5").unlink()
    with pytest.raises(ValueError, match="has no data_batch_5"):
        datasets.load("cifar10", root=root, digest=False)
    assert (folder / "data_batch_1").exists()  # nothing of the reader's was replaced


def test_absent(tmp_path, monkeypatch):
    """Without the network the error says what to do, and nothing half-done stays behind."""
    loader = cifar10.load_torchvision().datasets.CIFAR10
    monkeypatch.setattr(loader, "url", (tmp_path / "nowhere" / loader.filename).as_uri())
    root = tmp_path / "data"
    with pytest.raises(FileNotFoundError, match=r"could not be downloaded.*put the unpacked python batches into"):
        datasets.load("cifar10", root=root)
    assert list(root.iterdir()) == []


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A folder, served by this machine, from which the loader downloads."""
    folder = tmp_path / "mirror"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    loader = cifar10.load_torchvision().datasets.CIFAR10
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(loader, "url", f"http://127.0.0.1:{server.server_port}/{loader.filename}")
        yield folder
        server.shutdown()


def test_download(tmp_path, tiny, mirror, monkeypatch):
    """Files that the loader downloads land in their place, and the temporary folder is gone."""
    _, folder, batches = tiny
    loader = cifar10.load_torchvision().datasets.CIFAR10
    archive = mirror / loader.filename
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, cifar10.FOLDER)
    known = {name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in cifar10.MD5}
    monkeypatch.setattr(loader, "tgz_md5", hashlib.md5(archive.read_bytes()).hexdigest())
    monkeypatch.setattr(loader, "train_list", [(name, known[name]) for name in known if name.startswith("data")])
    monkeypatch.setattr(loader, "test_list", [("test_batch", known["test_batch"])])
    monkeypatch.setattr(loader, "meta", loader.meta | {"md5": known["batches.meta"]})
    root = tmp_path / "data"
    data = datasets.load("cifar10", root=root, digest=False)
    assert data.test_labels.tolist() == batches["test_batch"][1].tolist()
    assert [path.name for path in root.iterdir()] == [cifar10.FOLDER]


def test_real():
    """The real set. Absent locally: skipped; absent in CI: the test fails."""
    root = data_folder()
    if not (root / cifar10.FOLDER).exists() and "CI" not in os.environ:
        pytest.skip(f"no {cifar10.FOLDER} in $BOOK_DATA")
    data = datasets.load("cifar10", root=root)
    assert data.train_images.shape == (50000, 3, 32, 32)
    assert data.train_labels.bincount().tolist() == [5000] * 10
    assert data.test_labels.bincount().tolist() == [1000] * 10
    assert data.train_labels[:5].tolist() == [6, 9, 9, 4, 1]  # the published first five: frog, truck, truck, deer, car
    means = data.train_images.sum((0, 2, 3)).double() / (50000 * 32 * 32 * 255)
    torch.testing.assert_close(  # the well-known means of red, green and blue, to their four printed digits
        means, torch.tensor([0.4914, 0.4822, 0.4465], dtype=torch.float64), rtol=0, atol=6e-5
    )


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int16, bool])
def test_images_that_are_no_bytes(tiny, kind):
    """Floats in [0, 1] would be read as images 255 times darker."""
    root, folder, batches = tiny
    for name, (rows, labels) in batches.items():
        put(folder / name, (rows / 255).astype(kind), labels.tolist())
    with pytest.raises(ValueError, match=rf"are not batches of CIFAR-10 .*images are {np.dtype(kind)}.*allowed: uint8"):
        datasets.load("cifar10", root=root, digest=False)


def test_labels_that_are_no_whole_numbers(tiny):
    root, folder, batches = tiny
    for name, (rows, labels) in batches.items():
        put(folder / name, rows, (labels + 0.5).tolist())
    with pytest.raises(ValueError, match=r"labels float64; allowed: uint8 images and whole labels"):
        datasets.load("cifar10", root=root, digest=False)
