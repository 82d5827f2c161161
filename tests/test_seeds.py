"""lib.seeds: one recipe for all streams, reproducible, independent, and refusing what is no name."""

import numpy as np
import pytest
import torch
from scipy import stats

from lib import seeds


def test_the_twister_is_numpys():
    """torch's 32-bit draws are the outputs of numpy's Mersenne twister on the same sequence, through three refills of its state.

    numpy's first output is the last word of the state it was seeded with; torch starts with the first refill.
    """
    ours = torch.empty(2000).uniform_(generator=seeds.generator(7, "a", 3)).double() * 2**24
    raw = np.random.MT19937(seeds.sequence(7, "a", 3)).random_raw(2001)[1:]
    assert ours.long().tolist() == (raw & (2**24 - 1)).tolist()  # a float32 takes the low 24 bits


def test_same_names_same_stream():
    first, again = (torch.randn(100, generator=seeds.generator(1, "x", 2)) for _ in range(2))
    assert torch.equal(first, again)
    assert np.array_equal(seeds.rng(1, "x").normal(size=9), seeds.rng(1, "x").normal(size=9))
    assert seeds.number(3, "y") == seeds.number(3, "y")


def test_other_seed_or_names_give_other_streams():
    """All pairs among streams whose seeds and names add up, concatenate or swap to the same."""
    names = [
        (0, 1, 10),
        (0, 11, 0),
        (0, "1", 10),
        (1, 0, 10),
        (10, 1, 0),
        (0, 110),
        (0, 1),
        (0,),
        (0, "1", "10"),
        (0, "110"),
    ]
    drawn = [tuple(torch.randint(0, 2**31, (4,), generator=seeds.generator(*each)).tolist()) for each in names]
    assert len(set(drawn)) == len(names)


def test_no_two_of_many_streams_begin_alike():
    """With 32 bits of seed, 30 000 streams would hold a pair of equal ones with probability 0.1; none is equal in 64 bits."""
    starts = {
        tuple(torch.randint(0, 2**31, (2,), generator=seeds.generator(0, "many", k)).tolist()) for k in range(30_000)
    }
    assert len(starts) == 30_000


def test_streams_are_uncorrelated():
    """Correlations of neighbouring streams behave as those of independent draws: variance 1/n, by a chi-square test."""
    n, count = 1000, 200
    x = torch.stack([torch.randn(n, generator=seeds.generator(0, "neighbour", k)) for k in range(count)]).double()
    x = (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True, correction=0)
    correlations = (x[1:] * x[:-1]).mean(1).numpy()
    statistic = n * float((correlations**2).sum())
    assert 1e-3 < stats.chi2.cdf(statistic, count - 1) < 1 - 1e-3


def test_a_number_and_its_kinds():
    assert seeds.number(1, 2) == seeds.number(np.int64(1), 2.0) == seeds.number(1, np.float32(2))
    assert seeds.number(1, 2) != seeds.number(1, "2")
    assert 0 <= seeds.number(5) < 2**63


def test_last_digits_name_no_other_stream():
    """An angle that another processor computes otherwise in its last digit, or passes through float32, is the same name."""
    assert seeds.number(1, 0.1 + 0.2) == seeds.number(1, 0.3)
    assert seeds.number(1, np.nextafter(0.7, 1)) == seeds.number(1, 0.7)
    assert seeds.number(1, 0.30000001) != seeds.number(1, 0.3)
    assert seeds.number(1, 2**53 - 1) != seeds.number(1, 2**53 - 2)  # of whole numbers every digit counts


@pytest.mark.parametrize("seed", [-1, 2**63, 0.5, "1", None, float("nan"), True])
def test_bad_seed(seed):
    with pytest.raises(ValueError, match="seed = "):
        seeds.generator(seed, "x")


@pytest.mark.parametrize("name", [None, float("nan"), float("inf"), [1], (1, 2), 1j, b"x"])
def test_bad_name(name):
    with pytest.raises(ValueError, match="of a stream"):
        seeds.generator(0, name)


def test_everywhere_seeds_and_gives_back():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    with seeds.everywhere(1, "weights"):
        inside = torch.randn(5)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(inside, torch.randn(5, generator=seeds.generator(1, "weights")))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu():
    draws = [torch.randn(5, device="cuda", generator=seeds.generator(s, "x", device="cuda")) for s in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
