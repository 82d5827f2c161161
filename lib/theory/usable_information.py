"""What a learner can use: predictive V-information, and its exact value in a Gaussian mixture, all in bits.

Two quantities go by the name I_V. Xu et al. (ICLR 2020) define predictive V-information by losses,
``I_V = H_V(Y) - H_V(Y|X)``: here ``v_entropy``, ``v_information`` and ``pointwise_v_information``. Section 1 of "Restoring
Task-Relevant Information in Synthetic Data" writes ``max_f I(f(X); Y)``, f in V: here ``plugin_information`` of what f gives.

The exact world is the balanced mixture ``x = y mu + noise eta``, y = +-1, eta standard normal. ``separation = 2 |mu|`` is the
distance of the class means; it is spread evenly over ``dimension`` coordinates, of which the linear logistic models of V
see ``kept``. Only ratios count: what V sees is one number, ``m = separation sqrt(kept / dimension) / (2 noise)``.
"""

import math
from collections import namedtuple

from lib.theory import gaussian
from lib.theory.checks import integer, listed, positive, probability, real
from lib.theory.estimate import Estimate

LN2 = math.log(2.0)
_WIDTH = 8.0  # half width of the integrals in standard deviations: beyond it lies 1e-15 of a Gaussian
_NEGLIGIBLE = 40.0  # a margin above which the loss, exp(-40) = 4e-18, is dropped
_SATURATED = 40.0  # from this m on all information is 1 bit to the last digit
_FAINT = 0.01  # up to this m information is a power series in m, where 1 less an entropy would cancel
_LARGEST = 1e100  # of a loss in nats: squares of losses stay finite

PluginInformation = namedtuple("PluginInformation", ("bits", "corrected"))


def v_entropy(losses) -> float:
    """Predictive V-entropy in bits: the mean loss ``-ln f[x](y)`` on held-out examples over ln 2.

    Args: ``losses``, one number in [0, 1e100] an example, in nats, as ``cross_entropy(..., reduction="none")`` gives them. For
    ``H_V(Y)`` they come from the best f of V that sees no x. A trained f bounds the infimum over V from above, up to the
    noise of the held-out draw. Raises ValueError outside, or without examples.
    Source: Xu et al. 2020, Definition 2. Checked by tests/theory/test_usable_information.py::test_entropies_by_hand.
    """
    checked = _losses("losses", losses, 1)
    return sum(checked) / (len(checked) * LN2)


def v_information(losses, null_losses) -> Estimate:
    """Predictive V-information ``H_V(Y) - H_V(Y|X)`` on held-out examples: an Estimate in bits.

    Args: ``losses`` with x, ``null_losses`` without, of the same examples in the same order (nats, [0, 1e100]), at least two.
    The value is the mean of ``pointwise_v_information``; the error is that of this mean over the held-out draw only. It leaves
    out that a trained f falls short of the best of V, by about k / (2 n ln 2) for k weights and n training examples, and it
    is too small where a few examples carry the loss. A model that is worse than none has negative bits. Raises ValueError
    outside, or if the lengths differ.
    Source: Xu et al. 2020, Definition 3. Checked by tests/theory/test_usable_information.py::test_entropies_by_hand.
    """
    with_x, without = _losses("losses", losses, 2), _losses("null_losses", null_losses, 2)
    if len(with_x) != len(without):
        raise ValueError(f"null_losses has {len(without)} numbers for {len(with_x)} losses; allowed: as many")
    gains = [(null - loss) / LN2 for loss, null in zip(with_x, without)]
    count = len(gains)
    mean = sum(gains) / count
    # larger by a power of two, which is exact, where squares would underflow
    scale = 1.0 if max([abs(gain - mean) for gain in gains]) > 1e-140 else 2.0**600
    variance = sum([((gain - mean) * scale) ** 2 for gain in gains]) / (count - 1)
    return Estimate(mean, math.sqrt(variance / count) / scale)


def pointwise_v_information(loss: float, null_loss: float) -> float:
    """Pointwise V-information of one example in bits, ``log2 f[x](y) - log2 f[](y)``: what x tells V about this y.

    Args: loss ``-ln f[x](y)`` and null_loss ``-ln f[](y)`` in nats, [0, 1e100]. Negative where x misleads. Raises ValueError
    outside. Source: Ethayarajh et al., ICML 2022, Definition 4.1.
    Checked by tests/theory/test_usable_information.py::test_entropies_by_hand.
    """
    loss = real("loss", loss, 0.0, _LARGEST)
    return (real("null_loss", null_loss, 0.0, _LARGEST) - loss) / LN2


