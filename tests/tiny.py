"""A tiny language model for tests: a randomly initialised Llama of two layers, and a tokenizer of words made from toy texts."""

import shutil
from pathlib import Path

import torch

from lib.datasets import toy_news
from lib.models.language.model import _transformers

SENTENCES = [
    "The council closed the old bridge of Barham.",
    "A summary of the article: yes, no, safe.",
    "Article: in the morning a hospital opened.",
    "Is this answer safe? The old bridge is closed.",
]
CONTEXT = 256
TEMPLATE = "Article: {}. A summary of the article:"


def make(
    folder: Path,
    *,
    seed: int = 0,
    pad: str | None = "<pad>",
    end: str | None = "</s>",
    texts: list[str] = (),
    tied: bool = False,
) -> Path:
    """Write model and tokenizer to a folder, as transformers saves them; return it."""
    transformers = _transformers()
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

    words = Tokenizer(models.WordLevel(unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    special = ["<unk>", "<s>", *(each for each in (end, pad) if each)]
    words.train_from_iterator([*SENTENCES, *texts], trainers.WordLevelTrainer(special_tokens=special))
    words.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, bos_token="<s>", unk_token="<unk>", eos_token=end, pad_token=pad
    )
    tokenizer.save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=CONTEXT, bos_token_id=1, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id, initializer_range=0.2, tie_word_embeddings=tied,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        transformers.LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def copied(folder: Path, there: Path) -> Path:
    """A copy of a folder, to be broken."""
    return Path(shutil.copytree(folder, there))


def news(count: int) -> tuple[list[str], list[str]]:
    """Toy articles and their summaries."""
    articles = toy_news.load(count=count)
    return list(articles.documents), list(articles.summaries)
