"""lib.theory.usable_information against closed forms, scipy, scikit-learn, and logistic models fitted on draws."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats
from sklearn.metrics import mutual_info_score

from lib.models.linear import logistic_ridge as logistic
from lib.models.mixtures import two_classes as mixture
from lib.theory import gaussian
from lib.theory import usable_information as theory

# (separation, noise, dimension, kept)
MIXTURES = [(2.0, 1.0, 10, 10), (2.0, 1.0, 10, 3), (0.3, 0.5, 4, 1), (6.0, 1.5, 7, 5), (9.0, 0.8, 3, 2)]
settings = st.tuples(st.floats(0, 30), st.floats(0.05, 10), st.integers(1, 50), st.integers(0, 50)).filter(
    lambda s: s[3] <= s[2]
)


def entropies_apart(m):
    """I(T; Y) in bits as h(T) - h(T|Y), T ~ N(y m, 1): the mixture's information without any log-odds."""

    def density_of_surprise(t):
        density = 0.5 * (stats.norm.pdf(t - m) + stats.norm.pdf(t + m))
        return -density * math.log2(density)

    # even in t; the entropy's integrand peaks near 0 and m, and is below 1e-22 beyond m + 10
    ends = [0.0, m / 2, m, m + 4, m + 10]
    entropy = 2 * sum(integrate.quad(density_of_surprise, a, b, epsabs=1e-12)[0] for a, b in itertools.pairwise(ends))
    return entropy - 0.5 * math.log2(2 * math.pi * math.e)


def fitted(separation, noise, dimension, kept, count, held_out, seed, shuffle=False):
    """Held-out losses in nats and hits of a logistic model that sees ``kept`` coordinates, and its weights."""
    generator = torch.Generator().manual_seed(seed)
    mean = torch.full((dimension,), separation / (2 * math.sqrt(dimension)), dtype=torch.float64)
    x, y = mixture.draw_mixture(count + held_out, mean, noise, generator=generator, dtype=torch.float64)
    if shuffle:
        y = y[torch.randperm(len(y), generator=generator)]
    seen = x[:, :kept]
    weights = logistic.fit_logistic_ridge(seen[:count], y[None, :count], 1e-6)[0]
    margins = y[count:] * (seen[count:] @ weights)
    return -torch.nn.functional.logsigmoid(margins), (margins > 0).double(), weights


def null_losses(losses):
    return [math.log(2.0)] * len(losses)


def test_entropies_by_hand():
    # f[x](y) = 1/2, 1/4, 1 where x is seen, and 1/2 throughout where not
    losses, null = [math.log(2), math.log(4), 0.0], [math.log(2)] * 3
    assert theory.v_entropy(losses) == pytest.approx(1.0, abs=1e-15)
    assert [theory.pointwise_v_information(*pair) for pair in zip(losses, null, strict=True)] == pytest.approx(
        [0, -1, 1]
    )
    bits, error = theory.v_information(losses, null)
    assert bits == pytest.approx(0.0, abs=1e-15)
    assert error == pytest.approx(1 / math.sqrt(3))  # standard deviation of 0, -1, 1 is 1
    assert theory.v_entropy([math.log(10)] * 7) == pytest.approx(math.log2(10), rel=1e-14)  # 3.3219 on CIFAR-10


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), min_size=2, max_size=30))
def test_information_is_a_difference_of_entropies_and_a_mean_of_points(pairs):
    losses, null = zip(*pairs, strict=True)
    bits, error = theory.v_information(losses, null)
    assert bits == pytest.approx(theory.v_entropy(null) - theory.v_entropy(losses), abs=1e-12)
    points = [theory.pointwise_v_information(*pair) for pair in pairs]
    assert bits == pytest.approx(np.mean(points), abs=1e-12)
    assert error == pytest.approx(np.std(points, ddof=1) / math.sqrt(len(points)), abs=1e-12)


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 1000), min_size=width, max_size=width), min_size=1, max_size=5
        ).filter(lambda table: sum(map(sum, table)) > 0)
    )
)
def test_plugin_information_against_scikit_learn(table):
    expected = mutual_info_score(None, None, contingency=np.array(table)) / math.log(2)
    assert theory.plugin_information(table).bits == pytest.approx(expected, abs=1e-12)


