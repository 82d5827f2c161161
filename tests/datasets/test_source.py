"""lib.datasets.Source: equal data are equal, wherever they lie; unknown names are refused."""

import pickle

import pytest
import torch

from lib import datasets
from lib.datasets.source import Source


def test_loads_what_datasets_loads():
    for one, other in zip(Source("digits").load(), datasets.load("digits"), strict=True):
        assert torch.equal(one, other)
    assert Source("digits").load() is Source("digits").load()


def test_digest_is_of_the_content(monkeypatch):
    digest = Source("digits").digest
    original = datasets.SETS["digits"]
    changed = original.__globals__["load"]

    def other(root):
        images = changed(root)
        return images._replace(train_labels=(images.train_labels + 1) % 10)

    monkeypatch.setitem(datasets.SETS, "digits", other)
    assert Source("digits", root="elsewhere").digest != digest
    assert len(digest) == 64


def test_travels():
    source = Source("mnist", root="x", digest=False)
    again = pickle.loads(pickle.dumps(source))
    assert again == source
    assert hash(again) == hash(source)


def test_unknown_name():
    with pytest.raises(ValueError, match="name = 'cats' is not one of 'digits'"):
        Source("cats")
