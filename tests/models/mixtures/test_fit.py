"""Batched expectation maximization against scikit-learn, against what EM guarantees, and on degenerate data."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from lib.models.mixtures import _densities as densities
from lib.models.mixtures.fit import fit
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures


def scenes(problems=12, n=400, components=4, dimension=2, seed=0):
    """Training and held-back points (B, N, d) of random mixtures, and the mixtures."""
    g = torch.Generator().manual_seed(seed)
    factors = torch.randn(problems, components, dimension, dimension, generator=g, dtype=torch.float64)
    truth = GaussianMixtures(
        torch.full((problems, components), 1 / components),
        10 * torch.rand(problems, components, dimension, generator=g, dtype=torch.float64),
        factors @ factors.mT + 1e-3 * torch.eye(dimension),
    )
    return truth.sample(n, generator=g), truth.sample(n, generator=g), truth


def starts_of(x, components, seed=0):
    """Rough mixtures to begin with: unit covariances at random points."""
    g = torch.Generator().manual_seed(seed)
    chosen = torch.stack([torch.randperm(x.shape[1], generator=g)[:components] for _ in x])
    means = x.gather(1, chosen[..., None].expand(-1, -1, x.shape[2]))
    identity = torch.eye(x.shape[2]).expand(*means.shape, x.shape[2])
    return GaussianMixtures(torch.full(means.shape[:2], 1 / components, dtype=torch.float64), means, identity)


def quiet_fit(model, points):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # both may stop at the limit of steps
        return model.fit(points)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), components=st.integers(1, 6), dimension=st.integers(1, 4))
def test_same_start_as_scikit_learn(seed, components, dimension):
    x, held_back, _ = scenes(3, 200, components, dimension, seed)
    initial = starts_of(x, components, seed)
    found = fit(x, components, initial=initial)
    for b in range(3):
        model = GaussianMixture(
            components,
            weights_init=initial.weights[b].numpy(),
            means_init=initial.means[b].numpy(),
            precisions_init=np.linalg.inv(initial.covariances[b].numpy()),
        )
        model = quiet_fit(model, x[b].numpy())
        assert model.n_iter_ == found.iterations[b]
        assert model.converged_ == found.converged[b]
        # the issue asks for 0.001; the steps are the same, so that rounding is all that is left
        np.testing.assert_allclose(found.log_likelihood[b], model.score(x[b].numpy()), atol=1e-7)
        np.testing.assert_allclose(
            found.mixtures[b : b + 1].log_prob(held_back[b : b + 1])[0].mean(),
            model.score(held_back[b].numpy()),
            atol=1e-6,
        )


def test_own_starts_are_as_good_as_scikit_learns():
    x, _, _ = scenes(40, 500, 6, seed=3)
    ours = torch.stack([fit(x, 6, generator=torch.Generator().manual_seed(s)).log_likelihood for s in range(8)]).numpy()
    theirs = np.array(
        [[quiet_fit(GaussianMixture(6, random_state=s), each.numpy()).lower_bound_ for each in x] for s in range(8)]
    )
    difference = (ours - theirs).mean(0)
    # standard error over problems of a mean over seeds; three of them, and the allowance of same starts
    assert difference.mean() > -3 * difference.std(ddof=1) / np.sqrt(len(difference)) - 0.001


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), components=st.integers(1, 5), dimension=st.integers(1, 3))
def test_log_likelihood_never_falls(seed, components, dimension):
    # from the truth on: elsewhere EM without regularization may run into a single point
    x, _, state = scenes(4, 400, components, dimension, seed)
    before = torch.full((4,), -torch.inf, dtype=torch.float64)
    for _ in range(12):
        found = fit(x, components, initial=state, max_steps=1, tolerance=0, regularization=0)
        assert (found.log_likelihood >= before - 1e-10).all()
        state, before = found.mixtures, found.log_likelihood


def test_steps_one_by_one_are_the_steps_at_once():
    x, _, _ = scenes(seed=5)
    state = starts_of(x, 4)
    at_once = fit(x, 4, initial=state, max_steps=7, tolerance=0)
    for _ in range(7):
        state = fit(x, 4, initial=state, max_steps=1, tolerance=0).mixtures
    torch.testing.assert_close(at_once.mixtures.means, state.means, rtol=0, atol=1e-9)
    assert (at_once.iterations == 7).all()
    assert not at_once.converged.any()


def test_recovers_separated_components():
    g = torch.Generator().manual_seed(0)
    corners = torch.tensor([[0.0, 0.0], [30.0, 0.0], [0.0, 30.0], [30.0, 30.0]], dtype=torch.float64)
    weights = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)
    truth = GaussianMixtures(weights.expand(25, 4), corners.expand(25, 4, 2), torch.eye(2).expand(25, 4, 2, 2))
    n = 4000
    found = fit(truth.sample(n, generator=g), 4, generator=g, starts=3).mixtures
    order = torch.cdist(corners.expand(25, 4, 2), found.means).argmin(2)
    means = found.means.gather(1, order[..., None].expand(-1, -1, 2))
    # components do not overlap: means have standard error 1/sqrt(n w), weights sqrt(w (1-w) / n)
    assert ((means - corners) * (n * weights).sqrt()[:, None]).abs().max() < 4.5
    assert ((found.weights.gather(1, order) - weights) / (weights * (1 - weights) / n).sqrt()).abs().max() < 4.5
    spread = found.covariances.gather(1, order[..., None, None].expand(-1, -1, 2, 2))
    assert ((spread - torch.eye(2)) * (n * weights / 2).sqrt()[:, None, None]).abs().max() < 4.5


def test_more_starts_find_more():
    x, _, _ = scenes(30, 300, 6, seed=2)
    one, ten = (fit(x, 6, generator=torch.Generator().manual_seed(0), starts=count) for count in (1, 10))
    assert ten.log_likelihood.mean() > one.log_likelihood.mean()
    torch.testing.assert_close(ten.mixtures.log_prob(x).mean(1), ten.log_likelihood)


def test_ragged_data():
    x, _, _ = scenes(6, 300, seed=1)
    sizes = [300, 250, 120, 60, 20, 4]
    kept = torch.arange(300) < torch.tensor(sizes)[:, None]
    initial = starts_of(x[:, :4], 4)
    holed = torch.where(kept[..., None], x, torch.nan)  # what is not there may be anything
    together = fit(holed, 4, initial=initial, kept=kept)
    for b, size in enumerate(sizes):
        alone = fit(x[b : b + 1, :size], 4, initial=initial[b : b + 1])
        torch.testing.assert_close(together.mixtures.means[b], alone.mixtures.means[0], rtol=0, atol=1e-8)
        torch.testing.assert_close(together.log_likelihood[b], alone.log_likelihood[0], rtol=0, atol=1e-9)
        assert together.iterations[b] == alone.iterations[0]
    own = fit(holed, 4, generator=torch.Generator().manual_seed(0), kept=kept)
    assert own.log_likelihood.isfinite().all()


def test_blocks_change_nothing(monkeypatch):
    x, _, _ = scenes(seed=4)
    initial = starts_of(x, 4)
    whole = fit(x, 4, initial=initial)
    monkeypatch.setitem(densities.BLOCK, "cpu", 1)
    apart = fit(x, 4, initial=initial)
    torch.testing.assert_close(whole.mixtures.means, apart.mixtures.means, rtol=0, atol=1e-8)
    assert torch.equal(whole.iterations, apart.iterations)


@pytest.mark.parametrize("origin", [1e3, 1e6])
def test_origin_does_not_matter(origin):
    x, _, _ = scenes(seed=6)
    near, far = (fit(x + shift, 4, generator=torch.Generator().manual_seed(0)) for shift in (0.0, origin))
    # x + 1e6 has lost six of its digits itself
    torch.testing.assert_close(near.log_likelihood, far.log_likelihood, rtol=0, atol=1e-6)


def test_seed_decides():
    x, _, _ = scenes()
    one, same = (fit(x, 4, generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(one.mixtures.means, same.mixtures.means)


DEGENERATE = {
    "identical": torch.full((2, 50, 2), 3.0),
    "two places": torch.arange(50).remainder(2).double()[None, :, None].expand(2, 50, 2),
    "collinear": torch.linspace(0, 1, 50, dtype=torch.float64)[None, :, None].expand(2, 50, 2),
    "as many points as components": torch.arange(12, dtype=torch.float64).view(2, 3, 2),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_data_are_fitted(name):
    x = DEGENERATE[name]
    found = fit(x, 3, generator=torch.Generator().manual_seed(0))
    assert found.log_likelihood.isfinite().all()
    assert (torch.linalg.eigvalsh(found.mixtures.covariances) >= 0.9e-6).all()  # the regularization
    torch.testing.assert_close(found.mixtures.weights.sum(1), torch.ones(2, dtype=torch.float64))
    torch.testing.assert_close((found.mixtures.weights[..., None] * found.mixtures.means).sum(1), x.double().mean(1))


def test_one_point():
    found = fit(torch.tensor([[[2.0, -1.0]]]), 1, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(found.mixtures.means, torch.tensor([[[2.0, -1.0]]], dtype=torch.float64))
    torch.testing.assert_close(found.mixtures.covariances[0, 0], 1e-6 * torch.eye(2, dtype=torch.float64))


@pytest.mark.parametrize("name", ["identical", "collinear"])
def test_singular_covariances_are_refused_without_regularization(name):
    x = torch.cat([scenes(1, 50)[0], DEGENERATE[name][:1]])
    with pytest.raises(ArithmeticError, match=r"x\[1\]: every start ends in a singular covariance"):
        fit(x, 2, generator=torch.Generator().manual_seed(0), regularization=0, starts=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": torch.zeros(5, 2)}, r"x has shape \(5, 2\)"),
        ({"x": torch.zeros(1, 0, 2)}, r"x has shape \(1, 0, 2\)"),
        ({"x": torch.full((1, 9, 2), torch.nan)}, "nan or inf"),
        ({"x": torch.full((1, 9, 2), torch.inf)}, "nan or inf"),
        ({"x": torch.zeros(1, 2, 2)}, r"x\[0\] has 2 points, allowed: at least n_components = 3"),
        ({"kept": torch.ones(2, 9, dtype=torch.bool)}, "kept has shape"),
        ({"generator": None}, "generator = None"),
        ({"n_components": 0}, "n_components = 0"),
        ({"starts": 0}, "starts = 0"),
        ({"tolerance": -1.0}, "tolerance = -1"),
        ({"regularization": -1.0}, "regularization = -1"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    good = {"x": torch.randn(1, 9, 2), "n_components": 3, "generator": torch.Generator()}
    with pytest.raises(ValueError, match=message):
        fit(**good | arguments)


def test_given_starts_must_fit():
    x, _, _ = scenes()
    with pytest.raises(ValueError, match="initial has means"):
        fit(x, 3, initial=starts_of(x, 4))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu():
    x, _, _ = scenes()
    initial = starts_of(x, 4)
    there = fit(
        x.cuda(), 4, initial=GaussianMixtures(initial.weights.cuda(), initial.means.cuda(), initial.covariances.cuda())
    )
    torch.testing.assert_close(there.log_likelihood.cpu(), fit(x, 4, initial=initial).log_likelihood, rtol=0, atol=1e-7)
