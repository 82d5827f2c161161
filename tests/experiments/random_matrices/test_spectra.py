"""Spectra, traces and deltas against quadrature, closed forms, numpy on the same draws, and the theory."""

import copy
import json

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from lib import paths, seeds, statistics
from lib.experiments.random_matrices import spectra
from lib.theory.random_matrices.marchenko_pastur import marchenko_pastur_density, marchenko_pastur_edges
from lib.theory.random_matrices.ridge import ridge

PUBLISHED = json.loads((paths.ROOT / "data/published/random-matrices.json").read_text())


def test_eigenvalues_are_those_of_the_rows():
    rows = torch.randn(30, 8, generator=seeds.generator(3, spectra.NOTEBOOK, "eigenvalues", 8, 30)).numpy()
    peer = np.sort(np.linalg.svd(rows.astype(float), compute_uv=False) ** 2 / 30)
    assert spectra.eigenvalues(seed=3, p=8, rows=30) == pytest.approx(peer, abs=1e-12)


def test_eigenvalues_use_every_block_of_rows():
    rows = spectra.BLOCK + 900
    values = spectra.eigenvalues(seed=1, p=3, rows=rows)
    assert np.mean(values) == pytest.approx(1, abs=4 * (2 / (3 * rows)) ** 0.5)


@pytest.mark.parametrize("ratio", [0.01, 0.3, 2.0])
def test_cumulative_against_quadrature(ratio):
    low, high = marchenko_pastur_edges(ratio)
    atom = max(0.0, 1 - 1 / ratio)
    for share in (0.2, 0.5, 0.9):
        t = low + share * (high - low)
        mass = quad(marchenko_pastur_density, low, t, args=(ratio,))[0]
        assert spectra.cumulative(np.array([t]), ratio)[0] == pytest.approx(atom + mass, abs=1e-5)
    assert spectra.cumulative(np.array([low - 1, high + 1]), ratio) == pytest.approx([atom, 1], abs=1e-5)


def at_quantiles(count, ratio):
    """Eigenvalues that lie as evenly as the law allows, zeros first."""
    fine = np.linspace(*marchenko_pastur_edges(ratio), 200001)
    middle = (np.arange(count) + 0.5) / count
    return [0.0] * (count - 50) + np.interp(middle[-50:], spectra.cumulative(fine, ratio), fine).tolist()


@pytest.mark.parametrize(("count", "ratio"), [(50, 0.3), (100, 2.0)])
def test_distance(count, ratio):
    values = at_quantiles(count, ratio)
    assert spectra.distance(values, ratio) < 1e-6
    values[-1] = values[-6]  # the last eigenvalue stands five steps too low
    assert spectra.distance(values, ratio) == pytest.approx(5 / count, abs=1e-6)


def test_histogram_is_a_density_over_all_eigenvalues():
    values = [0.0] * 30 + np.linspace(1, 2, 70).tolist()
    heights, edges = spectra.histogram(values, bins=7)
    assert (heights * np.diff(edges)).sum() == pytest.approx(0.7)
    assert heights == pytest.approx(0.7)
    assert (edges[0], edges[-1]) == (1, 2)
    assert spectra.share_above_zero(values) == 0.7


@pytest.mark.parametrize(("gamma", "ratio"), [(0.5, 0.5), (0.1, 0.2)])
def test_trace_limit_solves_its_quadratic_equation(gamma, ratio):
    q = 1 - ratio + gamma
    root = ((q**2 + 4 * ratio * gamma) ** 0.5 - q) / (2 * ratio * gamma)
    assert spectra.trace_limit(gamma, ratio) == pytest.approx(root, abs=1e-9)


def test_traces():
    rows = torch.randn(40, 20, generator=seeds.generator(1, spectra.NOTEBOOK, "traces", 20, 40)).double().numpy()
    peer = np.trace(np.linalg.inv(rows.T @ rows / 40 + 0.5 * np.eye(20))) / 20
    found = spectra.traces(seed=1, p=20, rows=40, gamma=0.5, draws=2)
    assert found[0] == pytest.approx(peer, abs=1e-12)
    assert found[1] != found[0]
    mean, error = statistics.mean_and_error(spectra.traces(seed=1, p=60, rows=120, gamma=0.5, draws=40))
    assert mean == pytest.approx(spectra.trace_limit(0.5, 0.5), abs=4 * error + 0.5 / 60)


