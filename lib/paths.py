"""Where things lie: the repository, the runs, the data."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def runs_folder() -> Path:
    """Where runs go: $BOOK_RUNS, else ``runs/`` of the repository (git-ignored)."""
    return Path(os.environ.get("BOOK_RUNS") or ROOT / "runs")


def data_folder(root: str | Path | None = None) -> Path:
    """Where real data lie: ``root``, else $BOOK_DATA, else ``data/`` of the repository."""
    return Path(root or os.environ.get("BOOK_DATA") or ROOT / "data")