def test_plugin_information_of_known_tables():
    assert theory.plugin_information([[5, 0], [0, 5]]) == pytest.approx((1.0, 1.0 - -1 / (20 * math.log(2))))
    assert theory.plugin_information([[8, 2], [2, 8]]).bits == pytest.approx(1 - theory.binary_entropy(0.2))
    assert theory.plugin_information([[4, 6], [4, 6]]).bits == pytest.approx(0.0, abs=1e-15)
    diagonal = [[10**6 if i == j else 0 for j in range(10)] for i in range(10)]
    assert theory.plugin_information(diagonal).bits == pytest.approx(math.log2(10))


def test_miller_madow_takes_the_bias_off():
    # labels and predictions that know nothing of each other, ten classes: the truth is 0
    rng = np.random.default_rng(7)
    tables = rng.multinomial(2000, [0.01] * 100, size=400).reshape(-1, 10, 10)
    plain, corrected = (np.array(each) for each in zip(*map(theory.plugin_information, tables.tolist()), strict=True))
    error = corrected.std(ddof=1) / math.sqrt(len(tables))
    assert plain.mean() == pytest.approx(81 / (2 * 2000 * math.log(2)), rel=0.05)  # (10-1)^2 / (2 n ln 2), first order
    assert plain.mean() > 50 * error
    # the next order of the bias is about 1/n of the first times the number of cells: 5 % of it
    assert abs(corrected.mean()) < 4 * error + 0.05 * plain.mean()


@pytest.mark.parametrize("p", [0.0, 1e-300, 1e-9, 0.1, 0.5, 0.75, 1.0])
def test_binary_entropy(p):
    assert theory.binary_entropy(p) == pytest.approx(stats.entropy([p, 1 - p], base=2), abs=1e-15)


@pytest.mark.parametrize("deviation", [0.0, 1e-3, 0.1, 1.0, 3.0, 10.0, 60.0, 1000.0])
@pytest.mark.parametrize("ratio", [-6.0, -1.0, 0.0, 0.5, 2.0, 7.0])
def test_margin_cross_entropy_against_scipy(deviation, ratio):
    mean = ratio * max(deviation, 1.0)
    if deviation == 0.0:
        expected = np.logaddexp(0.0, -mean) / math.log(2)
    else:
        kink = -mean / deviation  # there the loss turns from linear to nothing, within a few 1/deviation
        cuts = sorted({-38.0, 38.0} | {kink + shift / deviation for shift in (-40, -5, 0, 5, 40)})
        cuts = [cut for cut in cuts if -38.0 <= cut <= 38.0]

        def loss(z):
            return stats.norm.pdf(z) * np.logaddexp(0.0, -mean - deviation * z) / math.log(2)

        pieces = [np.linspace(a, b, 5) for a, b in itertools.pairwise(cuts)]
        expected = sum(
            integrate.quad(loss, a, b, epsabs=1e-13, epsrel=1e-12)[0]
            for piece in pieces
            for a, b in itertools.pairwise(piece)
        )
    tolerance = 1e-11 * max(1.0, abs(mean), deviation)  # as the docstring says
    assert theory.margin_cross_entropy(mean, deviation) == pytest.approx(expected, rel=0, abs=tolerance)


def test_margin_cross_entropy_against_draws():
    z = np.random.default_rng(5).normal(size=400_000)
    for mean, deviation in [(0.0, 2.0), (2.0, 2.0), (-1.0, 0.5), (5.0, 12.0)]:
        losses = np.logaddexp(0.0, -mean - deviation * z) / math.log(2)
        error = losses.std() / math.sqrt(len(z))
        assert abs(losses.mean() - theory.margin_cross_entropy(mean, deviation)) < 4 * error


