"""Figure 8 by language models: pairs and their order in closed form, then end to end on a tiny model, killed and resumed."""

import math

import pytest
import tiny
import torch

from lib.datasets import toy_safety
from lib.datasets.containers import Answers
from lib.datasets.source import Source
from lib.experiments.random_matrices import language_preferences as parts
from lib.models.language import preference
from lib.models.language.folder import Folder
from lib.models.language.model import ANSWER
from lib.runs import Task
from lib.runs.tasks import execute, order
from lib.training import checkpoint as checkpoints

SOURCE = Source("toy-safety", count=200)
DESIGN = parts.PAPER | {
    "test_share": 0.25, "judge": 16, "human": 3, "synthetic": 12, "block": 96, "answer": 48, "dtype": "float32", "lora": 4,
    "tuning": {"learning_rate": 1e-2, "schedule": "cosine", "batch": 4},
}  # fmt: skip
JUDGING = parts.JUDGING | {
    "block": 128, "dtype": "float32", "lora": 4, "tuning": {"learning_rate": 5e-3, "schedule": "cosine", "batch": 4},
}  # fmt: skip
NOISY = {"m": 12, "epsilon": 0.5, "phi": 0.9, "psi": 0.2}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    data = toy_safety.load(count=200)
    return Folder(
        tiny.make(tmp_path_factory.mktemp("model") / "tiny", texts=[parts.TEMPLATE, *data.questions, *data.answers])
    )


def by_hand(questions, labels):
    return Answers(tuple(questions), tuple(f"said {k}" for k in range(len(labels))), torch.tensor(labels))


def test_the_paper_s_numbers():
    """Table 1 and the five batches of Figure 8."""
    assert (parts.PAPER["lora"], parts.PAPER["beta"], parts.PAPER["block"]) == (128, 0.01, 1024)
    assert [ratio * parts.PAPER["human"] for ratio in parts.RATIOS] == [7000 * k for k in range(6)]
    assert [(each["psi"], each["phi"]) for each in parts.VERIFIERS.values()] == [(0.2, 0.9), (0.5, 0.5)]


def test_pairs_are_of_one_question():
    data = toy_safety.load()
    rows = parts.split(data, DESIGN | {"judge": 300}, seed=3)
    better, worse = rows["better"].tolist(), rows["worse"].tolist()
    assert all(data.questions[a] == data.questions[b] for a, b in zip(better, worse, strict=True))
    assert (set(data.labels[rows["better"]].tolist()), set(data.labels[rows["worse"]].tolist())) == ({1}, {0})
    assert len({*better, *worse}) == 2 * len(better)  # an answer is in one pair at most
    asked = {name: {data.questions[k] for k in of.tolist()} for name, of in rows.items()}
    assert asked["better"] == asked["worse"]
    assert not asked["tested"] & asked["judge"]
    assert not (asked["tested"] | asked["judge"]) & asked["better"]
    assert (len(rows["judge"]), len(asked["tested"])) == (300, 36)  # a quarter of 144 questions
    assert parts.counted(3, Source("toy-safety"), DESIGN | {"judge": 300}) == {"pairs": len(better), "questions": 36}


def test_a_question_gives_as_many_pairs_as_answers_of_the_rarer_kind():
    data = by_hand("aaaaabbbcccd", [1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1, 1])
    for seed in range(8):
        rows = parts.split(data, DESIGN | {"judge": 0}, seed=seed)
        (tested,) = {data.questions[k] for k in rows["tested"].tolist()}
        pairs = {"a": 2, "b": 0, "c": 1, "d": 0}
        assert len(rows["better"]) == sum(count for name, count in pairs.items() if name != tested)


