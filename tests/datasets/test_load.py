"""lib.datasets.load: names, the folder of the data, and the real sets where they are laid out."""

import os

import pytest
import torch

from lib import datasets
from lib.paths import ROOT, data_folder

KEPT = data_folder()


def real(name: str, place: str, **options):
    """A real set. Absent, the test is skipped, unless $BOOK_DATA promises it, as in .ci/run."""
    if not (KEPT / place).exists() and "BOOK_DATA" not in os.environ:
        pytest.skip(f"no {place}, and no $BOOK_DATA")
    return datasets.load(name, root=KEPT, **options)


def test_unknown_name():
    with pytest.raises(ValueError, match=r"name = 'minst' is not one of 'digits', 'mnist', 'amazon'"):
        datasets.load("minst")


def test_folder_of_the_data(tmp_path, monkeypatch):
    """The argument comes before $BOOK_DATA, and that before data/ of the repository."""
    monkeypatch.setenv("BOOK_DATA", str(tmp_path / "from-environment"))
    with pytest.raises(FileNotFoundError, match=r"from-environment/amazon/none.mat is absent"):
        datasets.load("amazon", domain="none")
    with pytest.raises(FileNotFoundError, match=r"from-argument/amazon/none.mat is absent"):
        datasets.load("amazon", domain="none", root=tmp_path / "from-argument")
    monkeypatch.delenv("BOOK_DATA")
    with pytest.raises(FileNotFoundError, match=f"{ROOT}/data/amazon/none.mat is absent"):
        datasets.load("amazon", domain="none")


def test_real_mnist():
    data = real("mnist", "MNIST/raw")
    assert data.train_images.shape == (60000, 1, 28, 28)
    assert data.test_images.shape == (10000, 1, 28, 28)
    assert data.train_images.dtype == torch.uint8
    assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]  # the published first ten
    assert data.test_labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.parametrize("domain", ["books", "elec", "kitchen"])
def test_real_amazon(domain):
    table = real("amazon", "amazon", domain=domain)
    assert table.x.shape[1] == 400
    torch.testing.assert_close(table.x.sum(1), torch.ones(len(table.x), dtype=torch.float64))  # shares of words
    assert 0.45 < table.labels.double().mean() < 0.55  # the domains are balanced, to a few rows


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": []}, r"name = \[\] is not one of 'digits', 'mnist'"),
        ({"name": "mnist", "root": 3}, r"root = 3 is no path; allowed: a text"),
        ({"name": "mnist", "root": False}, r"root = False is no path"),
        ({"name": "digits", "digest": False}, r"digest = False is no option of the set 'digits'; allowed: none"),
        (
            {"name": "amazon", "kind": "books"},
            r"kind = 'books' is no option of the set 'amazon'; allowed: domain, digest",
        ),
        ({"name": "amazon", "domain": 3}, r"domain = 3 is not the name of a table"),
        ({"name": "mnist", "digest": 0}, r"digest = 0 is not one of True, False"),
    ],
)
def test_what_a_set_does_not_have(given, words):
    with pytest.raises(ValueError, match=words):
        datasets.load(**given)
