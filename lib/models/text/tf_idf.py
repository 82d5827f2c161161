"""Texts as rows of few columns: tf-idf of words and word pairs, reduced by a singular value decomposition."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lib import arguments
from lib.theory import checks

MOST_COLUMNS = 10**4
LEAST_TEXTS = 2  # a word must be in so many of the texts that it is fitted on


def reduced(fitted_on: Sequence[str], texts: Sequence[str], columns: int, *, seed: int) -> Tensor:
    """Rows (N, columns) float64 of ``texts``: their tf-idf along the strongest directions of the texts ``fitted_on``.

    Words, their weights and the directions are those of ``fitted_on``, without any label; so no other text leaks into a row. A
    word counts ``1 + log`` of its number, times its inverse document frequency, and a text's weights have length 1.

    Parameters
    ----------
    fitted_on, texts : lists of str
        At least two texts to fit on.
    columns : int
        In [1, 10^4], fewer than the texts and the words that are fitted.
    seed : int in [0, 2^32 - 1]
        Of the randomised decomposition.

    Notes
    -----
    Raises ValueError for what is no list of texts and for fewer words or texts than columns. Source: scikit-learn's
    TfidfVectorizer and TruncatedSVD; El Firdoussi et al. fine-tune language models instead. Checked by
    tests/models/text/test_tf_idf.py.
    """
    from sklearn.decomposition import TruncatedSVD  # slow to import
    from sklearn.feature_extraction.text import TfidfVectorizer

    fitted_on = arguments.texts("fitted_on", fitted_on, "texts")
    texts = arguments.texts("texts", texts, "texts")
    columns, seed = checks.integer("columns", columns, 1, MOST_COLUMNS), checks.integer("seed", seed, 0, 2**32 - 1)
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=LEAST_TEXTS, sublinear_tf=True)
    try:
        rows = vectors.fit_transform(fitted_on)
        words = rows.shape[1]
    except ValueError:  # no text, or no word in two of them
        words = 0
    most = min(len(fitted_on), words) - 1
    if columns > most:
        raise ValueError(
            f"columns = {columns} for {len(fitted_on)} texts fitted_on, which share {words} words; allowed: "
            + (f"[1, {most}], or longer and more texts" if most > 0 else "texts in which two words or more stand twice")
        )
    directions = TruncatedSVD(columns, random_state=seed).fit(rows)
    if not texts:
        return torch.empty(0, columns, dtype=torch.float64)
    return torch.from_numpy(directions.transform(vectors.transform(texts))).double()
