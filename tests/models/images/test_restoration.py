"""The permutation of pixels and the three restorers: by matching, by least squares, by an autoencoder."""

import copy

import pytest
import torch
from torch.nn import functional

from lib import datasets
from lib.models.images import restoration
from lib.models.images.autoencoder import Autoencoder
from lib.models.images.classifier import cnn
from lib.models.images.learner import learn, read
from lib.training.loop import Config


@pytest.fixture(scope="module")
def digits():
    data = datasets.load("digits")
    return [functional.interpolate(images, size=16) * 15 for images in (data.train_images, data.test_images)]


def random_images(count, channels=3, size=8, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, channels, size, size), dtype=torch.uint8, generator=generator)


def test_bytes():
    """Every byte survives the way to [0, 1] and back; values outside are clipped."""
    all_bytes = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(restoration.to_bytes(restoration.unit(all_bytes)), all_bytes)
    assert restoration.to_bytes(torch.tensor([-0.3, 1.7])).tolist() == [0, 255]


def test_permute():
    """By hand, the same for all images; another seed is another permutation, and the sorted values of an image stay."""
    images = torch.tensor([[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]], dtype=torch.uint8)
    permuted = restoration.permute(images, torch.tensor([3, 0, 2, 1]))
    assert permuted.tolist() == [[[[4, 1], [3, 2]]], [[[8, 5], [7, 6]]]]
    assert not torch.equal(restoration.permutation(100, 0), restoration.permutation(100, 1))
    assert restoration.permutation(100, 0).sort()[0].tolist() == list(range(100))
    with pytest.raises(ValueError, match="order has 3 values, allowed: 4"):
        restoration.permute(images, torch.arange(3))


@pytest.mark.parametrize("channels", [1, 3])
def test_match(channels):
    """Exact inversion from pairs of random images: 20 pairs of bytes leave no two of a few hundred columns alike."""
    clean, unseen = random_images(20, channels), random_images(5, channels, seed=1)
    order = restoration.permutation(clean[0].numel(), 3)
    matching = restoration.match(restoration.permute(clean, order), clean)
    assert matching.ambiguous == 0
    assert torch.equal(restoration.permute(restoration.permute(unseen, order), matching.order), unseen)


def test_match_with_twins():
    """Columns alike on the pairs are counted, and exchanging them does no harm on these pairs."""
    clean = random_images(20, 1)
    clean.flatten(1)[:, 5] = clean.flatten(1)[:, 9]
    clean.flatten(1)[:, 7] = clean.flatten(1)[:, 9]
    order = restoration.permutation(64, 0)
    matching = restoration.match(restoration.permute(clean, order), clean)
    assert matching.ambiguous == 3
    assert torch.equal(restoration.permute(restoration.permute(clean, order), matching.order), clean)


def test_match_refuses_other_pairs():
    clean = random_images(4, 1)
    with pytest.raises(ValueError, match="not a permutation of clean"):
        restoration.match(random_images(4, 1, seed=1), clean)
    with pytest.raises(ValueError, match="allowed: the same"):
        restoration.match(clean[:3], clean)


def test_linear_restorer(digits):
    """As many pairs as are needed invert a permutation exactly; fewer do not, and are better than the permuted images."""
    train, test = digits
    order = restoration.permutation(256, 0)
    observed, unseen = restoration.permute(train, order), restoration.permute(test, order)
    before = (restoration.unit(unseen) - restoration.unit(test)).square().mean()
    errors = {}
    for pairs in (20, 1000):
        model = restoration.LinearRestorer(observed[:pairs], train[:pairs])
        assert model.ridge in restoration.RIDGES
        restored = restoration.restore(model, unseen)
        errors[pairs] = (restoration.unit(restored) - restoration.unit(test)).square().mean()
    assert (
        errors[1000] < 1e-4 < errors[20] < before
    )  # digits of 8 x 8 pixels have 64 dimensions, so 1000 pairs span them


