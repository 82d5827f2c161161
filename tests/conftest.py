"""Shared by all tests: one thread count, so that numbers do not depend on how many tests run at once."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")