def plugin_information(counts) -> PluginInformation:
    """Information between rows and columns of a table of counts, such as a confusion matrix: (bits, corrected).

    ``bits = sum n_ij / n log2(n_ij n / (n_i n_j))`` is exact for the table itself. As an estimate for its source it is too
    high; Miller and Madow's first-order term is taken off in ``corrected = bits - (K_ij - K_i - K_j + 1) / (2 n ln 2)``, K
    the numbers of cells, rows and columns that are not empty. It may be negative, so that it is right on average at zero.
    With f's outputs as rows this bounds ``max_f I(f(X); Y)`` from below. Both are good to 1e-15 bits, and no better: a table
    that is independent to seven digits has 0 bits, give or take that much.

    Args: ``counts``, rows of equal length, whole numbers in [0, 1e15], not all zero. Raises ValueError outside.
    Source: Section 1 of "Restoring Task-Relevant Information in Synthetic Data", last formula; Miller 1955.
    Checked by tests/theory/test_usable_information.py::test_plugin_information_against_scikit_learn and
    ::test_miller_madow_takes_the_bias_off.
    """
    rows = [listed(f"counts[{i}]", row) for i, row in enumerate(listed("counts", counts, "a list of rows"))]
    rows = [[integer(f"counts[{i}][{j}]", n, 0, 10**15) for j, n in enumerate(row)] for i, row in enumerate(rows)]
    if len({len(row) for row in rows}) != 1:
        raise ValueError(
            f"counts have rows of {[len(row) for row in rows]} numbers; allowed: at least one row, all equal"
        )
    of_row = [sum(row) for row in rows]
    of_column = [sum([row[j] for row in rows]) for j in range(len(rows[0]))]
    total = sum(of_row)
    if total == 0:
        raise ValueError("counts are 0 in all; allowed: at least one example")
    bits, cells = 0.0, 0
    for row, n_row in zip(rows, of_row):
        for n, n_column in zip(row, of_column):
            if n > 0:
                cells += 1
                bits += n / total * math.log(n / n_row * (total / n_column)) / LN2
    excess = cells - sum([n > 0 for n in of_row]) - sum([n > 0 for n in of_column]) + 1
    return PluginInformation(bits, bits - excess / (2.0 * total * LN2))


def binary_entropy(p: float) -> float:
    """Entropy in bits of a coin that shows heads with probability p, ``-p log2 p - (1-p) log2(1-p)``.

    Raises ValueError unless p is in [0, 1]. Checked by tests/theory/test_usable_information.py::test_binary_entropy.
    """
    p = probability("p", p)
    if 0.0 < p < 1e-5:  # there log(1 - p) would lose the digits of p
        return p * (((1.0 - p) * (1.0 + p * (0.5 + p / 3.0)) - math.log(p)) / LN2)
    return -sum([each * math.log(each) for each in (p, 1.0 - p) if each > 0.0]) / LN2


def margin_cross_entropy(mean: float, deviation: float) -> float:
    """Cross-entropy in bits of a logistic model whose margin is Gaussian: ``E log2(1 + exp(-M))``, M ~ N(mean, deviation^2).

    The margin is the log-odds that the model gives to the label that came. In the mixture a model with weights w has
    ``mean = w . mu`` and ``deviation = noise |w|``: this is its population loss, without a held-out draw. The trapezoidal rule
    converges exponentially here: with step h its error is ``exp(-2 pi^2 / (deviation h))``, from the pole at M = i pi.

    Args: mean in [-1e6, 1e6], deviation in [0, 1000]. Absolute error below 1e-11 times ``max(1, |mean|, deviation)``. Raises
    ValueError outside. Source: Xu et al. 2020, Definition 2, for logistic V.
    Checked by tests/theory/test_usable_information.py::test_margin_cross_entropy_against_scipy.
    """
    mean, deviation = real("mean", mean, -1e6, 1e6), real("deviation", deviation, 0.0, 1e3)
    if deviation == 0.0:
        return _softplus(-mean) / LN2
    step = min(0.5, 0.6 / deviation)
    last = max(-_WIDTH, min(_WIDTH, (_NEGLIGIBLE - mean) / deviation))
    total = 0.0
    for k in range(math.ceil(-_WIDTH / step), math.floor(last / step) + 1):
        z = k * step
        total += math.exp(-0.5 * z * z) * _softplus(-mean - deviation * z)
    return total * step / (math.sqrt(2.0 * math.pi) * LN2)


