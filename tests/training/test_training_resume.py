"""Runs that were killed, stopped or damaged: they go on to the same bits, or say what is wrong."""

import itertools
import math
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
from training_cases import assert_same, flip, images, network, run

from lib import seeds
from lib.training import Config, one_device, train
from lib.training import checkpoint as checkpoints


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


class Stop(Exception):
    pass


def stop_in_step(number: int):
    """An augmentation that ends its run in one step."""
    steps = iter(range(1, 10**6))

    def augment(x, generator):
        if next(steps) == number:
            raise Stop
        return flip(x, generator)

    return augment


@pytest.mark.parametrize("settings", [{}, {"accumulate": 2, "clip": 0.5, "schedule": "cosine", "warm_up": 3}])
@pytest.mark.parametrize("when", [{"checkpoint_steps": 3}, {"checkpoint_minutes": 1e-9}])
def test_resume_in_the_middle_of_a_round(tmp_path, monkeypatch, when, settings):
    """Stopped where two rounds of 5 and a part of the third were done, kept by steps or by minutes: the same bits."""
    monkeypatch.setattr("lib.training.keeper.CLOCK", 3)
    path = tmp_path / "run.safetensors"
    with pytest.raises(Stop):
        run(network(), checkpoint=path, augment=stop_in_step(14), **when, **settings)
    stored = checkpoints.load(path)[1]
    assert (stored["step"], len(stored["history"])) == (12, 2)
    resumed, uninterrupted = network(), network()
    result = run(resumed, checkpoint=path, **settings)  # with another rhythm of checkpoints
    assert result._replace(seconds=0) == run(uninterrupted, **settings)._replace(seconds=0)
    assert_same(resumed, uninterrupted)


def test_no_checkpoint_before_its_time(tmp_path):
    path = tmp_path / "run.safetensors"
    with pytest.raises(Stop):
        run(network(), checkpoint=path, augment=stop_in_step(5), checkpoint_minutes=math.inf)
    assert not path.exists()


def sums(step: int, first: int = 0):
    """Twelve sequences of six tokens below ten, drawn fresh each step, and their running sums modulo ten."""
    tokens = torch.randint(0, 10, (12, 6), generator=seeds.generator(first, "tests", "sums", step))
    return tokens, tokens.cumsum(1) % 10


def reader() -> nn.Sequential:
    """Tokens (N, 6) to logits (N, 10, 6), with dropout."""
    with seeds.everywhere(0, "tests", "reader"):
        return nn.Sequential(
            nn.Embedding(10, 16), nn.Dropout(0.1), nn.Flatten(), nn.Linear(96, 60), nn.Unflatten(1, (10, 6))
        )


def learn_sums(model, stream=sums, **settings):
    config = {"steps": 25, "evaluate_every": 10, "batch": 12, "learning_rate": 0.02, "patience": 9, "seed": 3}
    names = ("checkpoint", "checkpoint_steps", "fabric")
    options = {name: settings.pop(name) for name in names if name in settings}
    config = Config(**config | settings)
    return train(model, functional.cross_entropy, stream, held_out=sums(-1), config=config, **options)


def test_resume_of_a_stream(tmp_path):
    """Data drawn by a function of the step: none of it is drawn again, and the bits are the same."""
    path = tmp_path / "run.safetensors"
    drawn = []

    def counted(step):
        drawn.append(step)
        return sums(step)

    def stopping(step):
        if step == 17 and len(drawn) > 10:
            raise Stop
        return counted(step)

    with pytest.raises(Stop):
        learn_sums(reader(), stopping, checkpoint=path, checkpoint_steps=4)
    assert drawn[4:] == list(range(17))  # after those of the digest
    drawn.clear()
    resumed, uninterrupted = reader(), reader()
    result = learn_sums(resumed, counted, checkpoint=path)
    assert drawn[4:] == list(range(16, 25))
    assert result._replace(seconds=0) == learn_sums(uninterrupted)._replace(seconds=0)
    assert_same(resumed, uninterrupted)
    assert len(result.history) == 3  # two rounds of ten steps and one of five
    assert result.history[-1]["held_out"] < result.history[0]["held_out"]


def test_other_stream(tmp_path):
    path = tmp_path / "run.safetensors"
    learn_sums(reader(), checkpoint=path)
    for other in (lambda step: sums(step, 1), lambda step: sums(min(step, 23))):
        with pytest.raises(ValueError, match=r"run.safetensors is of another run: its data = "):
            learn_sums(reader(), other, checkpoint=path)
    with pytest.raises(
        ValueError, match=r"data gave two different batches for step 0; allowed: a function of the step"
    ):
        learn_sums(reader(), lambda step: (torch.rand(12, 6), sums(step)[1]), checkpoint=path)


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
    for name, value, known in (
        ("schedule", "cosine", "'one-cycle', allowed: 'cosine'"),
        ("epochs", 5, "4, allowed: 5"),
        ("accumulate", 2, "1, allowed: 2"),
        ("clip", 1.0, "None, allowed: 1.0"),
        ("evaluate_every", 3, "None, allowed: 3"),
    ):
        with pytest.raises(ValueError, match=f"is of another run: its {name} = {known}"):
            run(network(), checkpoint=path, **{name: value})
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


PRECISIONS = ["32-true", "bf16-mixed", "bf16-true"]


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(PRECISIONS, 2)))
def test_other_precision(tmp_path, first, second):
    """In whichever direction: a bfloat16 run does not go on in full precision, nor the other way."""
    path = tmp_path / "run.safetensors"
    fabrics = [Fabric(accelerator="cpu", devices=1, precision=precision) for precision in (first, second)]
    run(network(), checkpoint=path, fabric=fabrics[0])
    with pytest.raises(
        ValueError, match=f"its precision = '{first}', allowed: '{second}'; remove it, or give this run another path"
    ):
        run(network(), checkpoint=path, fabric=fabrics[1])


def test_weights_of_another_type(tmp_path):
    """The model itself in bfloat16: its digest holds the type."""
    path = tmp_path / "run.safetensors"
    x, y = torch.randn(12, 3), torch.randint(0, 2, (12,))
    config, half, full = Config(epochs=1, batch=4, seed=0), nn.Linear(3, 2).bfloat16(), nn.Linear(3, 2)
    full.load_state_dict(half.state_dict())
    train(half, functional.cross_entropy, (x.bfloat16(), y), config=config, checkpoint=path)
    with pytest.raises(ValueError, match="is of another run: its model = "):
        train(full, functional.cross_entropy, (x, y), config=config, checkpoint=path)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("compile", [False, True])
def test_gpu(tmp_path, compile):
    """Autocast and compilation on a GPU: it learns, and a stopped run goes on to the same bits."""
    path = tmp_path / "run.safetensors"
    settings = {"compile": compile, "epochs": 3, "fabric": one_device()}
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


if __name__ == "__main__":
    place, optimizer, path = sys.argv[1:]
    if place == "write":
        kill_in_write(2)
    torch.set_num_threads(1)
    augment = kill_in_step(13) if place == "step" else flip
    run(network(), optimizer=optimizer, checkpoint=Path(path), augment=augment)
