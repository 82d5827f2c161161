"""The number of threads, set in one place."""

import os

import torch

from lib.theory import checks


def set_threads(count: int | None = None) -> int:
    """Let torch use ``count`` threads, else $BOOK_THREADS, else as many as torch chose; return that number.

    Sums are split over threads, so the last digits of a result depend on this number.
    Raises ValueError for anything but a whole number in [1, 1024]. Checked by tests/test_threads.py.
    """
    if count is None:
        setting = os.environ.get("BOOK_THREADS", "")
        count = int(setting) if setting.isdecimal() else setting or torch.get_num_threads()
    torch.set_num_threads(checks.integer("threads", count, 1, 1024))
    return torch.get_num_threads()
