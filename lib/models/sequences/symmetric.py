"""Symmetric matrices and their eigenvalues as sequences, and what makes an answer right."""

import torch
from torch import Tensor

from lib.models.sequences.encoding import LARGEST_SIZE, MARK, P1000, Encoding
from lib.theory import checks

LARGEST_ENTRY = 10.0  # entries are uniform on [-10, 10]: Feng et al., Section 5.1


def draw(count: int, size: int, *, generator: torch.Generator) -> Tensor:
    """Symmetric matrices (count, size, size) in double precision: independent entries uniform on [-10, 10], the upper triangle
    mirrored.

    Raises ValueError for a size outside [1, 16]. Source: Feng et al., Section 5.1; that a full matrix is drawn and its
    lower triangle overwritten is the code of Charton (2022). Checked by tests/models/sequences/test_symmetric.py.
    """
    size = checks.integer("size", size, 1, LARGEST_SIZE)
    full = (
        2 * torch.rand(count, size, size, generator=generator, dtype=torch.float64, device=generator.device) - 1
    ) * LARGEST_ENTRY
    upper = full.triu()
    return upper + upper.triu(1).mT


def eigenvalues(matrices: Tensor) -> Tensor:
    """Eigenvalues (N, n) of symmetric matrices (N, n, n), largest first. Checked by tests/models/sequences/test_symmetric.py."""
    return torch.linalg.eigvalsh(matrices.double()).flip(-1)


def questions(matrices: Tensor, encoding: Encoding = P1000, *, triangle: bool = False) -> Tensor:
    """Tokens (N, T) of matrices (N, n, n) between two marks: all entries, T = 4 + 3 n^2, as in the paper.

    With ``triangle`` the upper triangle only, row by row: T = 4 + 3 n (n + 1) / 2, half as long and with all that there is to
    know. Checked by tests/models/sequences/test_symmetric.py.
    """
    size = matrices.shape[-1]
    if not triangle:
        return _marked(encoding.encode(matrices))
    rows, columns = torch.triu_indices(size, size, device=matrices.device)
    return _marked(encoding.encode(matrices[:, rows, columns][:, :, None]))


def answers(values: Tensor, encoding: Encoding = P1000) -> Tensor:
    """Tokens (N, 4 + 3 n) of eigenvalues (N, n) between two marks. Checked by tests/models/sequences/test_symmetric.py."""
    return _marked(encoding.encode(values[:, :, None]))


def read(tokens: Tensor, size: int, encoding: Encoding = P1000) -> Tensor:
    """Eigenvalues (..., n) that answers (..., 4 + 3 n) spell, or (..., 3 + 3 n) without their first mark; nan if they spell none.

    Raises ValueError for another length. Checked by tests/models/sequences/test_symmetric.py.
    """
    length = 2 + 3 * size
    first = tokens.shape[-1] - length - 1
    if first not in (0, 1):
        wanted = f"{length + 1} or {length + 2} for {size} eigenvalues"
        raise ValueError(f"tokens have length {tokens.shape[-1]}; allowed: {wanted}")
    flat = tokens.reshape(-1, tokens.shape[-1])
    values, _ = encoding.decode(flat[:, first:-1], size, 1)
    ended = flat[:, -1] == MARK
    return torch.where(ended[:, None], values[..., 0], torch.nan).reshape(*tokens.shape[:-1], size)


def relative_error(predicted: Tensor, true: Tensor) -> Tensor:
    """Relative errors (...) in the L1 norm, sum |v - p| / sum |v|, of predictions p (..., n); infinite for an answer with nan.

    Source: Feng et al., Appendix B. Checked by tests/models/sequences/test_symmetric.py.
    """
    error = (predicted - true).abs().sum(-1) / true.abs().sum(-1)
    return torch.where(error.isnan(), torch.inf, error)


def right(predicted: Tensor, true: Tensor, tolerance: float) -> Tensor:
    """Whether (...) each prediction (..., n) is right: its relative error is below the tolerance, in (0, 1], strictly.

    Source: Feng et al., Appendix B. Checked by tests/models/sequences/test_symmetric.py.
    """
    tolerance = checks.real("tolerance", tolerance, 0.0, 1.0, open_low=True)
    return (predicted - true).abs().sum(-1) < tolerance * true.abs().sum(-1)


def _marked(tokens: Tensor) -> Tensor:
    mark = torch.full((len(tokens), 1), MARK, device=tokens.device)
    return torch.cat([mark, tokens, mark], dim=1)