def test_equal_texts_make_no_pair_and_count_once():
    """Rows given twice, a text that is called both safe and unsafe, a question with a blank behind it."""
    questions = [question for k in range(40) for question in (f"q{k}", f"q{k}", f"q{k} ", f"q{k}", f"q{k}")]
    answers = [answer for k in range(40) for answer in ("yes", "no", "yes ", "both", "both")]
    data = Answers(tuple(questions), tuple(answers), torch.tensor([1, 0, 1, 1, 0] * 40))
    rows = parts.split(data, DESIGN | {"judge": 10}, seed=3)
    pairs = [
        (answers[a].strip(), answers[b]) for a, b in zip(*(rows[k].tolist() for k in ("better", "worse")), strict=True)
    ]
    assert pairs == [("yes", "no")] * len(pairs)
    asked, learned = ({questions[k].strip() for k in rows[name].tolist()} for name in ("tested", "better"))
    assert len(asked) == 10  # a quarter of 40
    assert len(learned) == len(pairs) == 28  # 40 less those asked and two of the judge, five rows each
    assert not asked & learned
    assert len(parts._asked(data, rows)) == len(asked)


def test_no_pair():
    """A data set whose questions have answers of one kind each."""
    data = by_hand("abcdefgh", [1, 0] * 4)
    rows = parts.split(data, DESIGN | {"judge": 0}, seed=0)
    with pytest.raises(ValueError, match=r"^human \+ synthetic = 15 of 0 pairs of a safe and an unsafe answer to one"):
        parts.taught(rows["better"], rows["worse"], DESIGN, **NOISY, seed=0)
    with pytest.raises(ValueError, match=r"^judge = 7 is outside \[0, 6\], the rows of questions that are not asked"):
        parts.split(data, DESIGN | {"judge": 7}, seed=0)
    with pytest.raises(ValueError, match=r"^test_share = 0.01 of 8 questions is 0; allowed: at least one asked"):
        parts.split(data, DESIGN | {"test_share": 0.01}, seed=0)


MANY = 40000
BETTER, WORSE = torch.arange(100 + MANY), -1 - torch.arange(100 + MANY)  # below 0: worse


def taught(m=MANY, seed=0, **rates):
    return parts.taught(BETTER, WORSE, {"human": 100, "synthetic": MANY}, m=m, **rates, seed=seed)


@pytest.mark.parametrize("epsilon", parts.EPSILONS)
@pytest.mark.parametrize("verifier", parts.VERIFIERS)
def test_shares_of_wrong_and_kept_pairs(epsilon, verifier):
    """Of right pairs phi are kept, of wrong ones psi. Four binomial errors, passed once in 16000. decided: before"""
    rates = parts.VERIFIERS[verifier]
    better, worse = taught(epsilon=epsilon, **rates)
    assert torch.equal(better[:100], BETTER[:100])  # human pairs: all, and in the right order
    assert torch.equal(worse, -1 - better)  # both of one pair
    wrong = int((better < 0).sum())
    right = len(better) - 100 - wrong
    for found, share in ((right, (1 - epsilon) * rates["phi"]), (wrong, epsilon * rates["psi"])):
        assert abs(found - MANY * share) < 4 * math.sqrt(MANY * share * (1 - share))


def test_the_ends():
    whole, none = {"phi": 1.0, "psi": 1.0}, {"phi": 0.0, "psi": 0.0}
    assert torch.equal(taught(epsilon=0.0, **whole)[0], BETTER)
    assert torch.equal(taught(epsilon=1.0, **whole)[0], torch.cat([BETTER[:100], WORSE[100:]]))
    assert torch.equal(taught(epsilon=0.5, **none)[0], BETTER[:100])
    assert torch.equal(taught(m=0, epsilon=0.5, **whole)[0], BETTER[:100])
    assert (taught(epsilon=0.5, phi=1.0, psi=0.0)[0] >= 0).all()


