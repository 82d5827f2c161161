"""Symmetric matrices and their eigenvalues as sequences, and what makes an answer right."""

import torch
from torch import Generator, Tensor

from lib import tensors
from lib.models.sequences.encoding import LARGEST_SIZE, MARK, P1000, Encoding
from lib.theory import checks

LARGEST_ENTRY = 10.0  # entries are uniform on [-10, 10]: Feng et al., Section 5.1
LARGEST_COUNT = 10**8  # matrices at once


def draw(count: int, size: int, *, generator: Generator) -> Tensor:
    """Symmetric matrices (count, size, size) in double precision: independent entries uniform on [-10, 10], the upper triangle
    mirrored.

    Raises ValueError for a count outside [1, 10^8] or a size outside [1, 16]. Source: Feng et al., Section 5.1; that a full
    matrix is drawn and its lower triangle overwritten is the code of Charton (2022). Checked by
    tests/models/sequences/test_symmetric.py.
    """
    count = checks.integer("count", count, 1, LARGEST_COUNT)
    size = checks.integer("size", size, 1, LARGEST_SIZE)
    tensors.generator("generator", generator)
    unit = torch.rand(count, size, size, generator=generator, dtype=torch.float64, device=generator.device)
    upper = ((2 * unit - 1) * LARGEST_ENTRY).triu()
    return upper + upper.triu(1).mT


def eigenvalues(matrices: Tensor) -> Tensor:
    """Eigenvalues (N, n) of symmetric matrices (N, n, n), n in [1, 16], largest first, in double precision.

    Raises ValueError for matrices that are not symmetric or not finite. Checked by tests/models/sequences/test_symmetric.py.
    """
    tensors.finite("matrices", _square(matrices))
    if not torch.equal(matrices, matrices.mT):
        raise ValueError("matrices hold one that differs from its transpose, allowed: symmetric matrices")
    return torch.linalg.eigvalsh(matrices.double()).flip(-1)


def questions(matrices: Tensor, encoding: Encoding = P1000, *, triangle: bool = False) -> Tensor:
    """Tokens (N, T) of matrices (N, n, n) between two marks: all entries, T = 4 + 3 n^2, as in the paper.

    With ``triangle`` the upper triangle only, row by row: T = 4 + 3 n (n + 1) / 2, half as long and with all that there is to
    know. Raises ValueError as :meth:`lib.models.sequences.encoding.Encoding.encode`. Checked by
    tests/models/sequences/test_symmetric.py.
    """
    tensors.instance("encoding", encoding, Encoding)
    size = _square(matrices).shape[-1]
    if not tensors.instance("triangle", triangle, bool):
        return _marked(encoding.encode(matrices, name="matrices"))
    rows, columns = torch.triu_indices(size, size, device=matrices.device)
    return _marked(encoding.encode(matrices[:, rows, columns][:, :, None], name="matrices"))


def answers(values: Tensor, encoding: Encoding = P1000) -> Tensor:
    """Tokens (N, 4 + 3 n) of eigenvalues (N, n), n in [1, 16], between two marks.

    Raises ValueError as :meth:`lib.models.sequences.encoding.Encoding.encode`. Checked by
    tests/models/sequences/test_symmetric.py.
    """
    tensors.real("values", values, "(N, n)", dims=(2,), empty=False)
    tensors.instance("encoding", encoding, Encoding)
    return _marked(encoding.encode(values[:, :, None]))


def read(tokens: Tensor, size: int, encoding: Encoding = P1000) -> Tensor:
    """Eigenvalues (..., n), n = size, that answers (..., 4 + 3 n) spell, or (..., 3 + 3 n) without their first mark.

    They are nan where an answer spells none. Raises ValueError for another length, and for a size outside [1, 16]. Checked by
    tests/models/sequences/test_symmetric.py.
    """
    size = checks.integer("size", size, 1, LARGEST_SIZE)
    tensors.instance("encoding", encoding, Encoding)
    tensors.whole("tokens", tokens, "(..., length)", dims=range(1, 9))
    length = 2 + 3 * size
    first = tokens.shape[-1] - length - 1
    if first not in (0, 1):
        wanted = f"{length + 1} or {length + 2} for size = {size}"
        raise ValueError(f"tokens have length {tokens.shape[-1]}; allowed: {wanted}")
    flat = tokens.reshape(-1, tokens.shape[-1])
    values, _ = encoding.decode(flat[:, first:-1], size, 1)
    ended = flat[:, -1] == MARK
    return torch.where(ended[:, None], values[..., 0], torch.nan).reshape(*tokens.shape[:-1], size)


def relative_error(predicted: Tensor, true: Tensor) -> Tensor:
    """Relative errors (...) in the L1 norm, ``sum |v - p| / sum |v|``, of predictions p (..., n).

    The error is inf where a prediction holds nan, since the answer then spells no number, or inf.
    Predictions and true eigenvalues (..., n) have shapes that broadcast; no true ones are all 0. Raises ValueError otherwise.
    Source: Feng et al., Appendix B. Checked by tests/models/sequences/test_symmetric.py.
    """
    for name, value in (("predicted", predicted), ("true", true)):
        tensors.real(name, value, "(..., n)", dims=range(1, 9), empty=False)
    size = tensors.finite("true", true).double().abs().sum(-1)
    if (size < tensors.SMALLEST).any():
        raise ValueError(f"true holds eigenvalues that sum to {size.min():g}, allowed: at least {tensors.SMALLEST:g}")
    try:
        error = (predicted.double() - true).abs().sum(-1) / size
    except RuntimeError as error:
        shapes = f"predicted has shape {tuple(predicted.shape)}, true {tuple(true.shape)}"
        raise ValueError(f"{shapes}, allowed: shapes that broadcast") from error
    return torch.where(error.isnan(), torch.inf, error)


def right(predicted: Tensor, true: Tensor, tolerance: float) -> Tensor:
    """Whether (...) each prediction (..., n) is right: its relative error is below the tolerance, in (0, 1], strictly.

    Raises ValueError as :func:`relative_error`. Source: Feng et al., Appendix B. Checked by
    tests/models/sequences/test_symmetric.py.
    """
    return relative_error(predicted, true) < checks.real("tolerance", tolerance, 0.0, 1.0, open_low=True)


def _square(matrices: Tensor) -> Tensor:
    tensors.real("matrices", matrices, "(N, n, n), n in [1, 16]", dims=(3,), empty=False)
    if matrices.shape[1] != matrices.shape[2] or matrices.shape[1] > LARGEST_SIZE:
        raise ValueError(f"matrices have shape {tuple(matrices.shape)}, allowed: (N, n, n), n in [1, {LARGEST_SIZE}]")
    return matrices


def _marked(tokens: Tensor) -> Tensor:
    mark = torch.full((len(tokens), 1), MARK, device=tokens.device)
    return torch.cat([mark, tokens, mark], dim=1)
