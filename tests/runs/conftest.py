"""A runs folder of a test's own."""

import pytest


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The folder; no worker is asked for, and bars go to a file."""
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    monkeypatch.setenv("BOOK_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.delenv("BOOK_WORKERS", raising=False)
    return tmp_path