def mixture_v_information(separation: float, noise: float, dimension: int, kept: int) -> float:
    """V-information in bits of the mixture for logistic models that see ``kept`` of ``dimension`` coordinates.

    ``1 - E log2(1 + exp(-M))``, M ~ N(2 m^2, 4 m^2), ``m = separation sqrt(kept / dimension) / (2 noise)``. The best member
    of V gives the log-odds ``2 mu_V . x_V / noise^2``; it is Bayes' rule for what V sees, so I_V is here the Shannon
    information of the coordinates kept, and also ``max_f I(f(X); Y)`` over real-valued scores f.

    Args: separation, the distance ``2 |mu|`` of the class means, in [0, inf); noise, standard deviation of each coordinate
    within a class, positive; dimension in [1, 1e9], the number of coordinates that share the separation evenly; kept in
    [0, dimension]. Raises ValueError outside. Source: Xu et al. 2020, Definition 3.
    Checked by tests/theory/test_usable_information.py::test_mixture_information_against_entropies.
    """
    return _information(_signal(separation, noise, dimension, kept))


def mixture_shannon_information(separation: float, noise: float) -> float:
    """Shannon information I(X; Y) in bits of the same mixture: what all coordinates hold together.

    Args as for ``mixture_v_information``; neither the dimension nor V matters. Source: Cover and Thomas 2006, chapter 2.
    Checked by tests/theory/test_usable_information.py::test_mixture_information_against_entropies.
    """
    return _information(_signal(separation, noise, 1, 1))


def mixture_decision_information(separation: float, noise: float, dimension: int, kept: int) -> float:
    """``max_f I(f(X); Y)`` in bits of the same mixture if f gives a decision, +1 or -1: ``1 - h(error)``.

    h is ``binary_entropy`` and the error is ``cdf(-m)``, that of the best linear classifier of the coordinates kept. The
    information in an infinite confusion matrix. Args as for ``mixture_v_information``.
    Source: Section 1 of "Restoring Task-Relevant Information in Synthetic Data", last formula.
    Checked by tests/theory/test_usable_information.py::test_decisions_against_all_thresholds.
    """
    m = _signal(separation, noise, dimension, kept)
    if m > _FAINT:
        return 1.0 - binary_entropy(gaussian.cdf(-m))
    u = math.erf(m / gaussian.SQRT2) ** 2  # 1 - 2 error, squared
    return u * (1.0 / 2.0 + u * (1.0 / 12.0 + u * (1.0 / 30.0 + u / 56.0))) / LN2


def mixture_accuracy(separation: float, noise: float, dimension: int, kept: int) -> float:
    """Accuracy of the best linear classifier of the coordinates kept, ``cdf(m)``. Args as for ``mixture_v_information``.

    Checked by tests/theory/test_usable_information.py::test_fitted_models_reach_the_formulas.
    """
    return gaussian.cdf(_signal(separation, noise, dimension, kept))


def _signal(separation, noise, dimension, kept):
    """m: half the distance of the class means that V sees, in standard deviations."""
    separation = real("separation", separation, 0.0, math.inf, open_high=True)
    noise = positive("noise", noise)
    dimension = integer("dimension", dimension, 1, 10**9)
    if integer("kept", kept, 0, 10**9) > dimension:
        raise ValueError(f"kept = {int(kept)} is outside [0, dimension = {dimension}]")
    kept = int(kept)
    return min(_SATURATED, 0.5 * separation * math.sqrt(kept / dimension) / noise)


def _information(m):
    if m <= _FAINT:  # half the integral of the minimal mean square error, 1 - u + u^2 - 5/3 u^3 + ...
        u = m * m
        return u * (1.0 / 2.0 - u * (1.0 / 4.0 - u * (1.0 / 6.0 - u * (5.0 / 24.0)))) / LN2
    return 1.0 - margin_cross_entropy(2.0 * m * m, 2.0 * m)


def _softplus(x):
    """``ln(1 + exp(x))`` without overflow."""
    return max(x, 0.0) + math.log(1.0 + math.exp(-abs(x)))


def _losses(name, values, at_least):
    checked = [real(f"{name}[{i}]", value, 0.0, _LARGEST) for i, value in enumerate(listed(name, values))]
    if len(checked) < at_least:
        raise ValueError(f"{name} has {len(checked)} numbers; allowed: at least {at_least}")
    return checked
