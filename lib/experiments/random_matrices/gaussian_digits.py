"""Figures 5 and 7 of "Maximizing the Potential of Synthetic Data": images from a Gaussian a class, and what they teach a network.

A network with one hidden layer is trained on n real images of each class and m synthetic ones. A curve is a verifier of the left
panel (right generator, wrong labels) or a generator of the right panel (right labels), at every size m.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from lib import seeds
from lib.datasets.containers import Images
from lib.datasets.source import Source
from lib.models.images.perceptrons import accuracy, train_mlps
from lib.statistics import Estimate, mean_and_error, means_and_errors, part_of

NOTEBOOK = "random-matrices/04"  # of the streams' names
RATIOS = (0, 0.5, 1, 2.5, 10, 15)  # m/n of the paper
VERIFIERS = {"oracle": (0.0, 1.0), "strong": (0.1, 0.9), "none": (1.0, 1.0)}  # (psi, phi)
GENERATORS = ("best", "weak", "very weak", "mean only", "training images")
CURVES = (*VERIFIERS, *GENERATORS)
WEIGHT_DECAY = 1e-4  # of the paper
PUBLISHED = {  # panel: curve: colour in data/published/random-matrices.json
    "left": {"oracle": "blue", "strong": "green", "none": "red"},
    "right": {"best": "blue", "weak": "green", "very weak": "orange", "mean only": "red"},
}
ORDERS = {  # panel: pairs of curves, the better one first
    "left": (("oracle", "strong"), ("strong", "none")),
    "right": (("best", "weak"), ("weak", "very weak"), ("very weak", "mean only")),
}
RISING = {"left": ("oracle", "strong"), "right": ("best",)}


def device() -> str:
    """Where the networks are trained: "cuda" if there is a GPU, else "cpu"."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def sizes(n_class: int) -> list[int]:
    """Numbers m of synthetic images of each class: the paper's RATIOS times n, rounded."""
    return [round(m_over_n * n_class) for m_over_n in RATIOS]


def class_images(data: Images, *needed: int) -> list[Tensor]:
    """Training images of each class, flat: ten (N_a, d) float32 tensors of pixels as they are stored.

    Raises ValueError if one of the numbers ``needed`` is above the images of the rarest class.
    Checked by tests/experiments/random_matrices/test_gaussian_digits.py.
    """
    classes = [data.train_images[data.train_labels == label].flatten(1).float() for label in range(10)]
    fewest = min(map(len, classes))
    if max(needed, default=0) > fewest:
        raise ValueError(
            f"n_class, n_weak, n_very_weak = {', '.join(map(str, needed))}; allowed: at most {fewest}, "
            "the images of the rarest class"
        )
    return classes


def draw_images(seen: Tensor, count: int, *, covariance: bool = True, generator: torch.Generator) -> Tensor:
    """Draw (count, d) from N(mean, covariance) of the images seen (n_hat, d), or from N(mean, I). No matrix root is needed.

    Source: Section 5 of the paper; equation eq-gaussian-from-images of the notebook.
    Checked by tests/experiments/random_matrices/test_gaussian_digits.py.
    """
    mean = seen.mean(0)
    if not covariance:
        return mean + torch.randn(count, len(mean), generator=generator)
    return mean + torch.randn(count, len(seen), generator=generator) @ (seen - mean) / len(seen) ** 0.5


def kept_images(m: int, label_noise: float, psi: float, phi: float) -> tuple[Tensor, Tensor]:
    """Which of m synthetic images of a class the verifier keeps (int64), and which of these have a wrong label (bool).

    The first images have the wrong labels, and of each kind the first are kept, as in the authors' code.
    Checked by tests/experiments/random_matrices/test_gaussian_digits.py.
    """
    wrong = round(label_noise * m)
    kept_wrong, kept_right = round(psi * wrong), round(phi * (m - wrong))
    kept = torch.cat([torch.arange(kept_wrong), torch.arange(wrong, wrong + kept_right)])
    return kept, kept < wrong


def training_pool(
    classes: Sequence[Tensor], n_class: int, n_weak: int, n_very_weak: int, *, generator: torch.Generator
) -> Tensor:
    """The images that the networks of one seed share: 10 n_class real ones, then those of each of GENERATORS, class by class.

    Each generator gives as many images of a class as the largest size. Real images are the first of each class in random order;
    a generator sees as many of the same order as its name says ("best" and "mean only": all). Synthetic pixels below 0 become 0.
    Returns (10 n_class + 50 max(sizes), d). Checked by tests/experiments/random_matrices/test_gaussian_digits.py.
    """
    shuffled = [own[torch.randperm(len(own), generator=generator)] for own in classes]
    seen = {"best": None, "weak": n_weak, "very weak": n_very_weak, "mean only": None, "training images": n_class}
    pool = [own[:n_class] for own in shuffled]
    for name in GENERATORS:
        for own in shuffled:
            shown = own[: seen[name]]
            drawn = draw_images(shown, sizes(n_class)[-1], covariance=name != "mean only", generator=generator)
            pool.append(drawn.clamp(min=0))
    return torch.cat(pool)


