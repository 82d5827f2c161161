"""A language model as it is loaded: offline, whole, with a padding token, within its context."""

import json
import socket
import subprocess
import sys

import pytest
import tiny
import torch
from safetensors.torch import load_file, save_file

from lib.models.language import model as models
from lib.models.language.folder import Folder
from lib.models.language.model import load, with_lora
from lib.models.language.rows import padded


def test_nothing_is_fetched(folder, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a look at the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert not load(Folder(folder), block=64).training


def test_transformers_is_imported_late():
    """Who does not load a model does not wait for it: every module of the library, but for its experiments' chapters too."""
    names = ("lib.models.language.preference", "lib.experiments.beyond_collapse.language_summaries",
             "lib.experiments.random_matrices.language_safety", "lib.runs.tasks")  # fmt: skip
    said = f"import sys, {', '.join(names)}; assert not {{'transformers', 'peft', 'tokenizers'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", said], check=True)


def test_a_folder_s_settings_of_answers_are_set_aside(folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    settings = {"do_sample": True, "temperature": 0.6, "repetition_penalty": 1.3, "eos_token_id": [5, 7]}
    (there / "generation_config.json").write_text(json.dumps(settings))
    made = load(Folder(there), block=64).network.generation_config
    assert not made.do_sample
    assert not made.repetition_penalty
    assert made.eos_token_id == [2, 5, 7]  # 2 is the tokenizer's


def test_a_model_that_looks_ahead_is_refused(folder, tmp_path):
    """BERT under a causal head loads, and its likelihood of an answer would have seen the answer."""
    transformers = models._transformers()
    there = tiny.copied(folder, tmp_path / "there")
    size = load(Folder(folder), block=64).network.config.vocab_size
    config = transformers.BertConfig(
        vocab_size=size, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=256,
    )  # fmt: skip
    (there / "model.safetensors").unlink()
    transformers.BertForMaskedLM(config).save_pretrained(there)
    with pytest.raises(ValueError, match=rf"^folder = '{there}' holds a model \(bert\) that sees the tokens to come"):
        load(Folder(there), block=64)


def test_losses_are_those_of_the_network(model, taught):
    """Against the network on each row alone, without padding, and cross-entropy by log_softmax."""
    losses = model(padded(taught[:6], 0))
    assert losses.isfinite().all()
    for row, own in zip(taught[:6], losses, strict=True):
        logits = model.network(input_ids=torch.tensor([row.tokens])).logits[0, :-1]
        targets = torch.tensor(row.tokens[1:])
        expected = -logits.log_softmax(1)[torch.arange(len(targets)), targets] * (
            torch.tensor(row.kinds[1:]) >= models.ANSWER
        )
        # float32: sums of 32 numbers, in another order where there is padding
        torch.testing.assert_close(own[-len(targets) :], expected, rtol=0, atol=1e-5)
        assert not own[: -len(targets)].any()


def test_the_state_of_an_adapted_model(folder, model):
    assert set(model.state_dict()) == {f"network.{name}" for name in model.network.state_dict()}
    adapted = with_lora(load(Folder(folder), block=64), rank=2, seed=0)
    state = adapted.state_dict()
    assert all("lora" in name for name in state.keys() - {"base"})
    assert bytes(state["base"].tolist()).hex() == Folder(folder).digest
    other = with_lora(load(Folder(folder), block=64), rank=2, seed=1)
    other.load_state_dict(state)
    assert all(torch.equal(other.state_dict()[name], value) for name, value in state.items())
    with pytest.raises(ValueError, match="state has other names"):
        other.load_state_dict({"base": state["base"]})
    with pytest.raises(ValueError, match=r"model = one .* has adapters already; allowed: one without"):
        with_lora(adapted, rank=2, seed=0)


def test_no_padding_token(tmp_path):
    """The end token pads; without that, a sentence says what to do."""
    there = tiny.make(tmp_path / "end", pad=None)
    tokenizer = load(Folder(there), block=64).tokenizer
    assert tokenizer.pad_token == "</s>"
    neither = tiny.make(tmp_path / "neither", pad=None, end=None)
    with pytest.raises(
        ValueError, match=r"neither a padding token nor an end token; .* name it as pad_token or eos_token in "
    ):
        load(Folder(neither), block=64)


def test_a_context_shorter_than_the_block(folder):
    load(Folder(folder), block=tiny.CONTEXT)
    with pytest.raises(
        ValueError,
        match=rf"^block = {tiny.CONTEXT + 1} is outside \[2, {tiny.CONTEXT}\]: the model in .* has a context",
    ):
        load(Folder(folder), block=tiny.CONTEXT + 1)


def test_weights_that_are_not_all_there(folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    weights = load_file(there / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, there / "model.safetensors", {"format": "pt"})
    with pytest.raises(
        ValueError, match=r"lacks 1 of the model's weights, such as model.layers.1.mlp.up_proj.weight; allowed: all"
    ):
        load(Folder(there), block=64)


def test_another_kind_of_model(folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    config = json.loads((there / "config.json").read_text()) | {"model_type": "none-such", "architectures": ["None"]}
    (there / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"folder = .* transformers can"):
        load(Folder(there), block=64)


@pytest.mark.parametrize("text", ["{", '{"version": "1.0"}'])
def test_a_broken_tokenizer(text, folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    (there / "tokenizer.json").write_text(text)
    with pytest.raises(ValueError, match=r"has a tokenizer that transformers cannot load .*; allowed: the model's own"):
        load(Folder(there), block=64)


def test_another_model_s_tokenizer(folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    larger = tiny.make(tmp_path / "larger", texts=[" ".join(f"word{k}" for k in range(2000))])
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (there / name).write_bytes((larger / name).read_bytes())
    with pytest.raises(ValueError, match=r"has a tokenizer of \d+ tokens, allowed: at most \d+, those of the model"):
        load(Folder(there), block=64)


def test_too_little_memory(folder, monkeypatch):
    monkeypatch.setattr(models, "check_memory", lambda *_: (_ for _ in ()).throw(MemoryError("both numbers")))
    with pytest.raises(MemoryError, match="both numbers"):
        load(Folder(folder), block=64)
