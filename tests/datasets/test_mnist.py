"""MNIST from tiny idx files of the same form, and from broken ones."""

import gzip
import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch

from lib import datasets
from lib.datasets import mnist

SIZES = {"train": 30, "t10k": 20}


def idx(array: np.ndarray) -> bytes:
    """An idx file of unsigned bytes: magic number with the number of axes, their lengths, the values."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.astype(np.uint8).tobytes()


@pytest.fixture
def tiny(tmp_path):
    """Folder, images and labels of a small set in the form of MNIST."""
    rng = np.random.default_rng(0)
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    arrays = {}
    for part, n in SIZES.items():
        arrays[part] = (rng.integers(0, 256, (n, 28, 28)), rng.permutation(np.arange(n) % 10))
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(arrays[part][0]))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(idx(arrays[part][1]))
    return tmp_path, raw, arrays


def test_own_files(tiny):
    root, _, arrays = tiny
    data = datasets.load("mnist", root=root, digest=False)
    np.testing.assert_array_equal(data.train_images[:, 0].numpy(), arrays["train"][0])
    np.testing.assert_array_equal(data.test_labels.numpy(), arrays["t10k"][1])
    assert data.test_images.shape == (20, 1, 28, 28)
    assert (data.train_images.dtype, data.train_labels.dtype) == (torch.uint8, torch.int64)


def test_known_digests(tiny, monkeypatch):
    """Right digests alone are not enough: the number of images is checked too."""
    root, raw, _ = tiny
    monkeypatch.setattr(mnist, "MD5", {name: hashlib.md5((raw / name).read_bytes()).hexdigest() for name in mnist.MD5})
    with pytest.raises(ValueError, match=r"shape \(30, 28, 28\) with 30 labels, allowed: \(60000, 28, 28\)"):
        datasets.load("mnist", root=root)
    monkeypatch.setattr(mnist, "COUNTS", {"train": 30, "test": 20})
    assert len(datasets.load("mnist", root=root).train_images) == 30


def test_wrong_digest(tiny):
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte is corrupt: its md5 is .*digest=False"):
        datasets.load("mnist", root=tiny[0])


def test_truncated(tiny):
    root, raw, _ = tiny
    path = raw / "t10k-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"test files of .* are not idx files"):
        datasets.load("mnist", root=root, digest=False)


@pytest.mark.parametrize("shape", [(30, 27, 28), (29, 28, 28)], ids=["height", "number"])
def test_wrong_shape(tiny, shape):
    root, raw, _ = tiny
    (raw / "train-images-idx3-ubyte").write_bytes(idx(np.zeros(shape)))
    with pytest.raises(ValueError, match=r"train images of .* have shape .* with 30 labels, allowed: \(N, 28, 28\)"):
        datasets.load("mnist", root=root, digest=False)


@pytest.mark.parametrize("values", [np.arange(20) % 11, np.arange(20) % 9], ids=["ten", "no nine"])
def test_wrong_labels(tiny, values):
    root, raw, _ = tiny
    (raw / "t10k-labels-idx1-ubyte").write_bytes(idx(values))
    with pytest.raises(ValueError, match=r"labels of .*MNIST/raw \(test\) = \[0, .*each of 0 to 9"):
        datasets.load("mnist", root=root, digest=False)


def test_one_file_missing(tiny):
    root, raw, _ = tiny
    (raw / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(ValueError, match="has no train-labels-idx1-ubyte"):
        datasets.load("mnist", root=root, digest=False)
    assert (raw / "train-images-idx3-ubyte").exists()  # nothing of the reader's was replaced


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """Let the loader download from a folder, served by this machine."""
    folder = tmp_path / "mirror"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        address = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setattr(mnist.load_torchvision().datasets.MNIST, "mirrors", [address])
        yield folder
        server.shutdown()


def test_absent(tmp_path, monkeypatch):
    """Without the network the error says what to do, and nothing half-done stays behind."""
    nowhere = (tmp_path / "nowhere").as_uri()
    monkeypatch.setattr(mnist.load_torchvision().datasets.MNIST, "mirrors", [f"{nowhere}/"])
    root = tmp_path / "data"
    with pytest.raises(FileNotFoundError, match=r"could not be downloaded.*put the four unpacked idx files into"):
        datasets.load("mnist", root=root)
    assert list(root.iterdir()) == []


def test_download(tmp_path, tiny, mirror, monkeypatch):
    """Files that the loader downloads land in their place, and the temporary folder is gone."""
    _, raw, arrays = tiny
    packed = {f"{name}.gz": gzip.compress((raw / name).read_bytes()) for name in mnist.MD5}
    for name, content in packed.items():
        (mirror / name).write_bytes(content)
    resources = [(name, hashlib.md5(content).hexdigest()) for name, content in packed.items()]
    monkeypatch.setattr(mnist.load_torchvision().datasets.MNIST, "resources", resources)
    root = tmp_path / "data"
    data = datasets.load("mnist", root=root, digest=False)
    np.testing.assert_array_equal(data.train_labels.numpy(), arrays["train"][1])
    assert sorted(path.name for path in root.rglob("*") if path.is_file()) == sorted(mnist.MD5)
    assert [path.name for path in root.iterdir()] == ["MNIST"]