def training_sets(n_class: int, label_noise: float) -> tuple[list[str], list[Tensor], list[Tensor]]:
    """Curve, rows of :func:`training_pool` and labels of every network: first the real images alone, then each curve at m > 0.

    A wrong label is that of the next class. Checked by tests/experiments/random_matrices/test_gaussian_digits.py.
    """
    labels, most = torch.arange(10), sizes(n_class)[-1]
    real, real_labels = torch.arange(10 * n_class), labels.repeat_interleave(n_class)
    names, rows, targets = ["real"], [real], [real_labels]
    for name in CURVES:
        source = GENERATORS.index("best" if name in VERIFIERS else name)
        first = 10 * n_class + 10 * most * source + most * labels[:, None]  # (10, 1): the class's first image
        for m in sizes(n_class)[1:]:
            kept, wrong = kept_images(m, label_noise if name in VERIFIERS else 0.0, *VERIFIERS.get(name, (1.0, 1.0)))
            names.append(name)
            rows.append(torch.cat([real, (first + kept).flatten()]))
            targets.append(torch.cat([real_labels, ((labels[:, None] + wrong) % 10).flatten()]))
    return names, rows, targets


def accuracies(
    *,
    seed: int,
    number: int,
    source: Source,
    n_class: int,
    n_weak: int,
    n_very_weak: int,
    label_noise: float,
    pixel_scale: float,
    **training: float,
) -> dict[str, list[float]]:
    """Part: test accuracy of each of CURVES at every size, for one choice of images, draws, initial weights and batches.

    The networks of one ``number`` share all these as far as their sizes allow, and are trained at once; on a GPU if there is one.
    ``training``: hidden, steps, warm_up, batch, peak and final of :func:`lib.models.images.perceptrons.train_mlps`.
    Checked by tests/experiments/random_matrices/test_gaussian_digits.py.
    """
    data = source.load()
    classes = class_images(data, n_class, n_weak, n_very_weak)
    where = device()
    generator = seeds.generator(seed, NOTEBOOK, "figure 7", number, "images")
    pool = training_pool(classes, n_class, n_weak, n_very_weak, generator=generator)
    names, rows, targets = training_sets(n_class, label_noise)
    trained = train_mlps(
        pool.to(where) / pixel_scale,
        rows,
        targets,
        classes=10,
        weight_decay=WEIGHT_DECAY,
        seeds=[seeds.number(seed, NOTEBOOK, "figure 7", number, "networks")] * len(rows),
        **training,
    )
    tested = data.test_images.flatten(1).float().to(where) / pixel_scale
    right = accuracy(trained, tested, data.test_labels.to(where)).tolist()
    return {
        curve: [right[0], *(value for value, name in zip(right, names, strict=True) if name == curve)]
        for curve in CURVES
    }


def curves(found: Mapping, n_class: int) -> list[dict]:
    """Figure 7, a row a panel, curve and size: share synthetic, mean accuracy over seeds and its standard error.

    ``found``: as for :func:`measured`. Checked by tests/experiments/random_matrices/test_gaussian_digits.py.
    """
    rows = []
    for panel, names in (("left", VERIFIERS), ("right", GENERATORS)):
        for name in names:
            for m, mean, error in zip(found["sizes"], *means_and_errors(found["curves"][name]), strict=True):
                row = {"panel": panel, "curve": name, "share synthetic": m / (m + n_class)}
                rows.append(row | {"accuracy": float(mean), "standard error": float(error)})
    return rows


def published_curve(published: Mapping, panel: str, curve: str) -> np.ndarray:
    """Published (share of synthetic images, accuracy): (2, 6). ``published``: content of data/published/random-matrices.json."""
    return np.array(published[f"fig7_{panel}"]["lines"][PUBLISHED[panel][curve]][0]).T * [[1.0], [0.01]]


def measured(found: Mapping, on_mnist: Mapping | None, published: Mapping) -> dict[str, dict[str, Estimate | None]]:
    """What the claims on the "left" and "right" panel and on the "training images" test.

    ``found``: the value "figure 7" of a record, whose "curves" hold accuracies (seed, size). ``on_mnist``: the run at the paper's
    size, if there is one; "ends" is its largest distance from a published start or end. "share of the gain" is None if the best
    generator gains nothing.
    Checked by tests/experiments/random_matrices/test_gaussian_digits.py.
    """
    curve = {name: np.array(values) for name, values in found["curves"].items()}
    rise = {name: values[:, -1] - values[:, 0] for name, values in curve.items()}
    panels = {}
    for panel, orders in ORDERS.items():
        panels[panel] = {
            f"{first} above {second}": mean_and_error((curve[first] - curve[second])[:, 1:].mean(1))
            for first, second in orders
        } | {f"{name} rises": mean_and_error(rise[name]) for name in RISING[panel]}
        if on_mnist:
            panels[panel]["ends"] = max(_distances_of_ends(on_mnist, panel, published))
    own = rise["training images"]
    shares = {"gain": mean_and_error(own), "share of the gain": part_of(own, rise["best"])}
    return {**panels, "training images": shares}


def _distances_of_ends(found: Mapping, panel: str, published: Mapping) -> list[Estimate]:
    distances = []
    for name in PUBLISHED[panel]:
        for end in (0, -1):
            mean, error = mean_and_error(np.array(found["curves"][name])[:, end])
            distances.append(Estimate(float(abs(mean - published_curve(published, panel, name)[1][end])), error))
    return distances
