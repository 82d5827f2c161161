"""Figures 5 and 7: draws against their moments, the bookkeeping of the networks, and what is said of accuracies made up."""

import json

import numpy as np
import pytest
import torch

from lib import paths
from lib.datasets.source import Source
from lib.experiments.random_matrices import gaussian_digits as figure
from lib.experiments.random_matrices.gaussian_digits import CURVES, GENERATORS, VERIFIERS

PUBLISHED = json.loads((paths.ROOT / "data/published/random-matrices.json").read_text())
SMALL = {"n_class": 4, "n_weak": 6, "n_very_weak": 2, "label_noise": 0.3, "pixel_scale": 1.0}
SMALL |= {"hidden": 8, "steps": 30, "warm_up": 5, "batch": 16, "peak": 0.01, "final": 0.001}


def test_class_images():
    data = Source("digits").load()
    classes = figure.class_images(data)
    assert sum(map(len, classes)) == len(data.train_images)
    assert torch.equal(classes[3][0], data.train_images[data.train_labels == 3][0].flatten().float())
    fewest = min(map(len, classes))
    figure.class_images(data, fewest)
    with pytest.raises(ValueError, match=f"= 2, {fewest + 1}; allowed: at most {fewest}"):
        figure.class_images(data, 2, fewest + 1)


def test_draws_have_mean_and_covariance():
    """Four standard errors of 40000 draws; few images seen give a covariance of low rank."""
    seen = torch.randn(3, 5, generator=torch.Generator().manual_seed(0)) * 2 + 1
    drawn = figure.draw_images(seen, 40000, generator=torch.Generator().manual_seed(1))
    covariance = torch.cov(seen.mT, correction=0)
    limit = 4 * covariance.diagonal().max() / 200
    assert (drawn.mean(0) - seen.mean(0)).abs().max() < 4 * covariance.diagonal().max().sqrt() / 200
    assert (torch.cov(drawn.mT) - covariance).abs().max() < 2**0.5 * limit
    assert torch.linalg.matrix_rank(drawn - seen.mean(0), rtol=1e-4) == 2
    plain = figure.draw_images(seen, 40000, covariance=False, generator=torch.Generator().manual_seed(1))
    assert (torch.cov(plain.mT) - torch.eye(5)).abs().max() < 4 * 2**0.5 / 200
    assert (plain.mean(0) - seen.mean(0)).abs().max() < 4 / 200


def test_kept_images():
    # three wrong, of which round(0.3) stay, and round(6.3) of seven right
    kept, wrong = figure.kept_images(10, 0.3, 0.1, 0.9)
    assert kept.tolist() == [3, 4, 5, 6, 7, 8]
    assert not wrong.any()
    kept, wrong = figure.kept_images(10, 0.3, 1.0, 1.0)
    assert kept.tolist() == list(range(10))
    assert wrong.tolist() == [True] * 3 + [False] * 7
    kept, wrong = figure.kept_images(20, 0.5, 0.3, 0.5)
    assert kept.tolist() == [0, 1, 2, 10, 11, 12, 13, 14]
    assert wrong.tolist() == [True] * 3 + [False] * 5


def test_pool_holds_what_each_generator_may_see():
    """Pixel 0 is the class, so that each draw but "mean only" shows whose it is; its rank shows how many images were seen."""
    generator = torch.Generator().manual_seed(0)
    classes = [
        torch.cat([torch.full((30, 1), float(a)), 5 + torch.rand(30, 7, generator=generator)], 1) for a in range(10)
    ]
    pool = figure.training_pool(classes, 4, 6, 2, generator=torch.Generator().manual_seed(1))
    most = figure.sizes(4)[-1]
    assert pool.shape == (10 * 4 + 50 * most, 8)
    assert pool.min() >= 0
    real = pool[:40].reshape(10, 4, 8)
    by_generator = pool[40:].reshape(5, 10, most, 8)
    for a in range(10):
        assert (real[a, :, 0] == a).all()
        assert all((classes[a] == image).all(1).any() for image in real[a])
        for k, name in enumerate(GENERATORS):
            own = by_generator[k, a]
            rank = torch.linalg.matrix_rank(own - own.mean(0), rtol=1e-4).item()
            if name == "mean only":
                assert own[:, 0].std() > 0.3  # noise of one unit a pixel, cut at 0
            else:
                assert torch.allclose(own[:, 0], torch.tensor(float(a)), atol=1e-4)
                assert rank == {"best": 7, "weak": 5, "very weak": 1, "training images": 3}[name]
    blend = torch.linalg.lstsq(real[2].mT, by_generator[4, 2].mT).solution  # of the training images, in each draw
    assert torch.allclose(real[2].mT @ blend, by_generator[4, 2].mT, atol=1e-3)


