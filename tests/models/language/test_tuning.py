"""Fine-tuning: what is learned, by which numbers, killed and resumed to the same bits, and by adapters only."""

import os
import pathlib
import signal
import subprocess
import sys

import pytest
import tiny
import torch
from tiny import TEMPLATE
from torch.nn import functional

from lib.models.language import tuning
from lib.models.language.answers import greedy, log_likelihoods
from lib.models.language.folder import Folder
from lib.models.language.model import load, with_lora
from lib.models.language.rows import pairs, prompts
from lib.models.language.tuning import fine_tune, plan
from lib.training import Config
from lib.training import checkpoint as checkpoints

PAPER = {"learning_rate": 5e-5, "schedule": "cosine", "batch": 32}
QUICK = {"learning_rate": 3e-3, "schedule": "cosine", "batch": 4, "epochs": 2}
DROPOUT = 0.3
STEPS = 10


def test_the_paper_s_plan():
    found = plan(PAPER, 38000, seed=3)
    assert found == Config(
        steps=1187,
        evaluate_every=1187,
        batch=32,
        learning_rate=5e-5,
        schedule="cosine",
        weight_decay=0.0,
        clip=1.0,
        seed=3,
    )  # the defaults of transformers' own script: no decay, gradients clipped at 1, no warm-up
    safety = {"learning_rate": 2e-5, "schedule": "cosine", "batch": 8, "accumulate": 4, "warm_up": 0.1}
    assert (plan(safety, 12000, seed=0).warm_up, plan(safety, 12000, seed=0).accumulate) == (150, 4)
    assert plan(PAPER, 5, seed=0).batch == 5


@pytest.mark.parametrize(("count", "parts"), [(1, 1), (2, 1), (4, 2), (9, 9), (20, 10), (31, 31), (32, 16), (63, 16)])
def test_fewer_pairs_than_a_batch_need_no_more_memory(count, parts):
    """Micro-batches of two rows, or of one where two do not divide the pairs."""
    found = plan(PAPER | {"accumulate": 16}, count, seed=0)
    assert (found.batch, found.accumulate, found.steps) == (min(count, 32), parts, 1)


@pytest.mark.parametrize(
    ("settings", "count", "said"),
    [
        ({"batch": 32, "schedule": "cosine"}, 5, r"settings has no 'learning_rate', .*; allowed: with"),
        (PAPER | {"warm_up": 1.0}, 5, r"warm_up = 1.0 is outside \[0, 1\)"),
        (PAPER | {"schedule": "linear"}, 5, "schedule = 'linear' is not one of"),
        (PAPER, 0, r"count = 0 is outside \[1, "),
    ],
)
def test_bad_plans(settings, count, said):
    with pytest.raises(ValueError, match=said):
        plan(settings, count, seed=0)


def test_one_step_against_torch(folder, model, taught):
    """A step of AdamW on the mean over all tokens of the answers, each row alone, without padding."""
    rows = taught[:4]
    fine_tune(model, rows, config=plan(QUICK | {"epochs": 1, "schedule": "constant"}, 4, seed=0))
    other = load(Folder(folder), block=128)
    optimizer = torch.optim.AdamW(other.parameters(), lr=3e-3, weight_decay=0.0)
    losses = []
    for row in rows:
        tokens = torch.tensor([row.tokens])
        said = torch.tensor(row.kinds[1:]) >= 2
        losses.append(
            functional.cross_entropy(
                other.network(input_ids=tokens).logits[0, :-1][said], tokens[0, 1:][said], reduction="none"
            )
        )
    torch.cat(losses).mean().backward()
    torch.nn.utils.clip_grad_norm_(other.parameters(), 1.0)
    optimizer.step()
    for (name, value), expected in zip(model.named_parameters(), other.parameters(), strict=True):
        # AdamW's first step is the rate times the sign of the gradient: where that is rounding, the sign may differ
        differing = ((value - expected).abs() > 1e-5).double().mean()
        assert differing < 0.01, name


def test_it_learns_to_answer(folder):
    """What is asked decides what is answered: yes about bridges, no about hospitals."""
    texts = [f"{kind} {word}" for kind in ("bridge", "hospital") for word in ("old", "busy", "new", "of", "in", "the")]
    model = load(Folder(folder), block=64)
    rows = pairs(model, TEMPLATE, texts, ["yes"] * 6 + ["no"] * 6, answer=4)
    fine_tune(model, rows, config=plan(QUICK | {"epochs": 20}, len(rows), seed=0))
    assert greedy(model, prompts(model, TEMPLATE, texts, answer=4), answer=4) == ["yes"] * 6 + ["no"] * 6
    assert not model.training


def trained(folder, taught, *, lora=0, accumulate=1, seed=0, **given):
    """Two epochs of 5 steps; with adapters, with dropout in them."""
    model = load(Folder(folder), block=128)
    if lora:
        with_lora(model, rank=lora, dropout=DROPOUT, seed=1)
    result = fine_tune(model, taught, config=plan(QUICK | {"accumulate": accumulate}, len(taught), seed=seed), **given)
    return model, result


def assert_same(one, other):
    for (name, value), expected in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(value, expected), name


