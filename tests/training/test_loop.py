"""The training loop beside a bare loop, and what its settings do."""

import copy

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn
from torch.nn import functional
from training_cases import assert_same, images, network, run, to_unit

from lib import seeds
from lib.training import Config, learning_rate, one_device, predict, train
from lib.training.optimizer import build


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_beside_a_bare_loop(optimizer):
    """The same bits as the loop that one would write by hand."""
    x, y = images(90)
    by_hand = network(dropout=0.0).to(memory_format=torch.channels_last)
    model = copy.deepcopy(by_hand)
    config = Config(epochs=2, batch=16, optimizer=optimizer, weight_decay=0.1, learning_rate=0.02, seed=5)
    result = train(model, functional.cross_entropy, (x, y), config=config, prepare=to_unit)

    kinds = {"adamw": torch.optim.AdamW, "sgd": lambda p, **o: torch.optim.SGD(p, momentum=0.9, nesterov=True, **o)}
    stepper = kinds[optimizer](by_hand.parameters(), lr=0.02, weight_decay=0.1, fused=True)
    for epoch in range(2):
        order = torch.randperm(90, generator=seeds.generator(5, "training", "order", epoch))
        losses = []
        for k in range(5):
            stepper.param_groups[0]["lr"] = learning_rate(config, 5 * epoch + k, 10)
            index = order[16 * k : 16 * (k + 1)]
            batch = (x[index].float() / 255).contiguous(memory_format=torch.channels_last)
            stepper.zero_grad()
            loss = functional.cross_entropy(by_hand(batch), y[index])
            loss.backward()
            stepper.step()
            losses.append(loss.detach().double())
        assert result.history[epoch] == {"train": (sum(losses) / 5).item(), "held_out": None}
    assert_same(model, by_hand)
    assert (result.steps, result.best_round, result.best_loss) == (10, None, None)


def test_losses_of_examples_or_their_mean():
    """A loss may give one number or one for each example."""
    models = network(), network()
    data, config = (to_unit(images(64)[0]), images(64)[1]), Config(epochs=1, batch=16, seed=0)
    means, each = (
        train(model, loss, data, held_out=data, config=config)
        for model, loss in zip(models, (functional.cross_entropy, nn.CrossEntropyLoss(reduction="none")), strict=True)
    )
    assert means.history[0] == pytest.approx(each.history[0], rel=1e-6)  # single precision, in another order
    with torch.no_grad():
        whole = functional.cross_entropy(models[0](data[0]), data[1]).item()
    assert means.best_loss == pytest.approx(whole, rel=1e-6)


def test_seed():
    """One seed, one result, whatever the global generator holds; and that is left as it was."""
    torch.manual_seed(1)
    first = run(network())
    before = torch.get_rng_state()
    again = run(network())
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert run(network()).history == again.history == first.history
    assert run(network(), seed=6).history != first.history


def overfit(model, **settings):
    """A run on labels without a pattern, whose held-out loss rises, and the held-out data."""
    x, y = to_unit(images(60)[0]), torch.randint(0, 2, (60,), generator=torch.Generator().manual_seed(1))
    config = Config(**{"epochs": 200, "batch": 10, "learning_rate": 0.1, "seed": 0} | settings)
    held_out = x[30:], y[30:]
    return train(model, functional.cross_entropy, (x[:30], y[:30]), held_out=held_out, config=config), held_out


def test_early_stop():
    """The run stops, and the weights of its lowest loss come back."""
    model = network()
    result, (x, y) = overfit(model, patience=3)
    losses = [means["held_out"] for means in result.history]
    assert len(losses) == result.best_round + 1 + 3 < 200
    assert result.best_loss == min(losses) == losses[result.best_round] < losses[-1]
    assert functional.cross_entropy(predict(model, x), y).item() == result.best_loss
    assert not model.training


def test_without_patience_the_last_weights_stay():
    model = network()
    result, (x, y) = overfit(model, epochs=20)
    assert len(result.history) == 20
    assert functional.cross_entropy(predict(model, x), y).item() == result.history[-1]["held_out"] > result.best_loss


def test_images_as_targets():
    """An autoencoder's task: targets of any shape."""
    x = to_unit(images(64)[0])
    model = nn.Conv2d(2, 2, 3, padding=1)
    result = train(model, functional.mse_loss, (x, x), config=Config(epochs=20, batch=16, learning_rate=0.05, seed=0))
    assert result.history[-1]["train"] < result.history[0]["train"] / 3


def test_diverging_loss(tmp_path):
    """It stops with the loss and its epoch, and the state is not written."""
    path = tmp_path / "run.safetensors"
    with pytest.raises(
        FloatingPointError, match=r"loss = \{'train': (nan|inf).* after 5 steps; try a lower learning_rate"
    ):
        run(network(), optimizer="sgd", learning_rate=1e30, checkpoint=path)
    assert not path.exists()


def test_bf16_on_a_processor():
    """Asked for, it is on; by default a processor computes in full precision, and a GPU never does."""
    cuda = torch.cuda.is_available()
    assert one_device(bf16=True)._precision.precision == "bf16-mixed"
    assert one_device()._precision.precision == ("bf16-mixed" if cuda else "32-true")


