"""Notebook beyond-collapse/05, the reader's language models: what the table and the figure show.

``found`` is what a record holds as "language": "rates", rising; "test_share"; "lines", for each seed the mean test Rouge-1 of
"generator", "verifier" and "originals"; "curves", by selection, for each rate and each seed what
:func:`lib.experiments.beyond_collapse.language_summaries.retrained` returns. Source: Feng et al., Figure 4.
"""

import math
from collections.abc import Mapping, Sequence

from lib.experiments.beyond_collapse.summaries import SELECTIONS
from lib.experiments.beyond_collapse.summary_tables import of_seeds

LINES = ("generator", "verifier", "originals")
COUNTED = ("kept", "blank", "p", "phi", "psi", "p_star", "wrong")


def mean(draws: Sequence[float | None]) -> float | None:
    """Mean of draws, one or more; None where one of them is None, so nothing to count.

    Checked by tests/experiments/beyond_collapse/test_language_tables.py.
    """
    return None if None in draws else math.fsum(draws) / len(draws)


def scored(draws: Sequence[float], test_share: float) -> dict[str, float | None]:
    """ "Rouge-1", a mean over seeds, and "standard error", None for a single seed: one training, as in the paper, has none.

    Raises ValueError as :func:`lib.experiments.beyond_collapse.summary_tables.of_seeds`. Checked by
    tests/experiments/beyond_collapse/test_language_tables.py.
    """
    value, error = of_seeds(draws, test_share) if len(draws) > 1 else (draws[0], None)
    return {"Rouge-1": value, "standard error": error}


def rows(found: Mapping[str, object]) -> list[dict[str, object]]:
    """A row a line, with labels "line" and no share kept, and a row a selection and rate, with labels "generated".

    Each has Rouge-1 with its error, as :func:`lib.experiments.beyond_collapse.summary_tables.rows` has them, and the means of
    COUNTED. Checked by tests/experiments/beyond_collapse/test_language_tables.py.
    """
    share, nothing = found["test_share"], dict.fromkeys(COUNTED)
    shown = [
        {
            "labels": "line",
            "selection": name,
            "share kept": None,
            **scored([each[name] for each in found["lines"]], share),
            **nothing,
        }
        for name in LINES
    ]
    for name in SELECTIONS:
        for rate, draws in zip(found["rates"], found["curves"][name], strict=True):
            counted = {field: mean([each[field] for each in draws]) for field in COUNTED}
            score = scored([each["rouge"] for each in draws], share)
            shown.append({"labels": "generated", "selection": name, "share kept": rate, **score, **counted})
    return shown