@pytest.mark.parametrize("setting", MIXTURES)
def test_mixture_information_against_entropies(setting):
    separation, noise, dimension, kept = setting
    whole = separation / (2 * noise)
    # the oracle's four quadratures ask for 1e-12 each, and its two entropies are of size 2
    assert theory.mixture_v_information(*setting) == pytest.approx(
        entropies_apart(whole * math.sqrt(kept / dimension)), rel=0, abs=1e-10
    )
    assert theory.mixture_shannon_information(separation, noise) == pytest.approx(
        entropies_apart(whole), rel=0, abs=1e-10
    )


@pytest.mark.parametrize("setting", MIXTURES)
def test_no_member_of_v_does_better(setting):
    """The infimum over weights of the logistic models' population loss, found numerically, is H_V(Y|X)."""
    separation, noise, dimension, kept = setting
    mean = np.full(kept, separation / (2 * math.sqrt(dimension)))

    def bits(weights):
        return theory.margin_cross_entropy(float(weights @ mean), noise * float(np.linalg.norm(weights)))

    start = np.random.default_rng(2).normal(size=kept) * 0.1
    found = optimize.minimize(
        bits, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-12, "maxfev": 20000}
    )
    best = bits(2 * mean / noise**2)
    assert 1 - best == pytest.approx(theory.mixture_v_information(*setting), abs=1e-10)
    assert found.fun >= best - 1e-10


@pytest.mark.parametrize("setting", MIXTURES)
def test_decisions_against_all_thresholds(setting):
    """max_f I(f(X); Y) over every threshold of the best direction, each a binary channel of its own."""
    separation, noise, dimension, kept = setting
    m = separation * math.sqrt(kept / dimension) / (2 * noise)

    def information(threshold):
        right, wrong = gaussian.cdf(m - threshold), gaussian.cdf(-m - threshold)
        given_y = (theory.binary_entropy(right) + theory.binary_entropy(wrong)) / 2
        return theory.binary_entropy((right + wrong) / 2) - given_y

    best = max(information(threshold) for threshold in np.linspace(-m - 3, m + 3, 2001))  # holds 0, by symmetry
    assert theory.mixture_decision_information(*setting) == pytest.approx(best, abs=1e-12)


@given(settings)
def test_data_processing(setting):
    """Each step of processing, all x -> what V sees -> a decision, loses or keeps information, and ends above 0."""
    shannon = theory.mixture_shannon_information(*setting[:2])
    seen, decided = theory.mixture_v_information(*setting), theory.mixture_decision_information(*setting)
    rounding = 1e-11
    assert -rounding <= decided <= seen + rounding <= shannon + 2 * rounding <= 1 + 3 * rounding


@given(settings.filter(lambda s: s[3] < s[2]), st.floats(1.0, 3.0))
def test_information_grows_with_what_is_kept_and_with_the_ratio_only(setting, factor):
    separation, noise, dimension, kept = setting
    value = theory.mixture_v_information(*setting)
    assert theory.mixture_v_information(separation, noise, dimension, kept + 1) >= value - 1e-11
    assert theory.mixture_v_information(separation * factor, noise, dimension, kept) >= value - 1e-11
    assert theory.mixture_v_information(separation * factor, noise * factor, dimension, kept) == pytest.approx(
        value, abs=1e-11
    )
    assert theory.mixture_v_information(separation, noise, dimension, dimension) == pytest.approx(
        theory.mixture_shannon_information(separation, noise), abs=1e-15
    )


def test_limits():
    functions = theory.mixture_v_information, theory.mixture_decision_information
    for function in functions:
        assert function(0.0, 1.0, 5, 3) == pytest.approx(0.0, abs=1e-14)  # no separation
        assert function(3.0, 1.0, 5, 0) == pytest.approx(0.0, abs=1e-14)  # nothing seen
        assert function(30.0, 1.0, 5, 5) == pytest.approx(1.0, abs=1e-14)  # far apart: all of the label
        assert function(1e300, 1e-300, 5, 5) == 1.0
    # small m: I = m^2 / (2 ln 2) for the scores, and 2/pi of it for decisions; the next order is m^4 relative to m^2
    m = 1e-3
    assert functions[0](2 * m, 1.0, 1, 1) == pytest.approx(m * m / (2 * math.log(2)), rel=1e-5)
    assert functions[1](2 * m, 1.0, 1, 1) == pytest.approx(m * m / (math.pi * math.log(2)), rel=1e-5)


