"""Where lenses say helps or harms, by hand; the settings of the claims; and the measures on accuracies that formulas give."""

import pytest

from lib.experiments.synthesis import one_picture, verdicts
from lib.theory import synthesis

MORE = {"dimension": 100, "gamma": 1.0, "mu_norm": 1.5}


def test_lenses():
    own = {"phi": 0.8, "psi": 0.3, "n": 20, "m": 400, **MORE}
    below, beyond = verdicts.lenses(0.2, **own), verdicts.lenses(0.95, **own)
    assert all(gain > 0 for gain in below.values())
    assert [name for name, gain in beyond.items() if gain < 0] == ["majority", "accuracy", "bits_at_its_word"]
    alone = synthesis.accuracy(0.0, 1.0, 1.0, 20, 0, **MORE)
    assert below["accuracy"] == pytest.approx(synthesis.accuracy(0.2, **own) - alone)
    without = verdicts.lenses(0.2, **(own | {"n": 0}))
    assert without["accuracy"] == pytest.approx(synthesis.accuracy(0.2, **(own | {"n": 0})) - 0.5)


def test_word():
    assert [verdicts.word(gain) for gain in (0.1, -0.1, 1e-9)] == ["helps", "harms", "nothing"]


def test_thresholds():
    few, many = verdicts.thresholds(0.5), verdicts.thresholds(0.7)
    assert few["all"] < few["rows"] < few["stricter"]
    assert many["bits"] == -4.0  # bits a drawn row forget the sign: seven in ten wrong labels say much
    assert many["rows"] > 0


def test_settings_and_tasks():
    named = verdicts.settings(**MORE)
    assert len(verdicts.tasks(1, 5, **MORE)) == len(named) == 2 * 4 + 2 * (2 * 4 + 1) + 1 + 3 + 2 * 4 + 2
    for ridge in (1.0, verdicts.STRONG):
        for k in range(len(verdicts.WORTH)):
            clean, mixed = (named["worth", ridge, k, kind] for kind in ("clean", "mixed"))
            assert (clean["m"], clean["gamma"], mixed["gamma"]) == (0, ridge, ridge)
    assert named["bound", "beyond"]["dimension"] == 20


def test_measured_on_exact_accuracies():
    exact = [(synthesis.accuracy(**own), 0.0005) for own in verdicts.settings(**MORE).values()]
    dots = {
        p: {name: (value, 0.001) for name, value in one_picture.curves(p, phi=0.8, psi=0.3, n=0, m=400, **MORE).items()}
        for p in (verdicts.BEYOND, 8 / 11)
    }
    found = verdicts.measured(exact, dots[verdicts.BEYOND], dots[8 / 11], **MORE)
    assert found["same-border"]["crossing"].value < 0.005  # a straight line between two dots
    worth = found["effective-rows"]
    assert worth["strong ridge"].value < 0.002 < 0.02 < worth["this ridge"].value  # R is rounded to whole rows
    signs = {name: [pair[0] > 0 for pair in tests.values()] for name, tests in found.items()}
    assert signs["quarter-rule"] == [False, True, False, True]
    assert signs["best-threshold"] == [True, True, True]
    assert signs["bits-forget-the-sign"] == [True, True, False, True]
    loose = found["bound-in-this-setting"]
    assert loose["beyond the border"].value == pytest.approx(
        synthesis.error_bound(1.0, gamma=1.0, mu_norm=1.5, **verdicts.TIGHT).loose
    )
    assert loose["below the border"].value > 0.2
