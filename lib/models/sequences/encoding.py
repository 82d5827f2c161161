"""Numbers as tokens and back: a sign, a few significant digits and a power of ten for each number.

With three digits this is P1000: 2.3 is ``+ 230 E-2``. An array of numbers becomes two tokens with its size and three tokens a
number, row by row. The appendix of Feng et al. prints ``+ 23 E-1``, which no rounding to three significant digits writes; both
are read back as the same number.
"""

import functools
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lib import tensors
from lib.theory import checks

MARK, PLUS, MINUS = 0, 1, 2  # the mark that begins and ends a sequence, and the signs; then mantissas, exponents, sizes
LARGEST_SIZE = 16  # rows or columns of an array
# a product with a power of ten is off by a few units in its sixteenth digit: nearer to a tie than this, exact decimals decide
DOUBTFUL = 1e-9
POWERS_OF_TEN = np.array([float(f"1e{k}") for k in range(-120, 121)])


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """Which tokens there are; the defaults are P1000.

    Attributes
    ----------
    digits : int in [1, 4]
        Significant digits of a number.
    largest_exponent : int in [digits, 100]
        E of the last digit lies in [-largest_exponent, largest_exponent].

    Notes
    -----
    Raises ValueError for a value outside its range. Source: Charton (2022); Feng et al., Appendix B.
    Checked by tests/models/sequences/test_encoding.py.
    """

    digits: int = 3
    largest_exponent: int = 100

    def __post_init__(self):
        digits = checks.integer("digits", self.digits, 1, 4)
        largest = checks.integer("largest_exponent", self.largest_exponent, digits, 100)
        for name, value in (("digits", digits), ("largest_exponent", largest)):
            object.__setattr__(self, name, value)

    @property
    def mantissas(self) -> int:
        """The token of mantissa 0; those of the others follow."""
        return MINUS + 1

    @property
    def exponents(self) -> int:
        """The token of the smallest exponent; those of the others follow."""
        return self.mantissas + 10**self.digits

    @property
    def sizes(self) -> int:
        """The token of size 1; those of the others follow."""
        return self.exponents + 2 * self.largest_exponent + 1

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        return self.sizes + LARGEST_SIZE

    def encode(self, values: Tensor, name: str = "values") -> Tensor:
        """Tokens (N, 2 + 3 rows columns), int64, of arrays (N, rows, columns).

        Each number is rounded to its significant digits from its exact decimal value, ties to even, as Python's own formatting
        does it. Raises ValueError, with the ``name`` of the values and the first such number, for one that is not finite or whose
        exponent has no token, and for sizes outside [1, 16]. Checked by tests/models/sequences/test_encoding.py.
        """
        wanted = f"(N, rows, columns), sizes in [1, {LARGEST_SIZE}]"
        tensors.real(name, values, wanted, dims=(3,), empty=False)
        if max(values.shape[1:]) > LARGEST_SIZE:
            raise ValueError(f"{name} has shape {tuple(values.shape)}, allowed: {wanted}")
        count, rows, columns = values.shape
        flat = values.detach().cpu().double().reshape(-1).numpy()
        negative, mantissa, exponent = self._rounded(flat, name)
        power = self.exponents + self.largest_exponent + exponent
        triples = np.stack([PLUS + negative, self.mantissas + mantissa, power], axis=-1)
        size = np.tile([self.sizes + rows - 1, self.sizes + columns - 1], (count, 1))
        tokens = np.concatenate([size, triples.reshape(count, -1)], axis=1)
        return torch.from_numpy(tokens).to(values.device)

    def decode(self, tokens: Tensor, rows: int, columns: int) -> tuple[Tensor, Tensor]:
        """Arrays (N, rows, columns) in double precision, and (N,) whether the tokens (N, 2 + 3 rows columns) spell one.

        A sequence that does not spell an array of this size, by a wrong size or a token in a wrong place, has nan in all its
        numbers: nan where the sequence spells none. Any mantissa is read, also one with fewer digits. Raises ValueError for
        another length, and for rows or columns outside [1, 16]. Checked by tests/models/sequences/test_encoding.py.
        """
        rows = checks.integer("rows", rows, 1, LARGEST_SIZE)
        columns = checks.integer("columns", columns, 1, LARGEST_SIZE)
        length = 2 + 3 * rows * columns
        tensors.whole("tokens", tokens, f"(N, {length})")
        if tokens.ndim != 2 or tokens.shape[1] != length:
            wanted = f"(N, {length}) for rows = {rows}, columns = {columns}"
            raise ValueError(f"tokens have shape {tuple(tokens.shape)}; allowed: {wanted}")
        sign, mantissa, exponent = (tokens[:, 2 + part :: 3] for part in range(3))
        valid = (tokens[:, 0] == self.sizes + rows - 1) & (tokens[:, 1] == self.sizes + columns - 1)
        places = (
            (sign, PLUS, self.mantissas),
            (mantissa, self.mantissas, self.exponents),
            (exponent, self.exponents, self.sizes),
        )
        for kind, low, high in places:
            valid &= ((kind >= low) & (kind < high)).all(1)
        doubles = _doubles(self).to(tokens.device)
        place = (mantissa - self.mantissas) * (2 * self.largest_exponent + 1) + exponent - self.exponents
        size = doubles[place.clamp(0, len(doubles) - 1)]
        numbers = torch.where(valid[:, None], torch.where(sign == PLUS, size, -size), torch.nan)
        return numbers.reshape(-1, rows, columns), valid

    def words(self, tokens: Tensor) -> list[str]:
        """One sequence (T,) as words: ``+``, ``230``, ``E-2``; sizes are V1 .. V16, the mark is ``|``.

        Raises ValueError for a token that is none. Checked by tests/models/sequences/test_encoding.py.
        """
        return [self._word(int(token)) for token in tokens]

    def _word(self, token: int) -> str:
        if not 0 <= token < self.vocabulary:
            raise ValueError(f"token = {token} is outside [0, {self.vocabulary - 1}]")
        if token >= self.sizes:
            return f"V{token - self.sizes + 1}"
        if token >= self.exponents:
            return f"E{token - self.exponents - self.largest_exponent}"
        return str(token - self.mantissas) if token >= self.mantissas else "|+-"[token]

    def _rounded(self, flat: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Whether negative (n,), mantissa (n,) with all its digits, exponent (n,) of the last digit, of numbers (n,)."""
        nonzero = flat != 0
        self._refuse(name, flat, ~np.isfinite(flat) | (np.abs(flat) >= 1e110) | (nonzero & (np.abs(flat) < 1e-110)))
        size = np.where(nonzero, np.abs(flat), 1.0)
        leading = np.floor(np.log10(size)).astype(np.int64)
        scaled = size * POWERS_OF_TEN[self.digits - 1 - leading + 120]
        low, high = 10.0 ** (self.digits - 1), 10.0**self.digits
        doubtful = (np.abs(scaled % 1 - 0.5) < DOUBTFUL) | (scaled < low + DOUBTFUL) | (scaled > high - 0.5 - DOUBTFUL)
        mantissa, exponent = np.rint(scaled).astype(np.int64), leading - (self.digits - 1)
        for k in np.flatnonzero(doubtful):
            digits, power = f"{size[k]:.{self.digits - 1}e}".split("e")
            mantissa[k], exponent[k] = int(digits.replace(".", "")), int(power) - (self.digits - 1)
        mantissa, exponent = np.where(nonzero, mantissa, 0), np.where(nonzero, exponent, 0)
        self._refuse(name, flat, np.abs(exponent) > self.largest_exponent)
        return (flat < 0).astype(np.int64), mantissa, exponent

    def _refuse(self, name: str, flat: np.ndarray, bad: np.ndarray) -> None:
        if bad.any():
            low, high = self.digits - 1 - self.largest_exponent, self.digits + self.largest_exponent
            wanted = f"0, or rounded to {self.digits} digits in [1e{low}, 1e{high}) in absolute value"
            raise ValueError(
                f"{name} holds {float(flat[bad][0])!r}, which has no token for its exponent; allowed: {wanted}"
            )


@functools.cache
def _doubles(encoding: Encoding) -> Tensor:
    """The double nearest to each mantissa and exponent, as Python reads them: 230 E-2 is the very double 2.3."""
    exponents = range(-encoding.largest_exponent, encoding.largest_exponent + 1)
    numbers = [float(f"{mantissa}e{k}") for mantissa in range(10**encoding.digits) for k in exponents]
    return torch.tensor(numbers, dtype=torch.float64)


P1000 = Encoding()
