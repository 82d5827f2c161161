"""Shared by all tests: one thread count, so that numbers do not depend on how many tests run at once; one seed for torch."""

import os
import sys

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")


@pytest.fixture(autouse=True)
def same_draws():
    """Weights that a test does not seed are the same in each run: no test passes or fails by chance."""
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)
