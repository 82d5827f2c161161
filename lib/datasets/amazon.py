"""Amazon reviews as bag-of-words features, one table for each kind of product."""

from pathlib import Path

import numpy as np
import torch
from scipy.sparse import issparse

from lib import arguments
from lib.datasets.containers import Table, check_digests, check_labels
from lib.theory import checks

SHA256 = {
    "books.mat": "7a53b54f0c0e81e7ee4774d762a927399cede9a802a2409732ba00cc1c23a17a",
    "elec.mat": "f1dd6e01c1eed956d3abe6493a6bb5efc95e6585b8b9b2d856c0c07e12893a35",
    "kitchen.mat": "b1f4e5ddfbd7b37ad2638fccbf83bd8558abf63b3e8d69a9d5bca77b1a49fed5",
}


def load(root: Path, *, domain: str = "books", digest: bool = True) -> Table:
    """About 2000 reviews: x (N, 400) float64, rows that sum to one, and labels (negative or positive) in {0, 1}.

    Parameters
    ----------
    root : path
        The tables are ``root/amazon/<domain>.mat``, in MATLAB's format with the variables ``fts`` (N, p) and ``labels``.
    domain : str
        "books", "elec", "kitchen", or the name of a table of yours with the same two variables and any N and p.
    digest : bool
        True: the three known tables must have the known sha256. False: they need only the two variables.

    Notes
    -----
    Raises FileNotFoundError if the table is absent (no public loader has it), ValueError if it is corrupt, not a table, not
    finite, or has other labels. Source: the tables behind Figure 6 of "Maximizing the Potential of Synthetic Data".
    Checked by tests/datasets/test_amazon.py.
    """
    from scipy.io import loadmat

    root, digest = arguments.path("root", root), arguments.flag("digest", digest)
    if not isinstance(domain, str) or not domain or "\0" in domain or Path(domain).name != domain:
        raise ValueError(f"domain = {checks.shown(domain)} is not the name of a table; allowed: one such as 'books'")
    path = root / "amazon" / f"{domain}.mat"
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is absent and no public loader has it; put the table there, with the variables fts and labels, "
            "or choose the bundled data set 'digits'"
        )
    if digest and path.name in SHA256:
        check_digests(path.parent, {path.name: SHA256[path.name]}, "sha256")
    try:
        content = loadmat(path)
        table = {name: _dense(name, content[name]) for name in ("fts", "labels")}
        x, labels = torch.as_tensor(table["fts"]).double(), torch.as_tensor(table["labels"]).flatten()
    except Exception as error:  # loadmat names no exceptions of its own: a broken file ends in any of a dozen
        raise ValueError(f"{path} is not a table with the variables fts and labels ({error!r})") from error
    if x.ndim != 2 or len(x) != len(labels):
        raise ValueError(f"fts of {path} has shape {tuple(x.shape)} with {len(labels)} labels, allowed: (N, p) with N")
    if not x.isfinite().all():
        raise ValueError(f"fts of {path} holds nan or inf, allowed: finite numbers")
    check_labels(str(path), labels, 2)
    return Table(x, labels.long())


def _dense(name: str, values: object) -> np.ndarray:
    """A variable as numbers: MATLAB's sparse tables are read too, complex ones would lose a half."""
    values = values.toarray() if issparse(values) else np.asarray(values)
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{name} holds {values.dtype}; allowed: real numbers")
    return values
