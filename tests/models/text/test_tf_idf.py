"""tf-idf rows against a dense decomposition by numpy, and that no text outside the fit moves them."""

import numpy as np
import pytest
import torch
from sklearn.feature_extraction.text import TfidfVectorizer

from lib import datasets
from lib.models.text.tf_idf import reduced

TEXTS = list(datasets.load("toy-safety", count=120).answers)


def test_against_a_dense_decomposition():
    """Inner products of the rows are those along the strongest directions of the dense table."""
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    fitted = vectors.fit_transform(TEXTS[:80]).toarray()
    _, _, directions = np.linalg.svd(fitted, full_matrices=False)
    wanted = vectors.transform(TEXTS[80:]).toarray() @ directions[:5].T
    found = reduced(TEXTS[:80], TEXTS[80:], 5, seed=0)
    np.testing.assert_allclose((found @ found.T).numpy(), wanted @ wanted.T, atol=0.01)
    assert found.dtype == torch.float64


def test_other_texts_move_nothing():
    alone, together = (reduced(TEXTS[:80], texts, 5, seed=0) for texts in (TEXTS[100:101], TEXTS[90:110]))
    torch.testing.assert_close(alone[0], together[10])
    assert torch.equal(reduced(TEXTS[:80], TEXTS[90:110], 5, seed=0), together)
    assert reduced(TEXTS[:80], [], 5, seed=0).shape == (0, 5)


@pytest.mark.parametrize(
    ("fitted_on", "columns", "words"),
    [
        (TEXTS[:5], 5, r"^columns = 5 for 5 texts fitted_on, which share \d+ words; allowed: \[1, 4\]"),
        (["a b", "c d"], 1, r"which share 0 words; allowed: texts in which two words or more stand twice"),
        (["", ""], 1, r"which share 0 words"),
        ([], 1, r"for 0 texts fitted_on"),
        (["text", 3], 1, r"^fitted_on\[1\] = 3 is no text"),
    ],
)
def test_too_little_to_fit(fitted_on, columns, words):
    with pytest.raises(ValueError, match=words):
        reduced(fitted_on, TEXTS, columns, seed=0)
