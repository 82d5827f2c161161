"""Feature tables from small .mat files of the same form, and from broken ones."""

import numpy as np
import pytest
import torch
from scipy.io import savemat
from scipy.sparse import csc_matrix

from lib import datasets


def table(root, domain="garden", **changes):
    """Write a table of 6 rows and 3 features, with changes; return its path."""
    content = {"fts": np.arange(18.0).reshape(6, 3), "labels": np.array([[0, 1, 1, 0, 1, 0]], np.uint8)} | changes
    path = root / "amazon" / f"{domain}.mat"
    path.parent.mkdir(exist_ok=True)
    savemat(path, {name: value for name, value in content.items() if value is not None})
    return path


@pytest.mark.parametrize("as_column", [False, True])
def test_own_table(tmp_path, as_column):
    labels = np.array([0, 1, 1, 0, 1, 0])
    table(tmp_path, labels=labels[:, None] if as_column else labels[None])
    x, y = datasets.load("amazon", domain="garden", root=tmp_path)
    np.testing.assert_array_equal(x.numpy(), np.arange(18.0).reshape(6, 3))
    np.testing.assert_array_equal(y.numpy(), labels)
    assert (x.dtype, y.dtype) == (torch.float64, torch.int64)


def test_wrong_digest(tmp_path):
    """A table with a known name must be the known one, unless the reader says otherwise."""
    table(tmp_path, "books")
    with pytest.raises(ValueError, match=r"books.mat is corrupt: its sha256 is .*digest=False"):
        datasets.load("amazon", root=tmp_path)
    assert len(datasets.load("amazon", root=tmp_path, digest=False).x) == 6


def test_truncated(tmp_path):
    path = table(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"garden.mat is not a table with the variables fts and labels"):
        datasets.load("amazon", domain="garden", root=tmp_path)


@pytest.mark.parametrize("name", ["fts", "labels"])
def test_missing_variable(tmp_path, name):
    table(tmp_path, **{name: None})
    with pytest.raises(ValueError, match=f"is not a table with the variables fts and labels.*{name}"):
        datasets.load("amazon", domain="garden", root=tmp_path)


@pytest.mark.parametrize("shape", [(5, 3), (6, 3, 2)])
def test_wrong_shape(tmp_path, shape):
    table(tmp_path, fts=np.zeros(shape))
    with pytest.raises(ValueError, match=r"fts of .*garden.mat has shape .* with 6 labels"):
        datasets.load("amazon", domain="garden", root=tmp_path)


def test_not_a_number(tmp_path):
    table(tmp_path, fts=np.where(np.eye(6, 3) > 0, np.nan, 1.0))
    with pytest.raises(ValueError, match=r"garden.mat holds nan or inf"):
        datasets.load("amazon", domain="garden", root=tmp_path)


@pytest.mark.parametrize("labels", [[-1, 1, 1, -1, 1, 1], [1, 1, 1, 1, 1, 1], [0, 1, 2, 0, 1, 0], [0, 1, 0.5, 0, 1, 0]])
def test_wrong_labels(tmp_path, labels):
    table(tmp_path, labels=np.array([labels]))
    with pytest.raises(ValueError, match=r"labels of .*garden.mat = \[.*allowed: each of 0 to 1"):
        datasets.load("amazon", domain="garden", root=tmp_path)


def test_absent(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"books.mat is absent and no public loader has it; put the table there"
    ):
        datasets.load("amazon", root=tmp_path)


@pytest.mark.parametrize("domain", ["", "../books", "a/b"])
def test_domain_is_a_name(tmp_path, domain):
    with pytest.raises(ValueError, match="is not the name of a table"):
        datasets.load("amazon", domain=domain, root=tmp_path)


def test_a_sparse_table_is_read(tmp_path):
    table(tmp_path, fts=csc_matrix(np.arange(18.0).reshape(6, 3)))
    x, _ = datasets.load("amazon", domain="garden", root=tmp_path)
    np.testing.assert_array_equal(x.numpy(), np.arange(18.0).reshape(6, 3))


@pytest.mark.parametrize(
    "changes", [{"fts": np.full((6, 3), 1 + 2j)}, {"labels": np.array([0, 1, 1, 0, 1, 0], complex)}, {"fts": "six"}]
)
def test_other_than_real_numbers(tmp_path, changes):
    table(tmp_path, **changes)
    with pytest.raises(ValueError, match=rf"is not a table .*{next(iter(changes))} holds .*; allowed: real numbers"):
        datasets.load("amazon", domain="garden", root=tmp_path)