def test_bfloat16():
    """Autocast: outputs and weights stay in single precision, and the losses are near those in full precision."""
    model = network()
    half = run(model, fabric=Fabric(accelerator="cpu", devices=1, precision="bf16-mixed"))
    full = run(network())
    assert {value.dtype for value in model.parameters()} == {torch.float32}
    assert half.history != full.history
    first = half.history[0]["train"], full.history[0]["train"]
    assert first[0] == pytest.approx(first[1], rel=0.1)  # 8 bits: 2^-8 an operation, and some twenty steps deep


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_fused(optimizer):
    """torch's fused optimisers beside its plain ones, on weights in channels-last order."""
    x, y = to_unit(images(16)[0]).double(), images(16)[1]
    fused, plain = (network(dropout=0.0).double().to(memory_format=torch.channels_last) for _ in range(2))
    config = Config(steps=1, optimizer=optimizer, weight_decay=0.1, learning_rate=0.02, seed=0)
    options = {"lr": 0.02, "weight_decay": 0.1, "fused": False}
    steppers = [
        build(fused, config),
        torch.optim.AdamW(plain.parameters(), **options)
        if optimizer == "adamw"
        else torch.optim.SGD(plain.parameters(), momentum=0.9, nesterov=True, **options),
    ]
    for _ in range(5):
        for model, stepper in zip((fused, plain), steppers, strict=True):
            stepper.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            stepper.step()
    torch.testing.assert_close(fused.state_dict(), plain.state_dict(), rtol=1e-9, atol=1e-9)


def smooth(dropout: float = 0.0) -> nn.Sequential:
    """Without batch norm, whose means are those of a micro-batch."""
    with seeds.everywhere(0, "tests", "smooth"):
        return nn.Sequential(
            nn.Conv2d(2, 6, 3), nn.Tanh(), nn.Flatten(), nn.Dropout(dropout), nn.Linear(216, 2)
        ).double()


@pytest.mark.parametrize("accumulate", [2, 4, 16])
def test_micro_batches(accumulate):
    """The gradients of micro-batches add up to that of the batch, also where weights are uneven."""
    data = to_unit(images(90)[0]).double(), images(90)[1]
    loss = nn.CrossEntropyLoss(reduction="none")
    for weights in (None, lambda targets: 1.0 + 3 * targets):
        models = smooth(), smooth()
        results = [
            train(model, loss, data, weights=weights, config=Config(epochs=2, batch=16, accumulate=count, seed=1))
            for model, count in zip(models, (1, accumulate), strict=True)
        ]
        for one, many in zip(*(result.history for result in results), strict=True):
            assert many["train"] == pytest.approx(one["train"], rel=1e-12)
        torch.testing.assert_close(models[1].state_dict(), models[0].state_dict(), rtol=1e-9, atol=1e-12)


def flat(model):
    """All weights as one vector."""
    return torch.cat([value.detach().flatten() for value in model.parameters()])


def test_clip():
    """One step of plain gradient descent is then no longer than the norm allows; a wide norm changes nothing."""
    data = to_unit(images(64)[0]).double(), images(64)[1]
    starts, moved = smooth(), {}
    for clip in (None, 1e-3, 1e3):
        model = copy.deepcopy(starts)
        config = Config(
            steps=1,
            batch=64,
            optimizer="sgd",
            schedule="constant",
            learning_rate=0.1,
            weight_decay=0.0,
            clip=clip,
            seed=0,
        )
        train(model, functional.cross_entropy, data, config=config)
        moved[clip] = flat(model) - nn.utils.parameters_to_vector(starts.parameters())
    assert torch.equal(moved[1e3], moved[None])
    # Nesterov's first step is (1 + momentum) times the gradient; torch divides by the norm plus 1e-6
    assert moved[1e-3].norm().item() == pytest.approx(0.1 * 1.9 * 1e-3, rel=1e-3)
    torch.testing.assert_close(moved[1e-3] / moved[1e-3].norm(), moved[None] / moved[None].norm())


def test_steps():
    """A budget in steps that ends within an epoch is the beginning of a longer run with the same rates."""
    settings = {"epochs": None, "schedule": "constant", "patience": None}
    long, short = run(network(), steps=15, **settings), run(network(), steps=12, **settings)
    assert (long.steps, short.steps) == (15, 12)
    assert short.history[:2] == long.history[:2]
    assert len(short.history) == len(long.history) == 3
    assert short.history[2] != long.history[2]


def test_rounds():
    """Evaluated every so many steps instead of every epoch: the same steps, and the mean losses of others."""
    epochs, rounds = run(network(), patience=None), run(network(), patience=None, evaluate_every=10)
    assert [len(result.history) for result in (epochs, rounds)] == [4, 2]
    pair = [means["train"] for means in epochs.history[:2]]
    assert rounds.history[0]["train"] == pytest.approx(sum(pair) / 2, rel=1e-12)
    assert rounds.history[1]["held_out"] == epochs.history[3]["held_out"]
