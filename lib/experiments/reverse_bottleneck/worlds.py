"""Random chains of the reverse-bottleneck paper, finite and Gaussian, on which notebooks 02 and 03 try its statements."""

import numpy as np

from lib.theory.reverse_bottleneck import finite_chain

CURATIONS = ("none", "map", "rejection", "noise", "channel")


def finite_world(
    rng: np.random.Generator,
    *,
    curation: str = "channel",
    noisy_prompt: bool = False,
    dependent: bool = False,
    deterministic_learner: bool = False,
) -> dict:
    """A random world for ``lib.theory.reverse_bottleneck.finite_chain``: two or three values for each of A, P, Q and W.

    Parameters
    ----------
    rng : numpy Generator
    curation : str
        Of M into S: "none"; "map", a random function; "rejection", by random probabilities of being kept; "noise", an independent
        number 0 or 1 added; "channel", any random table.
    noisy_prompt : bool
        Whether e_p has noise of its own; else it is a one-to-one function of the anchors, as the paper's reversible phi_T.
    dependent : bool
        Whether the model factor depends on the prompt factor.
    deterministic_learner : bool
        Whether W is a function of S.

    Raises
    ------
    ValueError
        For another kind of curation.

    Notes
    -----
    The maps h and g have values from 0 to 2. Rows of probabilities come from a Dirichlet law of parameter 1/2, so that nearly
    deterministic ones are common. Checked by tests/experiments/reverse_bottleneck/test_worlds.py.
    """
    if curation not in CURATIONS:
        raise ValueError(f"curation = {curation!r}; allowed: {', '.join(CURATIONS)}")
    anchors, models, learners = (int(k) for k in rng.integers(2, 4, 3))
    prompts = int(rng.integers(2, 4)) if noisy_prompt else anchors
    h, g = _map(rng, prompts), _map(rng, models)
    size = max(h) + max(g) + 1
    model = _rows(rng, prompts if dependent else 1, models) * (1 if dependent else prompts)
    if curation == "rejection":
        tables = finite_chain.rejection(model, h, g, rng.uniform(0.01, 1, size).tolist())
    else:
        tables = [_curation(rng, curation, size)] * prompts
    data = len(tables[0][0])
    return {
        "anchor": _rows(rng, 1, anchors)[0],
        "prompt": _rows(rng, anchors, prompts) if noisy_prompt else np.eye(anchors).tolist(),
        "model": model,
        "h": h,
        "g": g,
        "curation": tables,
        "learner": np.eye(learners)[rng.integers(0, learners, data)].tolist()
        if deterministic_learner
        else _rows(rng, data, learners),
        "anchor_learner": _rows(rng, anchors, learners),
    }


def gaussian_world(rng: np.random.Generator, *, dependent: bool = False) -> dict[str, float]:
    """Random arguments of ``lib.theory.reverse_bottleneck.gaussian_chain.account``.

    Scales are spread evenly over their logarithm, from 0.1 to 10. With ``dependent`` the two factors have a correlation, uniform
    in (-0.95, 0.95). Checked by tests/experiments/reverse_bottleneck/test_worlds.py.
    """
    names = ("anchor", "prompt_noise", "model_noise", "curation_noise", "learner_noise", "h", "g")
    scales = {name: float(10 ** rng.uniform(-1, 1)) for name in names}
    return scales | {"correlation": float(rng.uniform(-0.95, 0.95)) if dependent else 0.0}


def _rows(rng, rows, columns):
    return rng.dirichlet(np.full(columns, 0.5), rows).tolist()


def _map(rng, values):
    return [int(x) for x in rng.integers(0, 3, values)]


def _curation(rng, kind, size):
    """The table of P(s | m) of a curation that does not look at the prompt."""
    if kind == "none":
        return np.eye(size).tolist()
    if kind == "map":
        return np.eye(size)[rng.integers(0, size, size)].tolist()
    if kind == "noise":
        odd = rng.uniform(0, 1)
        return (np.eye(size, size + 1) * (1 - odd) + np.eye(size, size + 1, 1) * odd).tolist()
    return _rows(rng, size, size)
