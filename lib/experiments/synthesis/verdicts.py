"""Notebook synthesis/01: which lens says "helps" and which "harms", where each changes its mind, and the book's own claims.

The setting and its letters: ``lib.theory.synthesis``.
"""

from collections.abc import Mapping, Sequence

from lib.experiments.random_matrices import smooth_transition as transition
from lib.experiments.synthesis import one_picture
from lib.experiments.synthesis.one_picture import STRONG
from lib.runs import Task
from lib.statistics import Estimate, difference
from lib.theory import synthesis

CROSSINGS = ((0.8, 0.3, 0, 400), (0.8, 0.3, 20, 400), (0.9, 0.6, 40, 300), (1.0, 1.0, 30, 400))  # phi, psi, n, m
WORTH = (
    (0.2, 0.8, 0.3, 0, 400),
    (0.5, 0.8, 0.3, 0, 800),
    (0.6, 0.8, 0.3, 100, 400),
    (0.3, 1.0, 1.0, 50, 200),
)  # p first
REAL, FEW, MANY = 100, 100, 4000  # rows of the quarter rule
FIFTH, TWO_FIFTHS = 0.2, 0.4  # its label errors, without a verifier
BEYOND = 0.95  # a label error beyond the border of phi, psi = 0.8, 0.3
STRENGTH, SCORED, STRICTER = 1.5, (0.5, 0.7), 2.0  # of a verifier; label errors; thresholds above the best one
SCORED_ROWS = {0.5: 200, 0.7: 1000}
TIGHT = {"phi": 0.8, "psi": 0.3, "n": 0, "m": 4000, "dimension": 20}  # rows enough to come near the limit
TIGHT_ERRORS = {"beyond": 1.0, "below": 0.3}


def lenses(p: float, **setting: float) -> dict[str, float]:
    """By lens, what the synthetic rows add to n real rows alone: above 0 the lens says "helps", below 0 "harms".

    majority: probability of the right majority less 1/2; accuracy, and both bits, less those of the real rows alone (0.5 and 0
    without any); label bits: bits of a kept label, never below 0. Checked by tests/experiments/synthesis/test_verdicts.py.
    """
    alone = {"accuracy": 0.5, "bits_at_its_word": 0.0, "bits_if_turned": 0.0}
    if setting["n"]:
        alone = one_picture.curves(p, **(setting | {"m": 0}))
    own = one_picture.curves(p, **setting)
    gains = {name: own[name] - alone[name] for name in ("accuracy", "bits_at_its_word", "bits_if_turned")}
    return {"majority": own["majority"] - 0.5, **gains, "label bits": own["bits_kept"]}


def word(gain: float) -> str:
    """A gain in words: helps, harms, or nothing if it is 0 to six digits. Checked by
    tests/experiments/synthesis/test_verdicts.py.
    """
    return "nothing" if abs(gain) < 1e-6 else "helps" if gain > 0 else "harms"


def thresholds(p: float) -> dict[str, float]:
    """Verifier thresholds that are tried at a label error: all rows kept, best by bits, best by effective rows, stricter.

    Checked by tests/experiments/synthesis/test_verdicts.py.
    """
    own = {"n": 0, "m": SCORED_ROWS[p]}
    rows = one_picture.best_threshold("rows", STRENGTH, p, **own)
    bits = one_picture.best_threshold("bits drawn", STRENGTH, p, **own)
    return {"all": -4.0, "bits": bits, "rows": rows, "stricter": rows + STRICTER}


