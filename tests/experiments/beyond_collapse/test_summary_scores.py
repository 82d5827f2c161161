"""lib.experiments.beyond_collapse.summary_scores on drawn answers, against counting and against the slider's formulas."""

import pytest
import torch

from lib.experiments.beyond_collapse import summaries, summary_scores
from lib.theory.beyond_collapse import stored_scores

RATES = [0.1, 0.5, 1.0]


@pytest.fixture(scope="module")
def answers():
    generator = torch.Generator().manual_seed(0)
    rouge, noise, doubt = torch.rand(3, 2000, generator=generator).unbind()
    right = rouge + 0.3 * noise > 0.9
    return {
        "chosen": torch.zeros(2000).long(),
        "rouge": rouge,
        "right": right,
        "self": 1 + doubt,
        "weak": 2 - rouge * noise,
    }


def test_ends_of_quality_are_oracle_and_chance(answers):
    found = summary_scores.curves(0, answers, RATES, [0.0, 0.5, 1.0])
    chance, between, oracle = found["qualities"]
    assert oracle == found["selections"]["oracle"]
    count = int(answers["right"].sum())
    for rate, share in zip(RATES, chance, strict=True):
        assert abs(share - rate) <= 4 * (rate * (1 - rate) / count) ** 0.5
    assert all(low <= middle <= high for low, middle, high in zip(chance, between, oracle, strict=True))
    assert between[0] > chance[0] + 0.02
    assert chance[2] == between[2] == oracle[2] == 1
    assert found["p"] == pytest.approx(1 - count / 2000)


def test_the_slider_reads_what_was_counted(answers):
    found = summary_scores.curves(0, answers, RATES, [0.0, 1.0])
    for selection in summaries.SELECTIONS:
        keeps = summaries.kept(answers, selection, 0.1, seed=0)
        wanted = summaries.triplet(answers["right"], keeps)
        setting = (0.1, 0.5, found["p"], [0.5], RATES, [found["selections"][selection]])
        assert stored_scores.kept_right(*setting) == pytest.approx(wanted["phi"])
        assert stored_scores.kept_wrong(*setting) == pytest.approx(wanted["psi"])
        assert stored_scores.passed_error(*setting) == pytest.approx(wanted["p_star"])
        assert stored_scores.wrong_kept(*setting) == pytest.approx(wanted["wrong"])


def test_equal_scores_are_mixed_alike():
    assert summary_scores.mixed(torch.tensor([0.5, 0.5, 0.1]), 1.0, seed=0).tolist() == [0.5, 0.5, 0]
    assert torch.equal(*(summary_scores.mixed(torch.arange(5) / 5 * k, 0.0, seed=0) for k in (1, 2)))
    with pytest.raises(ValueError, match=r"^quality = 1.5 is outside"):
        summary_scores.mixed(torch.arange(5) / 5, 1.5, seed=0)


def test_nothing_right(answers):
    with pytest.raises(ValueError, match=r"answers hold 2000 and none is right"):
        summary_scores.curves(0, answers | {"right": torch.zeros(2000).bool()}, RATES, [0.5])


def test_means(answers):
    one, other = (summary_scores.curves(seed, answers, RATES, [0.5]) for seed in (0, 1))
    found = summary_scores.mean_of([one, other])
    assert found["qualities"][0] == pytest.approx(
        [(a + b) / 2 for a, b in zip(one["qualities"][0], other["qualities"][0], strict=True)]
    )
    assert found["selections"]["oracle"] == pytest.approx(one["selections"]["oracle"])
    with pytest.raises(ValueError, match=r"^found = \[\] is empty"):
        summary_scores.mean_of([])
