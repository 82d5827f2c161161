"""Features of sentences and texts: hashed n-grams, where a sentence stands and what it looks like, and tf-idf in few columns."""

import re
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from lib import arguments
from lib.theory import checks

# n-grams by scikit-learn's names: one and two words; three and four letters within a word
KINDS = {"words": ("word", (1, 2)), "letters": ("char_wb", (3, 4))}
PLAIN = ("there", "place", "first", "second", "third", "length", "digits", "capitals", "quotation", "shared")
LONGEST = 10**4  # sentences of an article
MOST_COLUMNS = 2**20
TOKEN = re.compile(r"[a-z0-9]+")


def hashed(texts: Sequence[str], columns: int, kind: str) -> Tensor:
    """N-grams of texts, hashed with signs into columns: (N, columns) float32, rows of length 1, or 0 where there is no n-gram.

    columns in [1, 2^20]; kind "words" or "letters", see KINDS. Nothing is fitted, so no text leaks into the features of another.
    Raises ValueError otherwise. Source: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009.
    Checked by tests/models/text/test_features.py.
    """
    from sklearn.feature_extraction.text import HashingVectorizer  # slow to import

    texts = arguments.texts("texts", texts, "texts")
    columns = checks.integer("columns", columns, 1, MOST_COLUMNS)
    analyzer, ngrams = KINDS[arguments.one_of("kind", kind, KINDS)]
    if not texts:
        return torch.empty(0, columns)
    made = HashingVectorizer(n_features=columns, analyzer=analyzer, ngram_range=ngrams, dtype=np.float32)
    return torch.from_numpy(made.transform(texts).toarray())


def of_articles(articles: Sequence[Sequence[str]], columns: int, kind: str) -> Tensor:
    """Features (N, S, 10 + columns) float32 of the sentences of articles, S those of the longest one; zeros after the last one.

    Parameters
    ----------
    articles : list of lists of str
        Sentences, at least one and at most 10^4 an article.
    columns, kind
        As for :func:`hashed`, of each sentence.

    Returns
    -------
    Tensor
        First the columns PLAIN: 1, where a sentence is "there"; its "place" in [0, 1), whether it is "first", "second", "third";
        the log of one plus its "length" in words, over 4; shares of "digits" and "capitals" among its characters; whether it
        begins or ends in a "quotation"; and what it has "shared" with the others: the mean over its words, without double ones,
        of the share of the other sentences that have the word. Then the hashed n-grams.

    Notes
    -----
    Raises ValueError for no articles, and for one without sentences. Checked by tests/models/text/test_features.py.
    """
    articles = [
        arguments.texts(f"articles[{k}]", each, "at least one sentence")
        for k, each in enumerate(checks.listed("articles", articles, "lists of sentences"))
    ]
    counts = [len(each) for each in articles]
    if not counts or not 1 <= min(counts) <= max(counts) <= LONGEST:
        said = f"articles[{counts.index(0)}] = []" if 0 in counts else f"articles of {max(counts, default=0)} sentences"
        raise ValueError(f"{said}; allowed: articles of 1 to {LONGEST} sentences, at least one")
    rows = hashed([sentence for each in articles for sentence in each], columns, kind)
    features = torch.zeros(len(articles), max(counts), len(PLAIN) + rows.shape[1])
    there = torch.arange(max(counts)) < torch.tensor(counts)[:, None]  # (N, S)
    plain = torch.tensor([row for each in articles for row in _plain(each)])
    features[there] = torch.cat([plain, rows], dim=1)
    return features


def _plain(sentences: list[str]) -> list[list[float]]:
    """The columns PLAIN of the sentences of one article."""
    words = [set(TOKEN.findall(each.lower())) for each in sentences]
    having: dict[str, int] = {}
    for each in words:
        for word in each:
            having[word] = having.get(word, 0) + 1
    others = max(1, len(sentences) - 1)
    found = []
    for place, (sentence, own) in enumerate(zip(sentences, words, strict=True)):
        length = len(TOKEN.findall(sentence.lower()))
        digits, capitals = sum(map(str.isdigit, sentence)), sum(map(str.isupper, sentence))
        quoted = sentence[:1] in QUOTES or sentence[-1:] in QUOTES
        shared = sum(having[word] - 1 for word in own) / (others * max(1, len(own)))
        size = max(1, len(sentence))
        row = [1, place / len(sentences), place == 0, place == 1, place == 2, np.log1p(length) / 4]
        found.append([float(x) for x in (*row, digits / size, capitals / size, quoted, shared)])
    return found


QUOTES = tuple("\"'“”‘’")
