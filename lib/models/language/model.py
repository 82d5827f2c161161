"""A causal language model with its tokenizer, loaded from a folder, as a module that the book's loop trains.

transformers is imported here only, and only when a model is loaded: it takes seconds.
"""

import warnings
from types import ModuleType
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from lib import arguments, seeds, tensors
from lib.datasets.vision import load_torchvision
from lib.models.language.folder import TYPES, USES, Folder, check_memory
from lib.theory import checks

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

NOTHING, PROMPT, ANSWER, END = range(
    4
)  # kinds of tokens in a row: padding, what is asked, what is answered, its end token
LONGEST = 10**6
LARGEST_RANK = 10**4


class LanguageModel(nn.Module):
    """A causal language model, its tokenizer, and the tokens that a row has at most. Made by :func:`load`.

    Called with rows (B, 2, L) int64, tokens and their kinds, padded on the left, it gives the negative log-likelihoods
    (B, L - 1) in nats of tokens 1 to L - 1 given all before them, 0 where a token is neither ANSWER nor END. Its state is what
    is learned: all weights, or with LoRA the adapters and a digest of what they adapt. Checked by
    tests/models/language/test_model.py.
    """

    def __init__(self, network: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", folder: Folder, block: int):
        super().__init__()
        self.network, self.tokenizer, self.folder, self.block = network, tokenizer, folder, block
        self.adapted = False

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.network.parameters()).device

    def forward(self, rows: Tensor) -> Tensor:
        tokens, kinds = rows.unbind(1)
        answered = kinds >= ANSWER
        first = int(answered.any(0).int().argmax())  # logits are large, and those of the prompt are not asked for
        logits = self.logits(tokens, kinds != NOTHING, keep=tokens.shape[1] - first + 1)[:, :-1]
        losses = functional.cross_entropy(logits.float().mT, tokens[:, first:], reduction="none")
        return functional.pad(losses * answered[:, first:], (first - 1, 0))

    def logits(self, tokens: Tensor, there: Tensor, *, keep: int) -> Tensor:
        """Logits (B, keep, vocabulary) behind the last ``keep`` of tokens (B, L), of which those not ``there`` are padding."""
        places = (there.long().cumsum(1) - 1).clamp(min=0)
        asked = {"input_ids": tokens, "attention_mask": there.long(), "position_ids": places}
        return self.network(**asked, use_cache=False, logits_to_keep=keep).logits

    def state_dict(self, *args: object, **kwargs: object) -> dict[str, Tensor]:
        """What was learned: all weights, or with LoRA the adapters and the digest of the model below them."""
        whole = super().state_dict(*args, **kwargs)
        if not self.adapted:
            return whole
        learned = {name for name, parameter in self.named_parameters() if parameter.requires_grad} | {"base"}
        return {name: value for name, value in whole.items() if name in learned}

    def load_state_dict(self, state: dict[str, Tensor], strict: bool = True) -> object:
        """What :meth:`state_dict` gave. Raises ValueError for other names. Checked by tests/models/language/test_model.py."""
        if strict and set(state) != set(self.state_dict()):
            raise ValueError(f"state has other names than the model: {len(state)}, allowed: {len(self.state_dict())}")
        return super().load_state_dict(state, strict=strict and not self.adapted)


