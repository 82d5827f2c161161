import pytest
import torch

from lib.threads import set_threads


@pytest.fixture(autouse=True)
def _restore_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_argument_goes_before_environment(monkeypatch):
    monkeypatch.setenv("BOOK_THREADS", "2")
    assert set_threads() == torch.get_num_threads() == 2
    assert set_threads(1) == torch.get_num_threads() == 1


def test_default_is_one(monkeypatch):
    monkeypatch.delenv("BOOK_THREADS", raising=False)
    torch.set_num_threads(2)
    assert set_threads() == torch.get_num_threads() == 1


@pytest.mark.parametrize("setting", ["0", "many", "1.5", "-1", "1_0", "\u0662"])
def test_bad_environment_is_refused(monkeypatch, setting):
    monkeypatch.setenv("BOOK_THREADS", setting)
    with pytest.raises(ValueError, match=rf"BOOK_THREADS = .*{setting}.*\[1, 1024\]"):
        set_threads()
