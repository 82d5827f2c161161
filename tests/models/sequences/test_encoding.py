"""lib.models.sequences.encoding against Python's own formatting, number by number."""

import numpy as np
import pytest
import torch

from lib import seeds
from lib.models.sequences.encoding import MARK, P1000, PLUS, Encoding


def of_one(value):
    return P1000.encode(torch.tensor([[[value]]], dtype=torch.float64))[0]


def by_python(value):
    """The words of a number by Python's formatting, which rounds the exact decimal value."""
    digits, exponent = f"{abs(value):.2e}".split("e")
    mantissa = int(digits.replace(".", ""))
    return ["-" if value < 0 else "+", str(mantissa), f"E{int(exponent) - 2 if mantissa else 0}"]


def numbers():
    """10^5 numbers of all magnitudes, of the matrices' own range, and around ties, carries and powers of ten."""
    rng = seeds.rng(0, "test", "encoding")
    wide = rng.choice([-1, 1], 40_000) * 10.0 ** rng.uniform(-97.9, 102.9, 40_000)
    own = rng.uniform(-30, 30, 30_000)
    ties = (rng.integers(100, 1000, 15_000) + 0.5) * 10.0 ** rng.integers(-20, 20, 15_000)
    edges = 10.0 ** rng.integers(-90, 90, 7_500) * (1 + rng.integers(-3, 4, 7_500) * 2.0**-52)
    carries = (999.5 + rng.integers(-2, 3, 7_500) * 1e-13) * 10.0 ** rng.integers(-20, 20, 7_500)
    return np.concatenate([wide, own, ties, edges, carries])


def test_against_python_on_many_numbers():
    values = numbers()
    assert len(values) == 100_000
    tokens = P1000.encode(torch.from_numpy(values)[:, None, None])
    for value, row in zip(values.tolist(), tokens.tolist(), strict=True):
        assert [P1000._word(token) for token in row] == ["V1", "V1", *by_python(value)], value


def test_decoding_is_pythons_reading_of_the_digits():
    values = numbers()
    read, valid = P1000.decode(P1000.encode(torch.from_numpy(values)[:, None, None]), 1, 1)
    assert valid.all()
    assert read.flatten().tolist() == [float(f"{value:.2e}") for value in values.tolist()]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.3, "+ 230 E-2"),
        (0.604, "+ 604 E-3"),
        (-3.14, "- 314 E-2"),
        (9.995, "+ 999 E-2"),  # the double lies below the tie
        (9.9951, "+ 100 E-1"),
        (0.125, "+ 125 E-3"),
        (1.125, "+ 112 E-2"),  # a tie goes to the even digit
        (1.375, "+ 138 E-2"),
        (0.0, "+ 0 E0"),
        (-0.0, "+ 0 E0"),
        (1e-98, "+ 100 E-100"),
        (9.99e102, "+ 999 E100"),
    ],
)
def test_single_numbers(value, text):
    assert P1000.words(of_one(value)) == ["V1", "V1", *text.split()]


def test_order_and_lengths():
    """Row by row, 77 tokens for a 5 x 5 matrix."""
    tokens = P1000.encode(torch.arange(6.0).reshape(1, 2, 3))
    assert P1000.words(tokens[0])[:8] == ["V2", "V3", "+", "0", "E0", "+", "100", "E-2"]
    assert P1000.encode(torch.zeros(3, 5, 5)).shape == (3, 77)
    back, valid = P1000.decode(tokens, 2, 3)
    assert valid.all()
    assert torch.equal(back[0], torch.arange(6.0, dtype=torch.float64).reshape(2, 3))


def test_fewer_digits_are_read():
    """The appendix prints + 23 E-1 for 2.3."""
    tokens = of_one(2.3)[None].clone()
    tokens[0, 3], tokens[0, 4] = P1000.mantissas + 23, P1000.exponents + 99
    assert P1000.decode(tokens, 1, 1)[0].item() == 2.3


@pytest.mark.parametrize("place", range(5))
def test_a_token_in_a_wrong_place_spells_nothing(place):
    tokens = of_one(2.3)[None]
    for wrong in (MARK, PLUS, P1000.mantissas + 5, P1000.exponents, P1000.sizes + 4):
        spoilt = tokens.clone()
        spoilt[0, place] = wrong
        same_kind = (place, wrong) in {(2, PLUS), (3, P1000.mantissas + 5), (4, P1000.exponents)}
        values, valid = P1000.decode(spoilt, 1, 1)
        assert valid.item() is same_kind
        assert values.isnan().all().item() is not same_kind


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 9.996e102, -1e300, 9.9e-99, 5e-324])
def test_what_cannot_be_encoded_is_named(value):
    with pytest.raises(ValueError, match=rf"values holds {value!r}, which has no token".replace("+", r"\+")):
        of_one(value)


@pytest.mark.parametrize("shape", [(3,), (2, 2), (1, 17, 2), (1, 2, 0)])
def test_bad_shapes(shape):
    with pytest.raises(ValueError, match=r"allowed: \(N, rows, columns\), sizes in \[1, 16\]"):
        P1000.encode(torch.zeros(shape))


@pytest.mark.parametrize(("digits", "largest"), [(1, 3), (2, 10), (4, 100)])
def test_other_numbers_of_digits(digits, largest):
    """Written and read as Python does, with a vocabulary of their own."""
    encoding = Encoding(digits=digits, largest_exponent=largest)
    assert encoding.vocabulary == 3 + 10**digits + 2 * largest + 1 + 16
    rng = seeds.rng(0, "test", "digits", digits)
    values = rng.choice([-1, 1], 2000) * 10.0 ** rng.uniform(digits - largest, largest - 0.1, 2000)
    tokens = encoding.encode(torch.from_numpy(values)[:, None, None])
    assert tokens.max() < encoding.vocabulary
    read, valid = encoding.decode(tokens, 1, 1)
    assert valid.all()
    assert read.flatten().tolist() == [float(f"{value:.{digits - 1}e}") for value in values.tolist()]
    with pytest.raises(ValueError, match="has no token for its exponent"):
        encoding.encode(torch.tensor([[[10.0 ** (largest + digits)]]]).double())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"digits": 0}, r"digits = 0 is outside \[1, 4\]"),
        ({"digits": 2.5}, "digits = 2.5 is not a whole number"),
        ({"largest_exponent": 2}, r"largest_exponent = 2 is outside \[3, 100\]"),
        ({"largest_exponent": 101}, r"largest_exponent = 101 is outside \[3, 100\]"),
    ],
)
def test_bad_encodings(fields, words):
    with pytest.raises(ValueError, match=words):
        Encoding(**fields)


def test_bad_tokens():
    with pytest.raises(ValueError, match="allowed: \\(N, 5\\) for rows = 1, columns = 1"):
        P1000.decode(torch.zeros(2, 6, dtype=torch.int64), 1, 1)
    with pytest.raises(ValueError, match=rf"token = {P1000.vocabulary} is outside"):
        P1000.words(torch.tensor([P1000.vocabulary]))
