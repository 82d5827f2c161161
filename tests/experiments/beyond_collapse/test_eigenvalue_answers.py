"""lib.experiments.beyond_collapse.eigenvalue_answers on the eigenvalue of a number, with a small generator."""

import pytest
import torch

from lib.experiments.beyond_collapse import eigenvalue_answers, eigenvalues

TASK = {"size": 1, "digits": 2, "triangle": True}
NETWORK = {"width": 16, "heads": 2, "encoder_layers": 1, "decoder_layers": 1}
TRAINING = {"examples": 9600, "batch": 32, "learning_rate": 0.01, "schedule": "cosine", "warm_up": 5, "clip": 5.0}
TEST = 400


@pytest.fixture(scope="module")
def generator():
    return eigenvalues.pretrained(0, "generator", 1000, TASK, NETWORK, TRAINING)


def beams(generator, k):
    return eigenvalue_answers.beams_measured(0, generator, k, TEST, TASK, NETWORK)


def test_greedy_row_is_what_retraining_measures(generator):
    row = beams(generator, 1)
    assert row["any"] == row["first"]
    assert row["any"] == eigenvalues.greedy_hits(eigenvalues.restored(generator, TASK, NETWORK), 0, TEST, TASK)
    assert row["candidates"] == [each / TEST for each in row["any"]]


def test_more_answers_find_more(generator):
    rows = [beams(generator, k) for k in (1, 3, 10)]
    assert rows[0]["any"][0] < rows[1]["any"][0] < rows[2]["any"][0]
    for row in rows:
        assert row["any"] == sorted(row["any"], reverse=True)
        assert row["curve"] == sorted(row["curve"])
        place = eigenvalue_answers.GRID.index(min(eigenvalue_answers.GRID, key=lambda t: abs(t - 0.05)))
        assert abs(row["curve"][place] - row["any"][0] / TEST) < 0.05


def test_one_sample_is_right_as_often_as_its_probability(generator):
    """Drawn one at a time, the share right is the mean probability of right answers; k = n covers what any draw found."""
    found = eigenvalue_answers.samples_measured(0, generator, 8, [1, 8], TEST, TASK, NETWORK)
    model = eigenvalues.restored(generator, TASK, NETWORK)
    problem, drawn = eigenvalues.Problem.of(TASK), eigenvalues.matrices(0, "test", 0, TEST, TASK)
    tokens, scores = eigenvalues.decoded(model, problem.questions(drawn), 400)
    right = problem.errors(tokens, drawn) < 0.05
    expected = (scores.double().exp() * right).sum(1).mean().item()
    error = (expected * (1 - expected) / (TEST * 8)) ** 0.5
    assert abs(found["covered"][0][0] - expected) < 4 * error + 0.01  # the beam leaves out a little
    assert found["covered"][0][1] > found["covered"][0][0]


def test_triplets_against_counting(generator):
    found = eigenvalue_answers.triplets(0, generator, [0.05, 0.02], TEST, TASK, NETWORK)
    model = eigenvalues.restored(generator, TASK, NETWORK)
    problem, drawn = eigenvalues.Problem.of(TASK), eigenvalues.matrices(0, "test", 0, TEST, TASK)
    tokens, scores = eigenvalues.decoded(model, problem.questions(drawn), 1)
    errors = problem.errors(tokens, drawn)[:, 0].tolist()
    likely = sorted(range(TEST), key=lambda i: -scores[i, 0].item())
    for i, tolerance in enumerate(eigenvalues.TOLERANCES):
        right = [error < tolerance for error in errors]
        assert found["right"][i] == sum(right)
        for j, verifier in enumerate((0.05, 0.02)):
            kept = [error < verifier for error in errors]
            assert found["kept"][i][j] == [
                sum(k and r for k, r in zip(kept, right, strict=True)),
                sum(k and not r for k, r in zip(kept, right, strict=True)),
            ]
            own = likely[: sum(kept)]
            assert found["own"][i][j] == [sum(right[one] for one in own), sum(not right[one] for one in own)]
    assert found["kept"][0][0][1] == 0  # an oracle of the same tolerance keeps nothing wrong


def test_an_answer_that_spells_nothing_is_wrong(generator):
    """A generator whose weights are all 0 likes every token alike: no answer spells a number."""
    blank = {name: torch.zeros_like(weight) for name, weight in generator.items()}
    assert beams(blank, 3)["any"] == [0, 0, 0, 0]
