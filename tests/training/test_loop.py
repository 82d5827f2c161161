"""The training loop: beside a bare loop, after a kill, from broken and foreign checkpoints, and on two processes."""

import copy
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn
from torch.nn import functional

from lib.training import checkpoint as checkpoints
from lib.training import loop as training
from lib.training.loop import Config, learning_rate, predict, train


def images(n: int, seed: int = 0):
    """Bytes (n, 2, 8, 8) whose first channel is brighter for label 1, and labels (n,)."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 2, (n,), generator=generator)
    x = torch.randint(0, 200, (n, 2, 8, 8), generator=generator)
    x[:, 0] += 55 * labels[:, None, None]
    return x.to(torch.uint8), labels


def network(dropout: float = 0.2) -> nn.Sequential:
    """Everything that has a state: 4-dimensional weights, batch norm with its running means, dropout with its draws."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(2, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(6 * 64, 2),
        )


def to_unit(x):
    return x.float() / 255


def flip(x, generator):
    """Mirror each image with probability one half."""
    chosen = torch.rand(len(x), generator=generator, device=x.device) < 0.5
    return torch.where(chosen[:, None, None, None], x.flip(-1), x)


def run(model, *, augment=flip, checkpoint=None, fabric=None, **settings):
    """A run with every option: 90 examples in five whole batches of 16, and 10 left out in each epoch."""
    config = Config(**{"epochs": 4, "batch": 16, "learning_rate": 0.02, "patience": 3, "seed": 5} | settings)
    return train(
        model,
        functional.cross_entropy,
        images(90),
        config=config,
        held_out=images(40, 1),
        prepare=to_unit,
        augment=augment,
        checkpoint=checkpoint,
        fabric=fabric or Fabric(accelerator="cpu", devices=1),
    )


def assert_same(model, other):
    for (name, value), expected in zip(model.state_dict().items(), other.state_dict().values(), strict=True):
        torch.testing.assert_close(value, expected, rtol=0, atol=0, msg=name)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_beside_a_bare_loop(optimizer):
    """The same bits as the loop that one would write by hand."""
    x, y = images(90)
    by_hand = network(dropout=0.0).to(memory_format=torch.channels_last)
    model = copy.deepcopy(by_hand)
    config = Config(epochs=2, batch=16, optimizer=optimizer, weight_decay=0.1, learning_rate=0.02, seed=5)
    result = train(model, functional.cross_entropy, (x, y), config=config, prepare=to_unit)

    kinds = {"adamw": torch.optim.AdamW, "sgd": lambda p, **o: torch.optim.SGD(p, momentum=0.9, nesterov=True, **o)}
    stepper = kinds[optimizer](by_hand.parameters(), lr=0.02, weight_decay=0.1)
    generator = torch.Generator().manual_seed(5)
    for epoch in range(2):
        order = torch.randperm(90, generator=generator)
        losses = []
        for k in range(5):
            stepper.param_groups[0]["lr"] = learning_rate(config, 5 * epoch + k, 10)
            index = order[16 * k : 16 * (k + 1)]
            batch = (x[index].float() / 255).contiguous(memory_format=torch.channels_last)
            stepper.zero_grad()
            loss = functional.cross_entropy(by_hand(batch), y[index])
            loss.backward()
            stepper.step()
            losses.append(loss.detach())
        assert result.history[epoch] == {"train": (sum(losses) / 5).item(), "held_out": None}
    assert_same(model, by_hand)
    assert (result.steps, result.best_epoch, result.best_loss) == (10, None, None)


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


def test_learning_rate():
    """Against torch's schedulers, which take a step after the optimiser's and keep their place in themselves."""
    steps, peak = 1000, 0.4
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=peak)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    optimizer.step()
    config = Config(epochs=1, learning_rate=peak, schedule="cosine", seed=0)
    for step in range(steps):
        assert learning_rate(config, step, steps) == pytest.approx(cosine.get_last_lr()[0], rel=1e-9, abs=1e-12)
        cosine.step()

    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, peak, steps, pct_start=0.3, div_factor=25, final_div_factor=1e9, cycle_momentum=False
    )
    config = Config(epochs=1, learning_rate=peak, schedule="one-cycle", seed=0)
    one_step = peak * 3.15 / 2 / 299  # torch has its peak one step earlier: at most the largest change in a step
    for step in range(steps - 1):
        assert learning_rate(config, step, steps) == pytest.approx(cycle.get_last_lr()[0], abs=one_step)
        cycle.step()
    assert learning_rate(config, 0, steps) == pytest.approx(peak / 25)
    assert learning_rate(config, 300, steps) == peak


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
    assert len(losses) == result.best_epoch + 1 + 3 < 200
    assert result.best_loss == min(losses) == losses[result.best_epoch] < losses[-1]
    assert functional.cross_entropy(predict(model, x), y).item() == result.best_loss
    assert not model.training