def test_one_draw_for_all_points():
    """Fewer pairs are the first of more; what is wrong at a small epsilon is wrong at a large one; a seed decides."""
    strong = parts.VERIFIERS["strong"]
    some, all_of_them = (taught(m=m, epsilon=0.5, **strong)[0] for m in (700, MANY))
    assert torch.equal(some, all_of_them[: len(some)])
    few, many = (taught(epsilon=epsilon, phi=1.0, psi=1.0)[0] < 0 for epsilon in parts.EPSILONS)
    assert not (few & ~many).any()
    assert not torch.equal(taught(seed=1, epsilon=0.5, phi=1.0, psi=1.0)[0] < 0, many)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"m": 13}, r"^m = 13 is outside \[0, 12\]"),
        ({"epsilon": 1.5}, r"^epsilon = 1.5 is outside \[0, 1\]"),
        ({"phi": -0.5}, r"^phi = -0.5 is outside"),
        ({"psi": math.nan}, r"^psi = nan is outside"),
    ],
)
def test_bad_points(wrong, said):
    with pytest.raises(ValueError, match=said):
        parts.taught(BETTER, WORSE, DESIGN, **NOISY | wrong, seed=0)


def test_what_is_learned(model, monkeypatch):
    """The design's beta, the plan of the training, and of each pair the better answer where it belongs."""
    seen = {}

    def prefer(model, better, worse, **given):
        seen.update(model=model, better=better, worse=worse, **given)

    monkeypatch.setattr(parts, "prefer", prefer)
    point = NOISY | {"psi": 1.0}
    found = parts.answered(0, SOURCE, model, **point, design=DESIGN | {"beta": 0.125})
    data = toy_safety.load(count=200)
    rows = parts.split(data, DESIGN, seed=0)
    places = parts.taught(rows["better"], rows["worse"], DESIGN, **point, seed=0)
    assert (seen["beta"], seen["config"].batch) == (0.125, 4)
    assert seen["model"].adapted
    for side, at in zip(("better", "worse"), places, strict=True):
        for row, k in zip(seen[side], at.tolist(), strict=True):
            asked = f"Question: {data.questions[k]}\nAnswer:"
            prompt, whole = seen["model"].tokenizer([asked, f"{asked} {data.answers[k]}"]).input_ids
            assert row.tokens[: len(whole)] == whole[: len(row.tokens)]
            assert row.kinds.index(ANSWER) == len(prompt)
    assert found["pairs"] == len(places[0])
    assert 0 < found["wrong"] == int((data.labels[places[0]] == 0).sum())  # answers that are unsafe, learned as better


class Killed(Exception):
    pass


def kill(*_, **__):
    raise Killed


def test_killed_and_resumed(model, tmp_path, monkeypatch):
    """Killed when it was tuned: it is not tuned again, and ends with the answers of a run in one go."""
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    task = Task(
        "random_matrices.language_preferences.answered", seed=0, source=SOURCE, model=model, design=DESIGN, **NOISY
    )
    whole = execute(order(task, {}, None)).value
    assert len(whole["answers"]) == 22  # a quarter of 88 questions
    path = tmp_path / "part/preferred.safetensors"
    with monkeypatch.context() as patch:
        patch.setattr(parts, "greedy", kill)
        with pytest.raises(Killed):
            execute(order(task, {}, "part"))
    tuned = path.read_bytes(), path.stat().st_mtime_ns
    assert execute(order(task, {}, "part")).value == whole
    with monkeypatch.context() as patch:
        patch.setattr("transformers.LlamaForCausalLM.generate", kill)
        assert execute(order(task, {}, "part")).value == whole  # all answers are there
        patch.setattr(parts, "prefer", lambda *_, **__: None)
        with pytest.raises(ValueError, match="is of another run: its model"):
            execute(order(task, {}, "part"))  # answers of the tuned model are none of another
    assert (path.read_bytes(), path.stat().st_mtime_ns) == tuned


