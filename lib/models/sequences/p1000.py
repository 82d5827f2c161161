"""Numbers as tokens and back: the P1000 encoding, a sign, three significant digits and a power of ten for each number.

2.3 is ``+ 230 E-2``. An array of numbers becomes two tokens with its size and three tokens a number, row by row. The appendix of
Feng et al. prints ``+ 23 E-1``, which no rounding to three significant digits writes; both are read back as the same number.
"""

import functools

import numpy as np
import torch
from torch import Tensor

DIGITS = 3
LARGEST_EXPONENT = 100  # of the token; numbers reach 999e100
LARGEST_SIZE = 16  # rows or columns of an array

END, SIGNS = 0, 1  # the mark that begins and ends a sequence; + and -
MANTISSAS = SIGNS + 2  # 0 .. 999
EXPONENTS = MANTISSAS + 10**DIGITS  # E-100 .. E100
POWERS = 2 * LARGEST_EXPONENT + 1
SIZES = EXPONENTS + POWERS  # 1 .. 16
VOCABULARY = SIZES + LARGEST_SIZE

# a product with a power of ten is off by a few units in its sixteenth digit: nearer to a tie than this, exact decimals decide
DOUBTFUL = 1e-9


def encode(values: Tensor) -> Tensor:
    """Tokens (N, 2 + 3 rows columns) of arrays (N, rows, columns), int64.

    Each number is rounded to three significant digits of its exact decimal value, ties to even, as Python's own formatting does
    it. Raises ValueError, naming the first such number, for one that is not finite or that the exponents do not reach
    ([9.995e-99, 9.995e102) in absolute value, or 0), and for sizes outside [1, 16].
    Source: Charton (2022); Feng et al., Appendix B. Checked by tests/models/sequences/test_p1000.py.
    """
    if values.ndim != 3 or not all(1 <= size <= LARGEST_SIZE for size in values.shape[1:]):
        raise ValueError(
            f"values have shape {tuple(values.shape)}; allowed: (N, rows, columns), sizes in [1, {LARGEST_SIZE}]"
        )
    count, rows, columns = values.shape
    flat = values.detach().cpu().double().reshape(-1).numpy()
    negative, mantissa, exponent = _rounded(flat)
    triples = np.stack([SIGNS + negative, MANTISSAS + mantissa, EXPONENTS + LARGEST_EXPONENT + exponent], axis=-1)
    size = np.tile([SIZES + rows - 1, SIZES + columns - 1], (count, 1))
    tokens = np.concatenate([size, triples.reshape(count, -1)], axis=1)
    return torch.from_numpy(tokens).to(values.device)


def decode(tokens: Tensor, rows: int, columns: int) -> tuple[Tensor, Tensor]:
    """Arrays (N, rows, columns) in double precision, and (N,) whether the tokens (N, 2 + 3 rows columns) spell one.

    A sequence that does not spell an array of this size, by a wrong size or a token in a wrong place, has nan in all its
    numbers. Any mantissa is read, also one with fewer than three digits. Checked by tests/models/sequences/test_p1000.py.
    """
    length = 2 + 3 * rows * columns
    if tokens.ndim != 2 or tokens.shape[1] != length:
        raise ValueError(
            f"tokens have shape {tuple(tokens.shape)}; allowed: (N, {length}) for {rows} x {columns} numbers"
        )
    sign, mantissa, exponent = (tokens[:, 2 + part :: 3] for part in range(3))
    valid = (tokens[:, 0] == SIZES + rows - 1) & (tokens[:, 1] == SIZES + columns - 1)
    for kind, low, high in ((sign, SIGNS, MANTISSAS), (mantissa, MANTISSAS, EXPONENTS), (exponent, EXPONENTS, SIZES)):
        valid &= ((kind >= low) & (kind < high)).all(1)
    place = ((mantissa - MANTISSAS) * POWERS + exponent - EXPONENTS).clamp(0, 10**DIGITS * POWERS - 1)
    size = _doubles().to(tokens.device)[place]
    numbers = torch.where(sign == SIGNS, size, -size)
    numbers = torch.where(valid[:, None], numbers, torch.nan)
    return numbers.reshape(-1, rows, columns), valid


@functools.cache
def _doubles() -> Tensor:
    """The double nearest to each mantissa and exponent, as Python reads them: 230 E-2 is the very double 2.3."""
    exponents = range(-LARGEST_EXPONENT, LARGEST_EXPONENT + 1)
    return torch.tensor([float(f"{m}e{k}") for m in range(10**DIGITS) for k in exponents], dtype=torch.float64)


def words(tokens: Tensor) -> list[str]:
    """One sequence (T,) as text: ``+ 230 E-2``; sizes are V1 .. V16, the mark that begins and ends is |.

    Raises ValueError for a token that is none. Checked by tests/models/sequences/test_p1000.py.
    """
    return [_word(int(token)) for token in tokens]


def _word(token: int) -> str:
    if not 0 <= token < VOCABULARY:
        raise ValueError(f"token = {token} is outside [0, {VOCABULARY - 1}]")
    if token >= SIZES:
        return f"V{token - SIZES + 1}"
    if token >= EXPONENTS:
        return f"E{token - EXPONENTS - LARGEST_EXPONENT}"
    if token >= MANTISSAS:
        return str(token - MANTISSAS)
    return ("|", "+", "-")[token]


def _rounded(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether negative (n,), mantissa (n,) with three digits, exponent (n,) of the last digit, of numbers (n,)."""
    if not np.isfinite(flat).all():
        raise ValueError(f"value = {float(flat[~np.isfinite(flat)][0])!r} is not finite")
    size = np.abs(flat)
    nonzero = size > 0
    reached = ~nonzero | ((size >= 9.99e-99) & (size < 1e103))
    if not reached.all():
        _refuse(float(flat[~reached][0]))
    safe = np.where(nonzero, size, 1.0)
    leading = np.floor(np.log10(safe)).astype(np.int64)
    scaled = _times_power(safe, DIGITS - 1 - leading)
    doubtful = (np.abs(scaled % 1 - 0.5) < DOUBTFUL) | (scaled < 100 + DOUBTFUL) | (scaled > 999.5 - DOUBTFUL)
    mantissa, exponent = np.rint(scaled).astype(np.int64), leading - (DIGITS - 1)
    for k in np.flatnonzero(doubtful & nonzero):
        digits, power = f"{safe[k]:.{DIGITS - 1}e}".split("e")
        mantissa[k], exponent[k] = int(digits.replace(".", "")), int(power) - (DIGITS - 1)
    mantissa, exponent = np.where(nonzero, mantissa, 0), np.where(nonzero, exponent, 0)
    outside = np.abs(exponent) > LARGEST_EXPONENT
    if outside.any():
        _refuse(float(flat[outside][0]))
    return (flat < 0).astype(np.int64), mantissa, exponent


def _times_power(values: np.ndarray, powers: np.ndarray) -> np.ndarray:
    """values * 10**powers, for powers in [-105, 105], to a relative 4e-16 or so."""
    table = np.array([float(f"1e{k}") for k in range(-110, 111)])
    return values * table[powers + 110]


def _refuse(value: float) -> None:
    raise ValueError(
        f"value = {value!r} is outside [9.995e-99, 9.995e102) in absolute value, and not 0: no token has its exponent"
    )