def test_without_patience_the_last_weights_stay():
    model = network()
    result, (x, y) = overfit(model, epochs=20)
    assert len(result.history) == 20
    assert functional.cross_entropy(predict(model, x), y).item() == result.history[-1]["held_out"] > result.best_loss


def kill_in_step(number: int):
    """An augmentation that ends its process in one step, as kill -9 does: no handler runs, nothing is flushed."""
    step = 0

    def augment(x, generator):
        nonlocal step
        step += 1
        if step == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return flip(x, generator)

    return augment


def kill_in_write(number: int):
    """Let the process die in the middle of a write."""
    whole, writes = checkpoints.save_file, 0

    def save_file(tensors, path, metadata):
        nonlocal writes
        writes += 1
        whole(tensors, path, metadata)
        if writes == number:
            os.truncate(path, path.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    checkpoints.save_file = save_file


@pytest.mark.parametrize(("place", "optimizer"), [("step", "adamw"), ("write", "sgd")])
def test_kill_and_resume(tmp_path, optimizer, place):
    """Killed in the third epoch, or while it writes the second checkpoint, and resumed: the same bits as in one go."""
    path = tmp_path / "run.safetensors"
    killed = subprocess.run([sys.executable, __file__, place, optimizer, path], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    epochs = {"step": 2, "write": 1}[place]
    assert len(checkpoints.load(path)[1]["history"]) == epochs

    resumed, uninterrupted = network(), network()
    steps = 0

    def counted(x, generator):
        nonlocal steps
        steps += 1
        return flip(x, generator)

    result = run(resumed, optimizer=optimizer, checkpoint=path, augment=counted)
    expected = run(uninterrupted, optimizer=optimizer)
    assert steps == expected.steps - 5 * epochs  # what was done was not done again
    assert result._replace(seconds=0) == expected._replace(seconds=0)
    assert_same(resumed, uninterrupted)
    assert os.listdir(tmp_path) == [path.name]  # the half-written file was overwritten and renamed


def test_finished_run_is_read_not_trained(tmp_path):
    path = tmp_path / "new" / "run.safetensors"
    model, again = network(), network()
    result = run(model, checkpoint=path)
    content = path.read_bytes()
    read = run(again, checkpoint=path, augment=lambda *_: pytest.fail("trained again"))
    assert read._replace(seconds=0) == result._replace(seconds=0)
    assert_same(again, model)
    assert path.read_bytes() == content


def test_corrupt_checkpoint(tmp_path):
    """Refused by name, and the model is as it was. More ways to break a file: tests/training/test_checkpoint.py."""
    path = tmp_path / "run.safetensors"
    run(network(), checkpoint=path)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    model = network()
    with pytest.raises(ValueError, match=r"run.safetensors is corrupt .*remove it"):
        run(model, checkpoint=path)
    assert_same(model, network())


def test_other_run(tmp_path):
    """A checkpoint of another config, of other initial weights or of other data is refused, and the difference is named."""
    path = tmp_path / "run.safetensors"
    run(network(), checkpoint=path)
    with pytest.raises(ValueError, match=r"run.safetensors is of another run: its learning_rate = 0.02, allowed: 0.03"):
        run(network(), checkpoint=path, learning_rate=0.03)
    other = network()
    with torch.no_grad():
        other[0].weight[0, 0, 0, 0] += 1e-3
    with pytest.raises(ValueError, match=r"is of another run: its model = "):
        run(other, checkpoint=path)
    config = Config(epochs=4, batch=16, learning_rate=0.02, patience=3, seed=5)
    x, y = images(90)
    x[-1, -1, -1, -1] ^= 1
    with pytest.raises(ValueError, match=r"is of another run: its data = "):
        train(network(), functional.cross_entropy, (x, y), config=config, held_out=images(40, 1), checkpoint=path)
    with pytest.raises(ValueError, match=r"is of another run: its held_out = "):
        train(network(), functional.cross_entropy, images(90), config=config, held_out=images(40, 2), checkpoint=path)


def test_predict():
    """Evaluation mode, in batches, without gradients; the mode of the model comes back."""
    model = network().double()
    x = images(2500)[0]
    assert model.training
    outputs = predict(model, x, prepare=lambda batch: batch.double() / 255)
    assert model.training
    assert (outputs.shape, outputs.requires_grad) == ((2500, 2), False)
    model.eval()
    torch.testing.assert_close(outputs, model(x.double() / 255).detach())  # dropout off, running means used


def test_images_as_targets():
    """An autoencoder's task: targets of any shape."""
    x = to_unit(images(64)[0])
    model = nn.Conv2d(2, 2, 3, padding=1)
    result = train(model, functional.mse_loss, (x, x), config=Config(epochs=20, batch=16, learning_rate=0.05, seed=0))
    assert result.history[-1]["train"] < result.history[0]["train"] / 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("batch", 2.5),
        ("optimizer", "adam"),
        ("learning_rate", 0.0),
        ("weight_decay", -0.1),
        ("schedule", "linear"),
        ("patience", 0),
        ("seed", -1),
    ],
)
def test_bad_config(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value!r} is"):
        Config(**{"epochs": 1, "seed": 0} | {name: value})


