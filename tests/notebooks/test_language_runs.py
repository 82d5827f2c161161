"""The two notebooks with a reader's language models, end to end on a tiny one and a file of a few lines; an absent folder."""

import json
import re

import nbformat
import pytest
import tiny

from lib import rerun
from lib.datasets import toy_safety
from lib.models.language.folder import Folder
from lib.runs.files import read_json

SUMMARIES, SAFETY = "beyond-collapse/05-summaries", "random-matrices/05-safety-answers"


def in_words(executed) -> str:
    """What the cells of language models say in an executed copy, without pictures."""
    cells = [each for each in nbformat.read(executed, as_version=4).cells if each.id.startswith(("language-", "lm-"))]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]  # no warning
    words = [each for output in outputs for each in [output.get("text"), *output.get("data", {}).values()]]
    return re.sub(r"base64,[^\"]*", "", "\n".join(each for each in words if isinstance(each, str)))


def lines_of(path, rows):
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def ran(name, tmp_path, changes):
    """Words of a smoke run with these changes, and its record; no place is in the record."""
    executed = rerun.run(name, "smoke", changes=changes)
    record = read_json(executed.with_name("record.json"))
    assert executed.parent.parent == tmp_path / "runs" / "smoke" / name  # changed-...: it hides no other run
    assert str(tmp_path) not in json.dumps(record)
    assert {"model_seeds", "model_block", "model_dtype", "model_lora"} < set(record["parameters"])
    assert not {"root", "model", "model_verifier"} & set(record["parameters"])
    return in_words(executed), record["values"]


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path / "runs"))
    return tmp_path


def test_summaries(runs):
    documents, summaries = tiny.news(48)
    lines_of(
        runs / "data/news/mine.jsonl",
        [{"document": text, "summary": said} for text, said in zip(documents, summaries, strict=True)],
    )
    one, two = (tiny.make(runs / f"weights-{k}", seed=k, texts=documents + summaries) for k in (0, 1))
    changes = {"dataset": "news", "root": str(runs / "data"), "file": "mine.jsonl", "test_share": 0.25}
    words, values = ran(SUMMARIES, runs, changes | {"model": str(one), "model_verifier": str(two)})
    found = values["language"]
    assert [each["digest"] for each in found["models"]] == [Folder(one).digest, Folder(two).digest]
    assert found["design"]["block"] == 160
    for row in (each for curve in found["curves"].values() for rate in curve for each in rate):
        assert row["kept"] in (4, 9, 18)  # 12.5, 25 and 50 % of 36, rounded
        assert 0 <= row["rouge"] <= 1
    assert [row[0]["kept"] for row in found["curves"]["oracle"]] == [4, 9, 18]
    for digest in (Folder(one).digest, Folder(two).digest):
        assert f"llama {digest[:12]}" in words
    line = f"| all original labels |  | {found['lines'][0]['originals']:.4f} |"
    assert line in words
    assert "Test Rouge-1 (F-measure, 0 to 1) of language models" in words
    assert not re.search(r"\b(nan|inf|None)\b", words)


def test_safety_answers(runs):
    answers = toy_safety.load(count=240)
    rows = zip(answers.questions, answers.answers, answers.labels.tolist(), strict=True)
    lines_of(
        runs / "data/safety/mine.jsonl",
        [{"prompt": question, "response": answer, "is_safe": label} for question, answer, label in rows],
    )
    folder = tiny.make(runs / "weights", texts=[*answers.questions, *answers.answers])
    sizes = {"real": 24, "labeller": 24, "verifier": 24, "pool": 48, "columns": 8}
    changes = {
        "data": "safety",
        "root": str(runs / "data"),
        "file": "mine.jsonl",
        "model": str(folder),
        "model_verifier": str(folder),
    }
    words, values = ran(SAFETY, runs, changes | sizes | {"model_seeds": 2})
    found = values["language"]
    assert found["sizes"] == [0, 12, 24, 48]
    assert set(found["students"]) == {"oracle", "weak", "own", "none"}
    for curve in found["students"].values():
        assert curve[0] == found["students"]["none"][0]  # no row of the pool, so no verifier
        assert [len(draws) for draws in curve] == [2] * 4
    assert [draw["kept"] for draw in found["students"]["none"][3]] == [48, 48]
    assert f"llama {Folder(folder).digest[:12]}" in words
    mean = sum(each["labeller"] for each in found["judges"]) / 2
    assert f"| the labeller alone |  |  | {mean:.4f}\u00a0±\u00a0" in words
    figure_8(words, values["preferences"])
    assert not re.search(r"\b(nan|inf|None)\b", words)


def figure_8(words, found):
    """Twenty-one trainings of each of two draws, on as many pairs as there are, and what the page says of them."""
    human = found["design"]["human"]
    assert human >= 2
    assert (found["design"]["synthetic"], found["design"]["block"], found["design"]["lora"]) == (7 * human, 128, 8)
    for judged, learned in zip(found["judged"], found["learned"], strict=True):
        assert len(judged["safe"]) == len(learned) == len(found["points"]) == 21
        assert all(0 <= share <= 1 for share in judged["safe"])
        assert judged["answers"] >= 20
        assert learned[0] == {"pairs": human, "wrong": 0}
        assert all(
            human <= each["pairs"] <= human + point["m"] for each, point in zip(learned, found["points"], strict=True)
        )
    assert found["learned"][0] != found["learned"][1]
    last = [100 * (draw["safe"][5] - draw["safe"][0]) for draw in found["judged"]]
    gain = f"{sum(last) / 2:+.1f}\u00a0±\u00a0"
    assert re.search(rf"\| strong \| 0.1 \| [0-9.]+ \| {re.escape(gain)}[1-9][0-9.]* \| \+33.0 \|", words)
    assert f"to m = {7 * human} beside {human} human pairs" in words
    assert "Share of safe answers of a tuned language model against synthetic pairs" in words


def test_without_folders_a_sentence_says_what_figure_8_needs(runs):
    executed = rerun.run(SAFETY, "smoke", changes={})
    assert (
        "Figure 8 as the paper has it needs two folders of weights, `model` and `model_verifier`, and 40000 pairs"
        in (in_words(executed))
    )


@pytest.mark.parametrize("name", [SUMMARIES, SAFETY])
def test_a_folder_that_is_absent_ends_in_a_sentence(name, runs):
    words = ["-p", "model", "/nowhere/at/all", "-p", "model_verifier", "/nowhere/at/all"]
    with pytest.raises(SystemExit) as caught:
        rerun.main([name, "--profile", "smoke", *words])
    assert re.fullmatch(
        r"folder = '/nowhere/at/all' is no folder; allowed: a folder that transformers' save_pretrained wrote, .*",
        caught.value.code,
    )


@pytest.mark.parametrize("name", [SUMMARIES, SAFETY])
def test_one_model_alone_ends_in_a_sentence(name, runs):
    with pytest.raises(SystemExit) as caught:
        rerun.main([name, "--profile", "smoke", "-p", "model", "/nowhere/at/all"])
    assert caught.value.code == (
        "model = '/nowhere/at/all', model_verifier = ''; allowed: the folders of both models, the same one twice if you have "
        "one, or of neither"
    )