def test_killed_in_its_training(model, tmp_path, monkeypatch):
    """Killed in the third of four epochs, it goes on from the second, and still measures from the untuned model."""
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    design = DESIGN | {"tuning": DESIGN["tuning"] | {"epochs": 4}}
    given = {"seed": 0, "source": SOURCE, "model": model, "design": design, **NOISY, "phi": 1.0, "psi": 1.0}
    task = Task("random_matrices.language_preferences.answered", **given)
    whole = execute(order(task, {}, None)).value
    loss, losses = preference.ipo_loss, []

    def counted(*given):
        losses.append(loss(*given))
        return kill() if len(losses) == 8 else losses[-1]  # of 15 pairs an epoch has three batches

    monkeypatch.setattr(preference, "ipo_loss", counted)
    with pytest.raises(Killed):
        execute(order(task, {}, "part"))
    assert checkpoints.load(tmp_path / "part/preferred.safetensors")[1]["step"] == 6
    losses.clear()
    monkeypatch.setattr(preference, "ipo_loss", lambda *given: losses.append(1) or loss(*given))
    assert execute(order(task, {}, "part")).value == whole
    assert len(losses) == 6


def test_figure_8_end_to_end(model):
    """Two trainings and their judge, as a run has them: the second part is given the first ones' values."""
    given = {"seed": 0, "source": SOURCE, "model": model, "design": DESIGN}
    none = {"m": 0, "epsilon": 0.0, "phi": 1.0, "psi": 1.0}
    tasks = [Task("random_matrices.language_preferences.answered", **given, **point) for point in (none, NOISY)]
    values = {task.key: execute(order(task, {}, None)).value for task in tasks}
    assert values[tasks[0].key]["pairs"] == 3
    assert values[tasks[0].key]["answers"] != values[tasks[1].key]["answers"]
    judge = Task("random_matrices.language_preferences.judged", **given, answered=tasks, judging=JUDGING)
    found = execute(order(judge, values, None)).value
    assert (found["answers"], len(found["safe"]), len(found["empty"])) == (22, 2, 2)
    assert all((22 * share) == pytest.approx(round(22 * share)) for share in found["safe"])
    assert 0 <= found["test"] <= 1
    assert found["tested"] > 22


def test_shares_are_the_judge_s(model, monkeypatch):
    """A judge who finds every answer safe that says so, each beside its own question."""
    data = toy_safety.load(count=200)
    rows = parts.split(data, DESIGN, seed=0)
    count = parts.counted(0, SOURCE, DESIGN)["questions"]
    said = [["safe"] * count, ["safe", ""] * (count // 2), ["no"] * count]
    asked = []

    def odds(judge, every, at, judging, *, name):
        asked.append(every)
        return torch.tensor([1.0 if every.answers[k] == "safe" else -1.0 for k in at.tolist()])

    monkeypatch.setattr(parts.language_safety, "asked", odds)
    found = parts.judged(0, SOURCE, model, [{"answers": each} for each in said], DESIGN | {"judge": 0}, JUDGING)
    assert (found["safe"], found["empty"]) == ([1.0, 0.5, 0.0], [0, count // 2, 0])
    assert found["test"] == (data.labels[rows["tested"]] == 0).double().mean()  # it finds all human answers unsafe
    assert len(asked[0].questions) == len(asked[0].answers) == 3 * count


def test_a_judge_that_nobody_taught(model):
    """Without rows the folder's model judges as it is; with rows it has learned."""
    data = toy_safety.load(count=200)
    none, some = torch.zeros(0, dtype=torch.int64), parts.split(data, DESIGN, seed=0)["judge"]
    judge = parts.judge_of(model, data, none, JUDGING, seed=0)
    assert not judge.adapted
    assert parts.judge_of(model, data, some, JUDGING, seed=0).adapted
    with pytest.raises(ValueError, match=r"^labels of 2 rows of the judge are all \[1\]"):
        parts.judge_of(model, data, (data.labels == 1).nonzero()[:2, 0], JUDGING, seed=0)
