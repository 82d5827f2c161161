"""The number of threads, set in one place."""

import os

import torch

from lib.rules import decimal
from lib.theory import checks


def set_threads(count: int | None = None) -> int:
    """Let torch use ``count`` threads, else $BOOK_THREADS, else one; return that number.

    One is the default for two reasons. Sums are split over threads, so the last digits of a result depend on their number: with
    one they are the same on every machine of a kind. And two processes with two threads each, on two cores, wait for one
    another at every small operation. Raises ValueError for anything but a whole number in [1, 1024].
    Checked by tests/test_threads.py.
    """
    name = "BOOK_THREADS" if count is None else "count"
    if count is None:
        setting = os.environ.get("BOOK_THREADS") or "1"
        count = number if (number := decimal(setting)) is not None else setting
    torch.set_num_threads(checks.integer(name, count, 1, 1024))
    return torch.get_num_threads()