def settings(*, dimension: int, gamma: float, mu_norm: float) -> dict[tuple, dict[str, float]]:
    """The settings whose accuracy the claims need, by name: each the arguments of ``one_picture.accuracy`` but seed and fits.

    Checked by tests/experiments/synthesis/test_verdicts.py.
    """
    more = {"dimension": dimension, "gamma": gamma, "mu_norm": mu_norm}
    found = {}
    for k, (phi, psi, n, m) in enumerate(CROSSINGS):
        star = synthesis.border_error(phi, psi, n, m)
        for side, p in enumerate(transition.beside(star)):
            found["crossing", k, side] = {"p": p, "phi": phi, "psi": psi, "n": n, "m": m, **more}
    clean = {"p": 0.0, "phi": 1.0, "psi": 1.0, "m": 0}
    for ridge in (gamma, STRONG):
        own = more | {"gamma": ridge}
        for k, (p, phi, psi, n, m) in enumerate(WORTH):
            worth = round(synthesis.effective_rows(p, phi, psi, n, m))
            found["worth", ridge, k, "mixed"] = {"p": p, "phi": phi, "psi": psi, "n": n, "m": m, **own}
            found["worth", ridge, k, "clean"] = {**clean, "n": worth, **own}
        found["quarter", ridge, "alone"] = {**clean, "n": REAL, **own}
        for p, m in ((FIFTH, FEW), (TWO_FIFTHS, FEW), (TWO_FIFTHS, MANY))[: 3 if ridge == STRONG else 1]:
            found["quarter", ridge, p, m] = {"p": p, "phi": 1.0, "psi": 1.0, "n": REAL, "m": m, **own}
    for p in SCORED:
        for name, threshold in thresholds(p).items():
            phi, psi = synthesis.threshold_rates(threshold, STRENGTH)
            found["threshold", p, name] = {"p": p, "phi": phi, "psi": psi, "n": 0, "m": SCORED_ROWS[p], **more}
    for name, p in TIGHT_ERRORS.items():
        found["bound", name] = {"p": p, **more, **TIGHT}
    return found


def tasks(seed: int, fits: int, **more: float) -> list[Task]:
    """Parts of a run: the accuracy of each of :func:`settings`, from half as many fits where rows are MANY.

    Checked by tests/experiments/synthesis/test_verdicts.py.
    """
    return [
        Task("synthesis.one_picture.accuracy", seed=seed, fits=max(2, fits // 2) if own["m"] == MANY else fits, **own)
        for own in settings(**more).values()
    ]


def measured(
    found: Sequence[Sequence[float]],
    beyond: Mapping,
    at_border: Mapping,
    *,
    dimension: int,
    gamma: float,
    mu_norm: float,
) -> dict[str, dict[str, tuple]]:
    """The claims' tests, measured. ``found``: what the parts of :func:`tasks` give; beyond, at_border: ``one_picture.dots`` at
    BEYOND and at the breakdown point, without real rows. Checked by tests/experiments/synthesis/test_verdicts.py.
    """
    names = settings(dimension=dimension, gamma=gamma, mu_norm=mu_norm)
    at = {name: Estimate(*pair) for name, pair in zip(names, found, strict=True)}
    crossings = [
        (dict(zip(("phi", "psi", "n", "m"), rows, strict=True)), [at["crossing", k, side] for side in (0, 1)])
        for k, rows in enumerate(CROSSINGS)
    ]

    def worth(ridge: float) -> Estimate:
        return one_picture.widest(
            [(at["worth", ridge, k, "mixed"], at["worth", ridge, k, "clean"]) for k in range(len(WORTH))]
        )

    def gain(ridge: float, p: float, m: int) -> Estimate:
        return difference(at["quarter", ridge, p, m], at["quarter", ridge, "alone"])

    def over(p: float, name: str) -> Estimate:
        return difference(at["threshold", p, "rows"], at["threshold", p, name])

    def loose(name: str) -> Estimate:
        rows = {key: TIGHT[key] for key in ("phi", "psi", "n", "m")}
        return one_picture.looseness(at["bound", name], one_picture.wrong_share(TIGHT_ERRORS[name], **rows), mu_norm)

    return {
        "same-border": {"crossing": one_picture.farthest_crossing(crossings)},
        "effective-rows": {"this ridge": worth(gamma), "strong ridge": worth(STRONG)},
        "bits-forget-the-sign": {
            "accuracy": Estimate(*beyond["accuracy"]),
            "label bits": Estimate(*beyond["bits_kept"]),
            "bits at its word": Estimate(*beyond["bits_at_its_word"]),
            "bits if turned": difference(Estimate(*beyond["bits_if_turned"]), Estimate(*at_border["bits_if_turned"])),
        },
        "quarter-rule": {
            "a fifth wrong, this ridge": gain(gamma, FIFTH, FEW),
            "a fifth wrong, few rows": gain(STRONG, FIFTH, FEW),
            "two fifths wrong, few rows": gain(STRONG, TWO_FIFTHS, FEW),
            "two fifths wrong, many rows": gain(STRONG, TWO_FIFTHS, MANY),
        },
        "best-threshold": {
            "over keeping all": over(0.5, "all"),
            "over stricter": over(0.5, "stricter"),
            "over most bits": over(0.7, "bits"),
        },
        "bound-in-this-setting": {"beyond the border": loose("beyond"), "below the border": loose("below")},
    }