def test_bad_data():
    x, y = images(20)
    config = Config(epochs=1, seed=0)
    with pytest.raises(ValueError, match="data has 20 inputs, 19 targets; allowed: as many"):
        train(network(), functional.cross_entropy, (x, y[1:]), config=config)
    with pytest.raises(ValueError, match="held_out has 0 inputs, 0 targets; allowed: as many, at least 1"):
        train(network(), functional.cross_entropy, (x, y), held_out=(x[:0], y[:0]), config=config)
    with pytest.raises(ValueError, match="patience = 2 needs held_out"):
        train(network(), functional.cross_entropy, (x, y), config=Config(epochs=1, patience=2, seed=0))


def test_diverging_loss(tmp_path):
    """It stops with the loss and its epoch, and the state is not written."""
    path = tmp_path / "run.safetensors"
    with pytest.raises(
        FloatingPointError, match=r"loss = \{'train': (nan|inf).* in epoch 0; try a lower learning_rate"
    ):
        run(network(), optimizer="sgd", learning_rate=1e30, checkpoint=path)
    assert not path.exists()


def test_bf16_on_a_processor():
    """Asked for, it is on; by default a processor computes in full precision, and a GPU never does."""
    cuda = torch.cuda.is_available()
    assert training.one_device(bf16=True)._precision.precision == "bf16-mixed"
    assert training.one_device()._precision.precision == ("bf16-mixed" if cuda else "32-true")


def test_bfloat16():
    """Autocast: outputs and weights stay in single precision, and the losses are near those in full precision."""
    model = network()
    half = run(model, fabric=Fabric(accelerator="cpu", devices=1, precision="bf16-mixed"))
    full = run(network())
    assert {value.dtype for value in model.parameters()} == {torch.float32}
    assert half.history != full.history
    first = half.history[0]["train"], full.history[0]["train"]
    assert first[0] == pytest.approx(first[1], rel=0.1)  # 8 bits: 2^-8 an operation, and some twenty steps deep


def test_two_processes():
    """Two processes train shares of the same batches and average: the numbers of one, to rounding. (No batch norm here.)"""
    done = subprocess.run([sys.executable, __file__, "two"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("agree") == 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("compile", [False, True])
def test_gpu(tmp_path, compile):
    """Autocast and compilation on a GPU: it learns, and a stopped run goes on to the same bits."""
    path = tmp_path / "run.safetensors"
    settings = {"compile": compile, "epochs": 3, "fabric": training.one_device()}
    uninterrupted, resumed = network(), network()
    expected = run(uninterrupted, **settings)

    steps = iter(range(100))

    def stop(x, generator):
        if next(steps) == 7:
            raise KeyboardInterrupt
        return flip(x, generator)

    with pytest.raises(KeyboardInterrupt):
        run(network(), augment=stop, checkpoint=path, **settings)
    assert run(resumed, checkpoint=path, **settings)._replace(seconds=0) == expected._replace(seconds=0)
    assert expected.history[-1]["train"] < expected.history[0]["train"]
    assert_same(resumed, uninterrupted)


def two_processes() -> None:
    """Launches itself a second time; each process prints "agree" if its run is that of one process."""
    fabric = Fabric(accelerator="cpu", devices=2, strategy="ddp")
    fabric.launch()
    data, config = (to_unit(images(64)[0]), images(64)[1]), Config(epochs=2, batch=16, seed=0, learning_rate=0.02)
    torch.manual_seed(0)  # in both processes
    models = [nn.Sequential(nn.Flatten(), nn.Linear(128, 2)).double()]
    models.append(copy.deepcopy(models[0]))
    data = data[0].double(), data[1]
    options = {"held_out": data, "augment": flip, "config": config}
    alone = train(models[0], functional.cross_entropy, data, fabric=Fabric(accelerator="cpu", devices=1), **options)
    shared = train(models[1], functional.cross_entropy, data, fabric=fabric, **options)
    for ours, theirs in zip(shared.history, alone.history, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-12)
    torch.testing.assert_close(models[1].state_dict(), models[0].state_dict(), rtol=1e-10, atol=1e-12)
    print("agree", flush=True)


if __name__ == "__main__":
    place, *rest = sys.argv[1:]
    if place == "two":
        two_processes()
    else:
        if place == "write":
            kill_in_write(2)
        torch.set_num_threads(1)
        run(
            network(),
            optimizer=rest[0],
            checkpoint=Path(rest[1]),
            augment=kill_in_step(13) if place == "step" else flip,
        )
