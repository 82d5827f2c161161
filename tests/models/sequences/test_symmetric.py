"""lib.models.sequences.symmetric against numpy and against the definition."""

import numpy as np
import pytest
import torch

from lib import seeds
from lib.models.sequences import symmetric
from lib.models.sequences.encoding import MARK, PLUS, Encoding


def matrices(count, size, name="matrices"):
    return symmetric.draw(count, size, generator=seeds.generator(0, "test", "symmetric", name))


def test_matrices_are_symmetric_and_uniform():
    drawn = matrices(20_000, 5)
    assert torch.equal(drawn, drawn.mT)
    for entries in (drawn[:, 0, 3], drawn[:, 2, 2]):
        assert entries.abs().max() < 10
        assert abs(entries.mean()) < 4 * (20 / 12**0.5) / 20_000**0.5
        assert entries.var() == pytest.approx(400 / 12, rel=0.03)
    assert abs(np.corrcoef(drawn[:, 0, 1], drawn[:, 0, 2])[0, 1]) < 4 / 20_000**0.5


def test_eigenvalues_against_numpy():
    drawn = matrices(200, 5)
    expected = np.array([sorted(np.linalg.eigvals(one).real, reverse=True) for one in drawn.numpy()])
    np.testing.assert_allclose(symmetric.eigenvalues(drawn).numpy(), expected, atol=1e-10)


def test_questions_and_answers_have_the_papers_lengths():
    """77 + 2 tokens in, 17 + 2 out for 5 x 5."""
    drawn = matrices(7, 5)
    assert symmetric.questions(drawn).shape == (7, 79)
    told = symmetric.answers(symmetric.eigenvalues(drawn))
    assert told.shape == (7, 19)
    assert (told[:, [0, -1]] == MARK).all()


def test_answers_are_read_back_to_three_digits():
    values = symmetric.eigenvalues(matrices(100, 4))
    told = symmetric.answers(values)
    for tokens in (told, told[:, 1:], told.reshape(10, 10, -1)):
        read = symmetric.read(tokens, 4)
        assert read.shape == (*tokens.shape[:-1], 4)
        rounded = [[float(f"{value:.2e}") for value in row] for row in values.tolist()]
        assert read.reshape(-1, 4).tolist() == rounded


def test_a_triangle_is_half_a_question():
    """Entries of the upper triangle, row by row, in another encoding."""
    two = Encoding(digits=2, largest_exponent=10)
    told = symmetric.questions(torch.tensor([[[1.0, -2.0], [-2.0, 3.0]]]), two, triangle=True)
    assert two.words(told[0]) == ["|", "V3", "V1", "+", "10", "E-1", "-", "20", "E-1", "+", "30", "E-1", "|"]


def test_a_malformed_answer_is_wrong():
    values = symmetric.eigenvalues(matrices(3, 2))
    told = symmetric.answers(values)
    told[0, -1] = PLUS  # does not end
    told[1, 3] = MARK  # ends early
    read = symmetric.read(told, 2)
    assert read.isnan().any(1).tolist() == [True, True, False]
    assert symmetric.right(read, values, 0.05).tolist() == [False, False, True]
    assert symmetric.relative_error(read, values).isinf().tolist() == [True, True, False]
    with pytest.raises(ValueError, match="allowed: 9 or 10 for size = 2"):
        symmetric.read(told[:, 2:], 2)


def test_right_is_strict_and_relative():
    true = torch.tensor([[3.0, -1.0]] * 3, dtype=torch.float64)
    predicted = torch.tensor([[3.125, -1.0], [3.0625, -1.0], [3.0, -1.1]], dtype=torch.float64)
    assert symmetric.right(predicted, true, 0.03125).tolist() == [False, True, True]
    assert symmetric.relative_error(predicted, true).tolist() == pytest.approx([0.03125, 0.015625, 0.025])
    for bad in (0.0, -0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="tolerance = "):
            symmetric.right(predicted, true, bad)


@pytest.mark.parametrize("size", [0, 17, 2.5])
def test_bad_sizes(size):
    with pytest.raises(ValueError, match="size = "):
        symmetric.draw(1, size, generator=seeds.generator(0, "test"))
