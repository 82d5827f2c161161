"""The slack of Theorem 4.10 by kind of curation, and its mend."""

import math

import numpy as np
import pytest

from lib.experiments.reverse_bottleneck import generalization
from lib.experiments.reverse_bottleneck.trials import joined
from lib.theory.reverse_bottleneck import gaussian_chain


def finite(curation, noisy_prompt=False):
    return joined([generalization.finite(0, curation, noisy_prompt, 0, 40)])


def test_row_of_a_gaussian_chain_by_hand():
    anchor, prompt, model, curation = 1.0, 0.5, 1.0, 0.75
    noises = {"prompt_noise": prompt, "model_noise": model, "curation_noise": curation}
    row = generalization.row(gaussian_chain.entropies(**noises))
    output = anchor + prompt**2 + model**2  # variance of M
    assert row["step 28"] == pytest.approx(-0.5 * math.log((output + curation**2) / output))
    assert row["I(anchor; M)"] == pytest.approx(0.5 * math.log(output / (prompt**2 + model**2)))
    assert row["I(h; M)"] == pytest.approx(0.5 * math.log(output / model**2))
    assert row["slack"] == pytest.approx(gaussian_chain.ggmi_slack(**noises))
    assert generalization.identity_gap(row) == pytest.approx(0, abs=1e-9)


def test_each_kind_of_curation():
    by_map, added, noisy = finite("map"), finite("noise"), finite("map", True)
    assert by_map["step 28"].min() > -1e-9
    assert added["step 28"].max() < 1e-9
    for found in (by_map, added):  # the prompt is a function of the anchors
        np.testing.assert_allclose(found["I(anchor; M)"], found["I(h; M)"], atol=1e-9)
    assert noisy["step 29"].min() < -0.01
    np.testing.assert_allclose(noisy["step 29"], noisy["I(anchor; M)"] - noisy["I(h; M)"], atol=1e-12)


def test_the_mend_holds_everywhere():
    gaussian = joined([generalization.gaussian(0, 0, 40)])
    assert gaussian["slack"].max() < 0  # noise of its own in the prompt, and noise added
    for found in (gaussian, finite("rejection"), finite("noise"), finite("map", True)):
        assert np.abs(generalization.identity_gap(found)).max() < 1e-9
        assert generalization.corrected(found).min() > -1e-9
        assert found["slack"].min() < -0.01


def test_corrected_by_hand():
    columns = {"slack": np.array([-3.0, 1.0]), "step 28": np.array([-1.0, 2.0]), "step 29": np.array([-2.0, -1.0])}
    assert generalization.corrected(columns).tolist() == [0.0, 2.0]
    assert generalization.corrected(columns, ["step 28"]).tolist() == [-2.0, 1.0]


def test_learners_do_not_move_the_slack():
    found = generalization.other_learners(0, 0, 20)
    assert max(found["change"]) < 1e-9
    assert max(found["distance"]) < 1e-9


def test_streams_by_number_and_kind():
    part = generalization.finite(0, "map", False, 10, 3)
    assert part["slack"] == finite("map")["slack"][10:13].tolist()
    assert part != generalization.finite(1, "map", False, 10, 3)
    assert generalization.finite(0, "none", False, 0, 3)["I(h; M)"] != finite("map")["I(h; M)"][:3].tolist()
    with pytest.raises(ValueError, match="curation = 'magic'"):
        generalization.finite(0, "magic", False, 0, 1)
