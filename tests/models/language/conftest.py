"""Folders with a tiny language model, made once."""

import pytest
import tiny
from tiny import TEMPLATE

from lib.models.language.folder import Folder
from lib.models.language.model import load
from lib.models.language.rows import pairs, prompts


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    documents, summaries = tiny.news(24)
    return tiny.make(tmp_path_factory.mktemp("model") / "tiny", texts=documents + summaries)


@pytest.fixture
def model(folder):
    """A fresh one for each test, since a training changes it."""
    return load(Folder(folder), block=128)


@pytest.fixture
def asked(model):
    """Articles of three lengths, as prompts."""
    documents, _ = tiny.news(9)
    return prompts(model, TEMPLATE, [each[: 100 * (1 + k % 3)] for k, each in enumerate(documents)], answer=24)


@pytest.fixture
def taught(model):
    """Articles of three lengths, with their summaries."""
    documents, summaries = tiny.news(20)
    return pairs(model, TEMPLATE, [each[: 100 * (1 + k % 3)] for k, each in enumerate(documents)], summaries, answer=24)