def test_training_sets():
    n_class, noise = 4, 0.5
    names, rows, labels = figure.training_sets(n_class, noise)
    counts, most = figure.sizes(n_class), figure.sizes(n_class)[-1]
    assert names == ["real"] + [name for name in CURVES for _ in counts[1:]]
    owner = torch.cat([torch.arange(10).repeat_interleave(4), torch.arange(10).repeat_interleave(most).repeat(5)])
    maker = torch.cat([torch.full((40,), -1), torch.arange(5).repeat_interleave(10 * most)])
    for j, (name, own, target) in enumerate(zip(names, rows, labels, strict=True)):
        assert own[:40].tolist() == list(range(40))
        assert torch.equal(target[:40], owner[:40])
        made, told = own[40:], target[40:]
        assert len(made.unique()) == len(made)
        if name == "real":
            assert len(made) == 0
            continue
        m = counts[1 + (j - 1) % 5]
        assert (maker[made] == GENERATORS.index("best" if name in VERIFIERS else name)).all()
        wrong = told != owner[made]
        assert torch.equal(told[wrong], (owner[made][wrong] + 1) % 10)
        kept, kept_wrong = figure.kept_images(m, noise if name in VERIFIERS else 0.0, *VERIFIERS.get(name, (1.0, 1.0)))
        assert (len(made), wrong.sum()) == (10 * len(kept), 10 * kept_wrong.sum())


def test_accuracies():
    found = figure.accuracies(seed=3, number=0, source=Source("digits"), **SMALL)
    assert set(found) == set(CURVES)
    assert {len(values) for values in found.values()} == {len(figure.RATIOS)}
    assert len({values[0] for values in found.values()}) == 1  # one network without synthetic images
    assert found == figure.accuracies(seed=3, number=0, source=Source("digits"), **SMALL)
    assert found != figure.accuracies(seed=3, number=1, source=Source("digits"), **SMALL)
    assert all(0 <= value <= 1 for values in found.values() for value in values)


def test_published_curves():
    share, accuracy = figure.published_curve(PUBLISHED, "right", "best")
    assert share == pytest.approx([r / (1 + r) for r in figure.RATIOS], abs=0.01)
    assert accuracy.min() > 0.5
    assert accuracy.max() < 1


def made_up():
    """Accuracies (seed, size): a start, a rise over the sizes, and a number of each seed."""
    starts = np.array([[0.7], [0.72], [0.68]])
    rises = dict(zip(CURVES, (0.2, 0.15, 0.0, 0.2, 0.15, 0.1, 0.05, 0.08), strict=True))
    tilt = np.array([[1.0], [1.2], [0.8]])
    return {
        "sizes": figure.sizes(10),
        "curves": {name: (starts + rise * tilt * np.linspace(0, 1, 6)).tolist() for name, rise in rises.items()},
    }


def test_curves():
    rows = figure.curves(made_up(), 10)
    assert [(row["panel"], row["curve"]) for row in rows[::6]] == [
        *(("left", name) for name in VERIFIERS),
        *(("right", name) for name in GENERATORS),
    ]
    assert [row["share synthetic"] for row in rows[:6]] == pytest.approx([r / (1 + r) for r in figure.RATIOS])
    values = [0.7 + 0.2, 0.72 + 0.24, 0.68 + 0.16]  # of the oracle, at the largest size
    assert rows[5]["accuracy"] == pytest.approx(np.mean(values))
    assert rows[5]["standard error"] == pytest.approx(np.std(values, ddof=1) / 3**0.5)


def test_measured():
    found = figure.measured(made_up(), None, PUBLISHED)
    assert list(found["left"]) == ["oracle above strong", "strong above none", "oracle rises", "strong rises"]
    # the mean rise of five sizes above 0
    assert found["left"]["oracle above strong"].value == pytest.approx(0.05 * 0.6)
    assert found["left"]["strong rises"] == pytest.approx((0.15, 0.15 * 0.2 / 3**0.5))
    assert found["right"]["very weak above mean only"].value == pytest.approx(0.05 * 0.6)
    assert found["right"]["best rises"].value == pytest.approx(0.2)
    assert "ends" not in found["right"]
    assert found["training images"]["gain"].value == pytest.approx(0.08)
    assert found["training images"]["share of the gain"] == pytest.approx((0.4, 0), abs=1e-9)


def test_no_gain_has_no_share():
    """Networks that learn nothing: the best generator gains nothing, of which there is no share."""
    found = made_up()
    found["curves"]["best"] = [[0.1] * 6] * len(found["curves"]["best"])
    assert figure.measured(found, None, PUBLISHED)["training images"]["share of the gain"] is None


def test_the_farthest_end_counts():
    published = {name: figure.published_curve(PUBLISHED, "left", name)[1] for name in VERIFIERS}
    curves = made_up()["curves"] | {name: np.tile(curve, (3, 1)) for name, curve in published.items()}
    curves["strong"] = curves["strong"] + np.array([0, 0.5, 0, 0, 0, -0.03])  # the middle of a curve does not count
    found = figure.measured(made_up(), {"curves": curves}, PUBLISHED)
    assert found["left"]["ends"] == pytest.approx((0.03, 0), abs=1e-9)
