"""Rouge-1, the field's score of a summary, and the sentence of an article that scores best: the oracle sentence."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lib import arguments
from lib.theory import checks

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer  # slow to import, so only where a text is scored


def rouge_1(candidates: Sequence[str], reference: str) -> list[float]:
    """Rouge-1 of each candidate against one reference, in [0, 1].

    The variant: F-measure of single words, ``2 P R / (P + R)``, where a word counts as often as both texts have it; lower case,
    all but a-z and 0-9 taken for spaces, no stemming. That is rouge1's fmeasure of the package rouge-score with its defaults. The
    paper names no variant. 0 where a text has no word. Raises ValueError for what is no list of texts, or no text.
    Source: Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004; Feng et al., Section 5.3.
    Checked by tests/models/text/test_rouge.py, by hand and against torchmetrics.
    """
    candidates = arguments.texts("candidates", candidates, "texts")
    reference = arguments.text("reference", reference)
    return [_scorer().score(reference, each)["rouge1"].fmeasure for each in candidates]


def best(scores: Sequence[float]) -> int:
    """The place of the largest score; of equal ones the first. Raises ValueError for none, or what is no number in [0, 1].

    With scores by :func:`rouge_1` of the sentences of an article: its oracle sentence. Checked by
    tests/models/text/test_rouge.py.
    """
    scores = checks.listed("scores", scores, "at least one number in [0, 1]")
    if not scores:
        raise ValueError("scores = [] is empty; allowed: at least one number in [0, 1]")
    scores = [checks.probability(f"scores[{k}]", each) for k, each in enumerate(scores)]
    return scores.index(max(scores))


@functools.cache
def _scorer() -> "RougeScorer":
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rouge1"], use_stemmer=False)