def load(folder: Folder, *, block: int, use: str = "answer", dtype: str = "float32") -> LanguageModel:
    """The model in a folder, on the GPU if there is one, in evaluation mode. Nothing is fetched, and no code of the folder runs.

    Parameters
    ----------
    folder : Folder
    block : int in [2, 10^6]
        Tokens of a prompt with its answer, at most; within the model's context. Feng et al.: 1024.
    use : "answer", "lora" or "full"
        What the memory must suffice for, see :func:`lib.models.language.folder.check_memory`.
    dtype : "float32" or "bfloat16"
        Of the weights. A GPU computes in bfloat16 in either case.

    Notes
    -----
    A tokenizer without a padding token pads with its end token. Greedy answers need no settings: those that the folder's
    generation_config.json has, such as a penalty for repetition, are set aside, all but the end tokens. Raises ValueError, with
    what to do, for files that transformers cannot read, weights that are not all there, a tokenizer with neither padding nor
    end token, a context shorter than the block, and a model that is not causal; MemoryError as check_memory. Checked by
    tests/models/language/test_model.py.
    """
    folder = arguments.instance("folder", folder, Folder, "a lib.models.language.folder.Folder")
    block = checks.integer("block", block, 2, LONGEST)
    check_memory(folder, arguments.one_of("use", use, USES), arguments.one_of("dtype", dtype, TYPES))
    tokenizer = _tokenizer(folder)
    transformers = _transformers()
    try:
        network, loaded = transformers.AutoModelForCausalLM.from_pretrained(
            folder.path,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=TYPES[dtype],
            output_loading_info=True,
        )
    except Exception as error:  # each kind of model has errors of its own
        raise ValueError(
            f"folder = {folder.path!r} holds no causal language model that transformers can load ({_first_line(error)}); "
            "allowed: one that AutoModelForCausalLM loads, copied whole"
        ) from error
    if lost := sorted({*loaded["missing_keys"], *(str(each) for each in loaded["mismatched_keys"])}):
        raise ValueError(
            f"folder = {folder.path!r} lacks {len(lost)} of the model's weights, such as {lost[0]}; allowed: all of them, "
            "so copy the folder again"
        )
    context = getattr(network.config, "max_position_embeddings", None)
    if context is not None and context < block:
        raise ValueError(
            f"block = {block} is outside [2, {context}]: the model in {folder.path} has a context of {context} tokens"
        )
    if len(tokenizer) > network.get_input_embeddings().num_embeddings:
        raise ValueError(
            f"folder = {folder.path!r} has a tokenizer of {len(tokenizer)} tokens, allowed: at most "
            f"{network.get_input_embeddings().num_embeddings}, those of the model; copy the model's own tokenizer"
        )
    stops = network.generation_config.eos_token_id
    ends = {*(stops if isinstance(stops, list) else [stops]), tokenizer.eos_token_id} - {None}
    network.generation_config = transformers.GenerationConfig(
        do_sample=False, num_beams=1, eos_token_id=sorted(ends) or None, pad_token_id=tokenizer.pad_token_id
    )
    model = LanguageModel(network, tokenizer, folder, block).eval().to("cuda" if torch.cuda.is_available() else "cpu")
    if _looks_ahead(model):
        raise ValueError(
            f"folder = {folder.path!r} holds a model ({folder.name}) that sees the tokens to come; allowed: a causal one"
        )
    return model


def _looks_ahead(model: LanguageModel) -> bool:
    """Whether what a model says of a token depends on a later one: then a likelihood would have seen its own answer."""
    rows = torch.tensor([[0, 0], [0, 1]], device=model.device)  # two tokens fit into any context
    with torch.no_grad():
        first, second = model.network(input_ids=rows, attention_mask=torch.ones_like(rows)).logits[:, 0].float()
    return bool((first - second).abs().max() > 1e-3 * first.abs().max())


def with_lora(
    model: LanguageModel, *, rank: int, alpha: float | None = None, dropout: float = 0.05, seed: int
) -> LanguageModel:
    """The model with LoRA adapters on all its linear layers, by peft; all other weights are frozen. In place, once.

    rank : int in [1, 10^4]; alpha : float > 0, their scale, by default the rank; dropout : float in [0, 1); seed : int in
    [0, 2^63 - 1], of the adapters at the start, which change no answer until they are trained.

    Raises ValueError for a value outside its range, and a model that has adapters. Source: Hu et al., "LoRA", 2021; El
    Firdoussi et al., Tables 1 to 3: ranks 128 and 64, alpha as the rank, dropout 0.05. They name no layers; all linear ones
    but the head are peft's "all-linear". Checked by tests/models/language/test_tuning.py.
    """
    arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")
    if model.adapted:
        raise ValueError(
            f"model = one from {model.folder.path} has adapters already; allowed: one without, so load it again"
        )
    rank = checks.integer("rank", rank, 1, LARGEST_RANK)
    alpha = tensors.positive("alpha", rank if alpha is None else alpha)
    dropout = checks.real("dropout", dropout, 0.0, 1.0, open_high=True)
    _transformers()
    import peft

    options = {"r": rank, "lora_alpha": alpha, "lora_dropout": dropout, "target_modules": "all-linear"}
    with seeds.everywhere(seed, "language", "lora"), warnings.catch_warnings():
        # peft asks transformers by a name that this version replaces, which is nothing a reader can do about
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        model.network = peft.get_peft_model(model.network, peft.LoraConfig(**options, task_type="CAUSAL_LM"))
    base = torch.frombuffer(bytearray.fromhex(model.folder.digest), dtype=torch.uint8)
    model.register_buffer("base", base.to(model.device))
    model.adapted = True
    return model


def _tokenizer(folder: Folder) -> "PreTrainedTokenizerBase":
    try:
        tokenizer = _transformers().AutoTokenizer.from_pretrained(
            folder.path, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # a broken file ends in any of a dozen errors
        raise ValueError(
            f"folder = {folder.path!r} has a tokenizer that transformers cannot load ({_first_line(error)}); allowed: the "
            "model's own tokenizer files, copied whole"
        ) from error
    if tokenizer.pad_token_id is None:
        if tokenizer.eos_token_id is None:
            raise ValueError(
                f"folder = {folder.path!r} has a tokenizer with neither a padding token nor an end token; allowed: at least one, "
                "so name it as pad_token or eos_token in tokenizer_config.json"
            )
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _transformers() -> ModuleType:
    load_torchvision()  # transformers imports it where it is installed, and stops where it cannot
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip().splitlines()[0][:200]