@pytest.mark.parametrize("setting", MIXTURES[:4])
def test_fitted_models_reach_the_formulas(setting):
    separation, noise, _, kept = setting
    losses, hits, weights = fitted(*setting, count=20_000, held_out=100_000, seed=11)
    bits, error = theory.v_information(losses.tolist(), null_losses(losses))
    excess = kept / (2 * 20_000 * math.log(2))  # what fitting costs on average: one half nat a weight over n
    assert abs(bits - theory.mixture_v_information(*setting)) < 4 * error + 4 * excess
    assert (
        abs(float(hits.mean()) - theory.mixture_accuracy(*setting))
        < 4 * float(hits.std()) / math.sqrt(len(hits)) + excess
    )
    # and the population loss of these very weights needs no held-out draw
    mean = separation / (2 * math.sqrt(setting[2])) * float(weights.sum())
    population = theory.margin_cross_entropy(mean, noise * float(weights.norm()))
    assert abs(bits - (1 - population)) < 4 * error
    assert 1 - population <= theory.mixture_v_information(*setting) + 1e-11


def test_shuffled_labels_hold_no_information():
    setting = (4.0, 1.0, 10, 10)
    for seed in range(5):
        losses, _, _ = fitted(*setting, count=2000, held_out=20_000, seed=seed, shuffle=True)
        bits, error = theory.v_information(losses.tolist(), null_losses(losses))
        assert bits < 4 * error
    losses, _, _ = fitted(*setting, count=2000, held_out=20_000, seed=0)
    bits, error = theory.v_information(losses.tolist(), null_losses(losses))
    assert bits > 100 * error  # the same pipeline with the labels in place


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.v_entropy([]), r"losses has 0 numbers; allowed: at least 1"),
        (lambda: theory.v_entropy([0.1, -0.1]), r"losses\[1\] = -0\.1 is outside \[0, 1e\+100\]"),
        (lambda: theory.v_entropy([math.nan]), r"losses\[0\] = nan is outside \[0, 1e\+100\]"),
        (lambda: theory.v_information([0.1], [0.7]), r"losses has 1 numbers; allowed: at least 2"),
        (
            lambda: theory.v_information([0.1] * 3, [0.7] * 2),
            r"null_losses has 2 numbers for 3 losses; allowed: as many",
        ),
        (lambda: theory.pointwise_v_information(0.1, math.inf), r"null_loss = inf is outside \[0, 1e\+100\]"),
        (
            lambda: theory.plugin_information([[1, 2], [3]]),
            r"counts have rows of \[2, 1\] numbers; allowed: .* all equal",
        ),
        (lambda: theory.plugin_information([]), r"counts have rows of \[\] numbers; allowed: at least one row"),
        (lambda: theory.plugin_information([[0, 0]]), r"counts are 0 in all; allowed: at least one example"),
        (lambda: theory.plugin_information([[1, -2]]), r"counts\[0\]\[1\] = -2 is outside \[0, 1000000000000000\]"),
        (lambda: theory.binary_entropy(1.2), r"p = 1\.2 is outside \[0, 1\]"),
        (lambda: theory.margin_cross_entropy(0, 2000), r"deviation = 2000\.0 is outside \[0, 1000\]"),
        (lambda: theory.mixture_v_information(-1, 1, 3, 2), r"separation = -1\.0 is outside \[0, inf\)"),
        (lambda: theory.mixture_v_information(1, 0, 3, 2), r"noise = 0\.0 is outside \(0, inf\)"),
        (lambda: theory.mixture_accuracy(1, 1, 3, 4), r"kept = 4 is outside \[0, dimension = 3\]"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
