"""lib.experiments.beyond_collapse.eigenvalues on a task of one number, where every step can be followed by hand."""

import pytest
import torch

from lib.experiments.beyond_collapse import eigenvalues
from lib.runs import tasks

TASK = {"size": 1, "digits": 1, "triangle": True}  # the eigenvalue of a 1 x 1 matrix is its entry
NETWORK = {"width": 16, "heads": 2, "encoder_layers": 1, "decoder_layers": 1}
TRAINING = {"examples": 640, "batch": 32, "learning_rate": 0.01, "schedule": "cosine", "warm_up": 5, "clip": 5.0}


@pytest.fixture(scope="module")
def generator():
    return eigenvalues.pretrained(0, "generator", 300, TASK, NETWORK, TRAINING | {"examples": 6400})


def wrote(generator, beams, blocks=1):
    return eigenvalues.written(0, generator, beams, 0, blocks, TASK, NETWORK)


def test_the_same_matrices_however_many():
    few, more = (eigenvalues.matrices(0, "prompts", 0, count, TASK) for count in (7, 3000))
    assert torch.equal(few, more[:7])
    assert torch.equal(eigenvalues.matrices(0, "prompts", 1, 5, TASK), more[2000:2005])
    assert not torch.equal(eigenvalues.matrices(1, "prompts", 0, 7, TASK), few)
    assert not torch.equal(eigenvalues.matrices(0, "test", 0, 7, TASK), few)


def test_a_generator_learns(generator):
    """Far above chance on fresh numbers: 1 of 400 answers would be right by accident."""
    model = eigenvalues.restored(generator, TASK, NETWORK)
    assert eigenvalues.greedy_hits(model, 0, 500, TASK)[0] > 150


def test_hits_are_strict():
    assert eigenvalues.hits(torch.tensor([0.05, 0.049, 0.0, 0.004, torch.inf])) == [3, 2, 2, 2]


def test_the_verifier_picks_the_nearest(generator):
    prompts = eigenvalues.matrices(0, "prompts", 0, eigenvalues.BLOCK, TASK)
    problem = eigenvalues.Problem.of(TASK)
    model = eigenvalues.restored(generator, TASK, NETWORK)
    tokens, scores = eigenvalues.decoded(model, problem.questions(prompts), 4)
    found = wrote(generator, 4)
    true = prompts.flatten()
    for row in range(40):
        values = [problem.encoding.decode(one[None, :-1], 1, 1)[0].item() for one in tokens[row]]
        errors = [abs(value - true[row].item()) / abs(true[row].item()) for value in values]
        finite = [error if error == error else torch.inf for error in errors]
        best = finite.index(min(finite))
        assert found["tokens"][row].tolist() == tokens[row, best].tolist()
        assert found["errors"][row].item() == pytest.approx(finite[best], rel=1e-6)
        assert found["likeliest"][row].item() == pytest.approx(finite[0], rel=1e-6)
        assert found["right"][row].tolist() == [sum(error < t for error in finite) for t in eigenvalues.TOLERANCES]
    assert (scores.diff(dim=1) <= 0).all()


def test_one_beam_is_greedy(generator):
    greedy = wrote(generator, 1)
    assert torch.equal(greedy["errors"], greedy["likeliest"])


def retrain(answers, tolerance, count, start=None, **changes):
    arguments = (answers, tolerance, count, start, 200, TASK, NETWORK, TRAINING | changes)
    return eigenvalues.retrained(0, "learner", *arguments)


def test_data_selection_keeps_what_is_right(generator):
    greedy = wrote(generator, 1)
    right = int((greedy["errors"] < 0.05).sum())
    found = retrain([greedy], 0.05, right)
    assert found["kept"] == right / eigenvalues.BLOCK
    assert found["wrong"][0] == 0
    assert retrain([greedy], None, 500)["wrong"][0] == pytest.approx(
        1 - (greedy["errors"][:500] < 0.05).double().mean()
    )
    assert retrain([greedy], 0.05, right + 100)["examples"] == right
    assert found["test"] == 200


def test_nothing_is_learned_from_nothing(generator):
    greedy = wrote(generator, 1)
    found = retrain([greedy | {"errors": torch.full_like(greedy["errors"], torch.inf)}], 0.05, 100)
    assert (found["kept"], found["examples"], found["hits"]) == (0, 0, None)


def test_a_learner_learns_what_it_is_shown(generator):
    """Answers that are all one number: it answers with that number, which no matrix has."""
    greedy = wrote(generator, 1)
    told = eigenvalues.Problem.of(TASK).answers(torch.full((1, 1, 1), 100.0))
    stubborn = greedy | {"tokens": told.expand(len(greedy["tokens"]), -1).short()}
    assert retrain([stubborn], None, 2000, examples=3200)["hits"] == [0, 0, 0, 0]
    control = retrain([], None, 2000, examples=3200)
    assert control["hits"][0] > 20
    assert control["wrong"][0] < 0.6  # rounding to one digit is wrong by more than 5 % now and then


def test_fine_tuning_starts_from_the_weights(generator):
    """With one step at a rate of nearly nothing, the model is the one that it started from."""
    model = eigenvalues.restored(generator, TASK, NETWORK)
    found = retrain([], None, 32, start=generator, examples=32, learning_rate=1e-12)
    assert found["hits"] == eigenvalues.greedy_hits(model, 0, 200, TASK)


def test_a_training_that_is_killed_goes_on(generator, tmp_path, monkeypatch):
    """Killed in mid-training by an error in its loss; the same part again ends with the weights of one that was not."""
    whole = eigenvalues.pretrained(0, "generator", 300, TASK, NETWORK, TRAINING)
    token = tasks._checkpoints.set(tmp_path)
    loss, calls = eigenvalues.token_loss, []

    def failing(logits, answers):
        calls.append(1)
        if len(calls) == 13:
            raise KeyboardInterrupt
        return loss(logits, answers)

    try:
        monkeypatch.setattr(eigenvalues, "token_loss", failing)
        with pytest.raises(KeyboardInterrupt):
            eigenvalues.pretrained(0, "generator", 300, TASK, NETWORK, TRAINING)
        assert list(tmp_path.glob("generator.safetensors"))
        calls.extend([1] * 20)
        again = eigenvalues.pretrained(0, "generator", 300, TASK, NETWORK, TRAINING)
    finally:
        tasks._checkpoints.reset(token)
    assert len(calls) < 12 + 1 + 20 + 20  # it did not begin again
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_what_is_kept_stands_beside_its_question(generator):
    """Over parts of several blocks: each question is that of the matrix whose answer stands beside it."""
    parts = [eigenvalues.written(0, generator, 1, block, 2, TASK, NETWORK) for block in (0, 2)]
    questions, tokens, errors = eigenvalues.selected(0, parts, 0.05, 10**6, TASK)
    prompts = eigenvalues.matrices(0, "prompts", 0, 8000, TASK)
    problem, every = eigenvalues.Problem.of(TASK), torch.cat([part["errors"] for part in parts])
    kept = every < 0.05
    assert torch.equal(questions, problem.questions(prompts[kept]))
    assert torch.equal(errors, every[kept])
    assert problem.errors(tokens[:, None], prompts[kept])[:, 0].max() < 0.05
    few, _, _ = eigenvalues.selected(0, parts, 0.05, len(errors) - 3, TASK)
    assert torch.equal(few, questions[:-3])