def test_synthesizer(digits):
    """Seeded; with more pairs nearer to unseen originals, and nearer than the mean of the training images."""
    train, test = digits
    order = restoration.permutation(256, 0)
    observed, unseen = restoration.permute(train, order), restoration.permute(test, order)
    config = Config(epochs=15, batch=32, learning_rate=3e-3, patience=5, seed=0)
    options = {"capacity": 1, "widths": (16, 32), "latent": 64, "config": config}

    def error(pairs):
        model = restoration.train_synthesizer(observed[:pairs], train[:pairs], **options)
        return (restoration.unit(restoration.restore(model, unseen)) - restoration.unit(test)).square().mean()

    few, many = error(100), error(1000)
    assert torch.equal(few, error(100))
    mean = restoration.unit(train).mean(0)
    assert many < few
    assert many < (mean - restoration.unit(test)).square().mean() / 1.5


def test_judge(digits):
    """With a judge the restored images show its labels better, even labels turned by one; its weights stay."""
    train, _ = digits
    labels = datasets.load("digits").train_labels
    network = learn(
        cnn(1, 16, widths=(8, 16), seed=0), train, labels, stop=(train, labels), config=Config(epochs=3, seed=0)
    )
    before = copy.deepcopy(network.state_dict())
    observed = restoration.permute(train, restoration.permutation(256, 0))
    turned = (labels + 1) % 10
    options = {
        "capacity": 1,
        "widths": (16, 32),
        "latent": 64,
        "config": Config(epochs=5, batch=32, patience=5, seed=0),
    }

    def shown(weight):
        judge = restoration.Judge(network, turned, weight)
        model = restoration.train_synthesizer(observed, train, judge=judge, **options)
        return read(network, restoration.restore(model, observed), turned, train_labels=labels).accuracy

    assert shown(0.0) < 0.2
    assert shown(1.0) > 0.5
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_judge_moves_with_the_images():
    """Where the images are on another device the judge goes there too; "meta" stands in for a GPU."""
    autoencoder = Autoencoder(1, 16, widths=(4, 4), latent=4, seed=0)
    judged = restoration._Judged(autoencoder, cnn(1, 16, widths=(4, 4), seed=0)).to("meta")
    assert judged(torch.zeros(2, 1, 16, 16, device="meta")).shape == (2, 256 + 10)


def test_judge_of_no_weight_changes_nothing(digits):
    train, _ = digits
    observed = restoration.permute(train, restoration.permutation(256, 0))[:100]
    options = {"capacity": 1, "widths": (16, 32), "latent": 64, "config": Config(epochs=2, batch=32, seed=0)}
    judge = restoration.Judge(cnn(1, 16, widths=(8, 16), seed=0), torch.zeros(100, dtype=torch.long), 0.0)
    plain = restoration.train_synthesizer(observed, train[:100], **options)
    judged = restoration.train_synthesizer(observed, train[:100], judge=judge, **options)
    difference = (plain(restoration.unit(observed)) - judged(restoration.unit(observed))).abs().max()
    assert difference < 1e-5


def test_similarity(digits):
    """Zero error and one for the image itself; against the formula of Wang et al., with reflected borders."""
    _, test = digits
    assert restoration.squared_error(test[:3], test[:3]).tolist() == [0, 0, 0]
    assert restoration.squared_error(test[:1] * 0, test[:1]).item() == pytest.approx(
        (test[0] / 255).square().mean().item()
    )
    assert restoration.structural_similarity(test[:3], test[:3]).tolist() == pytest.approx([1, 1, 1], abs=1e-6)
    order = restoration.permutation(256, 0)
    permuted = restoration.structural_similarity(restoration.permute(test, order), test)
    assert permuted.mean() < 0.3

    a, b = random_images(1, 1, 12), random_images(1, 1, 12, seed=1)
    line = torch.exp(-((torch.arange(11) - 5.0) ** 2) / (2 * 1.5**2)).double()
    window = (torch.outer(line, line) / line.sum() ** 2)[None, None]

    def blurred(image):
        return functional.conv2d(functional.pad(image, (5, 5, 5, 5), mode="reflect"), window)

    x, y = (restoration.unit(image).double() for image in (a, b))
    mean_x, mean_y = blurred(x), blurred(y)
    variances = blurred(x * x) - mean_x**2 + blurred(y * y) - mean_y**2
    index = (2 * mean_x * mean_y + 1e-4) * (2 * (blurred(x * y) - mean_x * mean_y) + 9e-4)
    index /= (mean_x**2 + mean_y**2 + 1e-4) * (variances + 9e-4)
    assert restoration.structural_similarity(a, b).item() == pytest.approx(index.mean().item(), abs=1e-5)