@pytest.mark.parametrize("name", spectra.SETTINGS)
def test_deltas_meet_the_corrected_theory(name):
    own = spectra.setting(name, 60)
    drawn = [spectra.deltas(seed=1, draw=k, **own) for k in range(25)]
    means, errors = statistics.means_and_errors(drawn)
    for mean, error, delta in zip(means, errors, spectra.DELTAS, strict=True):
        limit = getattr(spectra.in_theory("corrected", own), delta)
        assert mean == pytest.approx(limit, abs=4 * error + limit / 60)
    printed = spectra.in_theory("as printed", own).delta_s
    assert (abs(printed - means[1]) > 10 * errors[1]) == (name != "nothing pruned")


def test_deltas_are_named_by_their_arguments():
    own = spectra.figure_2_setting(10, 20, 2)
    assert own == {"gamma": 1.0, "epsilon": 0.2, "psi": 0.2, "phi": 0.9, "p": 10, "n": 20, "m": 40, "n_hat": 20}
    first = spectra.deltas(seed=1, draw=0, **own)
    assert first == spectra.deltas(seed=1, draw=0, **own)
    assert first != spectra.deltas(seed=1, draw=1, **own)
    assert first != spectra.deltas(seed=2, draw=0, **own)


def test_the_setting_that_scatters_most_has_most_draws():
    """Standard deviations of delta_s, relative: what MORE_DRAWS rests on."""
    scatter = {}
    for name in ("heavy pruning", "strong verifier", "weak verifier", "nothing pruned"):
        drawn = np.array([spectra.deltas(seed=1, draw=k, **spectra.setting(name, 60)) for k in range(60)])[:, 1]
        scatter[name] = drawn.std(ddof=1) / drawn.mean()
    assert scatter["heavy pruning"] > 2 * max(value for name, value in scatter.items() if name != "heavy pruning")
    assert [spectra.draws_of(name, 3) for name in spectra.SETTINGS] == [3, 3, 30, 3]


def test_compared_and_gaps():
    corrected = {name: spectra.in_theory("corrected", spectra.setting(name, 100)).delta_s for name in spectra.SETTINGS}
    drawn = {name: [[0, 0.98 * value, 0], [0, 1.02 * value, 0]] for name, value in corrected.items()}
    drawn["heavy pruning"] = (1.1 * np.array(drawn["heavy pruning"])).tolist()
    rows = spectra.compared(drawn, 100)
    assert [row["setting"] for row in rows] == list(spectra.SETTINGS)
    assert [row["share kept"] for row in rows] == pytest.approx([0.66, 0.65, 0.34, 1.0])
    assert rows[0]["drawn"].value == pytest.approx(rows[0]["corrected"])
    assert rows[0]["drawn"].standard_error == pytest.approx(0.02 * rows[0]["corrected"])
    assert rows[3]["as printed"] == pytest.approx(rows[3]["corrected"])
    found = spectra.gaps(rows)
    assert found["corrected"].value == pytest.approx(1 - 1 / 1.1)
    assert found["printed"].value == pytest.approx(1 - rows[2]["as printed"] / rows[2]["drawn"].value)


def test_published_gap():
    assert spectra.published_gap(PUBLISHED) < 0.001
    moved = copy.deepcopy(PUBLISHED)
    moved["fig2_delta_g"]["lines"]["green"][0][7][1] += 0.3
    assert spectra.published_gap(moved) == pytest.approx(0.3, abs=0.001)
    x, _ = spectra.published_curve(PUBLISHED, "delta_s", 5)
    assert x == pytest.approx(np.array(spectra.PUBLISHED_P) / spectra.PUBLISHED_N, abs=0.02)
    limit = ridge(p=10, n=1000, m=5000, n_hat=1000, mu_norm=3.0, gamma=1, epsilon=0.2, psi=0.2, phi=0.9)
    assert spectra.curve("corrected", "delta_s", 5)[0] == pytest.approx(limit.delta_s)


def test_leverage():
    x = torch.randn(80, 30, generator=seeds.generator(2, spectra.NOTEBOOK, "leverage", 30, 80)).double().numpy()
    squares = np.linalg.svd(x, compute_uv=False) ** 2
    found = spectra.leverage(seed=2, p=30, n=80, gamma=0.1)
    assert found == pytest.approx((squares / (squares + 80 * 0.1)).sum() / 80, abs=1e-12)
    delta = ridge(p=30, n=80, m=0, n_hat=1, mu_norm=0, gamma=0.1, epsilon=0, psi=1, phi=1).delta_r
    assert found == pytest.approx(delta / (1 + delta), abs=0.01)