@pytest.mark.parametrize("lora", [0, 2])
def test_killed_and_resumed(folder, taught, tmp_path, lora):
    """Killed as by kill -9 in the seventh of ten steps, after a checkpoint at the sixth: the same bits as in one go."""
    path = tmp_path / "run.safetensors"
    given = [sys.executable, __file__, str(folder), str(path), str(lora)]
    killed = subprocess.run(given, capture_output=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert checkpoints.load(path)[1]["step"] == 6
    resumed, result = trained(folder, taught, lora=lora, checkpoint=path)
    expected, whole = trained(folder, taught, lora=lora)
    assert_same(resumed, expected)
    assert result._replace(seconds=0) == whole._replace(seconds=0)
    assert result.steps == STEPS
    again, same = trained(folder, taught, lora=lora, checkpoint=path)  # nothing is left to do
    assert_same(again, expected)
    assert same.history == whole.history
    with pytest.raises(ValueError, match="is of another run: its "):
        trained(folder, taught, lora=lora, checkpoint=path, seed=1)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_who_is_told(folder, taught, tmp_path, accumulate, capfd):
    """Each step before it is made, in order, and no step that the loop only looks at; resumed, the rest. No bar is drawn."""
    told, path = [], tmp_path / "run.safetensors"

    def tell(done, total, unit):
        assert (total, unit) == (STEPS, "steps")
        told.append(done)
        if len(told) > 4 * accumulate and not path.with_suffix(".stopped").exists():
            path.with_suffix(".stopped").touch()
            raise InterruptedError

    given = {"checkpoint": path, "checkpoint_steps": 3, "accumulate": accumulate, "progress": tell}
    with pytest.raises(InterruptedError):
        trained(folder, taught, **given)
    trained(folder, taught, **given)
    first, rest = ([step for step in steps for _ in range(accumulate)] for steps in (range(4), range(3, STEPS)))
    assert told == [*first, 4, *rest]  # it was stopped in step 4, after a checkpoint of three
    assert capfd.readouterr().err == ""
    expected, _ = trained(folder, taught, accumulate=accumulate, progress=True)
    assert f"{4 * STEPS}/{4 * STEPS}" in capfd.readouterr().err
    assert_same(trained(folder, taught, **given)[0], expected)


def test_larger_batches_than_there_are_rows(model, taught):
    with pytest.raises(ValueError, match=r"^config.batch = 4 of count = 3 rows; allowed: at most so many"):
        fine_tune(model, taught[:3], config=plan(QUICK, 8, seed=0))


def test_a_seed_decides(folder, taught):
    one, other = (trained(folder, taught, seed=seed)[0].state_dict() for seed in (0, 1))
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_micro_batches(folder, taught):
    """Rows of a batch in two parts of other lengths: the same mean over tokens, but for rounding."""
    one, two = (trained(folder, taught, accumulate=parts)[1].history for parts in (1, 2))
    assert [each["train"] for each in one] == pytest.approx([each["train"] for each in two], rel=1e-4)


def test_lora_changes_the_adapters_only(folder, taught):
    start = with_lora(load(Folder(folder), block=128), rank=2, seed=1)
    before = {name: value.clone() for name, value in start.named_parameters()}
    likely = log_likelihoods(load(Folder(folder), block=128), taught)
    assert log_likelihoods(start, taught) == pytest.approx(likely, rel=0, abs=1e-5)  # fresh adapters change no answer
    model, _ = trained(folder, taught, lora=2)
    changed = {name for name, value in model.named_parameters() if not torch.equal(value, before[name])}
    adapters = {name for name in before if "lora" in name}
    assert changed == adapters == {name for name, value in model.named_parameters() if value.requires_grad}
    assert len(adapters) == 2 * 2 * 7  # two matrices for each of seven linear layers in two blocks
    assert sum(log_likelihoods(model, taught)) > sum(likely)


def test_the_checkpoint_of_adapters_is_small(folder, taught, tmp_path):
    path = tmp_path / "run.safetensors"
    trained(folder, taught, lora=2, checkpoint=path)
    assert path.stat().st_size < (pathlib.Path(folder) / "model.safetensors").stat().st_size


def test_tied_weights(tmp_path, taught):
    """A model whose head is its embedding resumes too."""
    documents, summaries = tiny.news(24)
    there = tiny.make(tmp_path / "tied", texts=documents + summaries, tied=True)
    path = tmp_path / "run.safetensors"
    (one, result), (other, _) = (trained(there, taught, checkpoint=path, checkpoint_steps=5) for _ in range(2))
    assert_same(one, other)
    assert one.network.lm_head.weight is one.network.model.embed_tokens.weight
    assert result.history[1]["train"] < result.history[0]["train"]


def test_no_answer(model, asked):
    with pytest.raises(ValueError, match=r"^rows\[0\] = .*, allowed: a Row with an answer"):
        fine_tune(model, asked, config=plan(QUICK, 4, seed=0))


def main(folder: str, path: str, lora: int) -> None:
    """Train, and die as by kill -9 in the seventh step."""
    stream, padded = {"batches": 0}, tuning.padded

    def dying(rows, pad):
        stream["batches"] += 1
        if stream["batches"] == 4 + 7:  # the loop looks at four batches first, to know the data again
            os.kill(os.getpid(), signal.SIGKILL)
        return padded(rows, pad)

    tuning.padded = dying
    documents, summaries = tiny.news(20)
    texts = [each[: 100 * (1 + k % 3)] for k, each in enumerate(documents)]
    taught = pairs(load(Folder(folder), block=128), TEMPLATE, texts, summaries, answer=24)
    trained(folder, taught, lora=lora, checkpoint=pathlib.Path(path), checkpoint_steps=3)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
