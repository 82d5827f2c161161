"""The encoder-decoder transformer of "Attention is all you need", with a key-value cache for decoding.

Norms come after the sums, the feed-forward layers have ReLU, positions are learned, and the output layer is the table of the
decoder's embeddings, as in the code of Charton (2022). Two things differ from that code. There the cross-attention's query is
the input of its layer; here it is the output of the layer's self-attention, as in the paper of Vaswani et al. And its tables hold
4096 positions, of which 98 are ever trained; here they are as long as the sequences.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from lib import seeds, tensors
from lib.theory import checks


@dataclass(frozen=True, kw_only=True)
class Size:
    """Sizes of a transformer; the defaults are those of Feng et al., Appendix B, for matrices of 5 x 5.

    Attributes
    ----------
    vocabulary : int in [2, 10^6]
    source, target : int in [1, 10^5]
        Tokens of a question; tokens of an answer that follow its first mark.
    width : int in [1, 10^5], a multiple of heads
    heads : int in [1, 1000]
    encoder_layers, decoder_layers : int in [1, 1000]
    hidden : int in [1, 10^6], optional
        Units of a feed-forward layer; by default four times the width.

    Notes
    -----
    Raises ValueError for a value outside its range. Checked by tests/models/sequences/test_transformer.py.
    """

    vocabulary: int
    source: int
    target: int
    width: int = 512
    heads: int = 8
    encoder_layers: int = 4
    decoder_layers: int = 1
    hidden: int | None = None

    def __post_init__(self):
        ranges = {"vocabulary": (2, 10**6), "source": (1, 10**5), "target": (1, 10**5), "width": (1, 10**5)}
        ranges |= {"heads": (1, 1000), "encoder_layers": (1, 1000), "decoder_layers": (1, 1000), "hidden": (1, 10**6)}
        if self.hidden is None:
            object.__setattr__(self, "hidden", 4 * checks.integer("width", self.width, *ranges["width"]))
        for name, allowed in ranges.items():
            object.__setattr__(self, name, checks.integer(name, getattr(self, name), *allowed))
        if self.width % self.heads:
            raise ValueError(f"width = {self.width} is outside the multiples of heads = {self.heads}")


class Cache(NamedTuple):
    """What decoding keeps of B questions with k answers each: per decoder layer the questions' keys and values
    (B, heads, source, width/heads), and those of the answers so far (B, k, heads, target, width/heads)."""

    memory: list[tuple[Tensor, Tensor]]
    own: list[tuple[Tensor, Tensor]]

    def reorder(self, beams: Tensor) -> "Cache":
        """Answer j of each question becomes what answer ``beams`` (B, k)[j] was; the questions' own part is shared."""
        rows = torch.arange(len(beams), device=beams.device)[:, None]
        return Cache(self.memory, [(keys[rows, beams], values[rows, beams]) for keys, values in self.own])


class Attention(nn.Module):
    """Multi-head attention: queries (B, Q, width) to keys and values of another sequence, to (B, Q, width)."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def memory(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values (B, heads, T, width/heads) of x (B, T, width)."""
        return self.split(self.key(x)), self.split(self.value(x))

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(-2, -3)  # (B, T, width) -> (B, heads, T, width/heads)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, causal: bool = False) -> Tensor:
        found = functional.scaled_dot_product_attention(self.split(self.query(x)), keys, values, is_causal=causal)
        return self.out(found.transpose(-2, -3).flatten(-2))


class Layer(nn.Module):
    """One layer: self-attention, in a decoder attention to the question, and a feed-forward layer; each added, then normed."""

    def __init__(self, size: Size, decoder: bool):
        super().__init__()
        self.attention = Attention(size.width, size.heads)
        self.cross = Attention(size.width, size.heads) if decoder else None
        self.wide, self.narrow = nn.Linear(size.width, size.hidden), nn.Linear(size.hidden, size.width)
        self.norms = nn.ModuleList(nn.LayerNorm(size.width) for _ in range(3 if decoder else 2))

    def forward(self, x: Tensor, memory: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """x (B, T, width) to the same shape. With a question's keys and values: as a decoder, which sees no later token."""
        attended = self.attention(x, *self.attention.memory(x), causal=memory is not None)
        return self.rest(self.norms[0](x + attended), memory)

    def rest(self, x: Tensor, memory: tuple[Tensor, Tensor] | None) -> Tensor:
        """What follows self-attention."""
        if memory is not None:
            x = self.norms[1](x + self.cross(x, *memory))
        return self.norms[-1](x + self.narrow(self.wide(x).relu()))


class Transformer(nn.Module):
    """Questions (B, source) and answers so far to logits of the next token.

    Parameters
    ----------
    size : Size
    seed : int
        Of the initial weights: torch's own for layers, normal with standard deviation width^-1/2 for embeddings, as in the code
        of Charton (2022).

    Notes
    -----
    Checked by tests/models/sequences/test_transformer.py: against ``torch.nn`` with the same weights, and with its cache
    against itself without.
    """

    def __init__(self, size: Size, *, seed: int):
        super().__init__()
        self.size = tensors.instance("size", size, Size)
        with seeds.everywhere(seed, "transformer"):
            self.source = nn.Embedding(size.vocabulary, size.width)
            self.target = nn.Embedding(size.vocabulary, size.width)
            self.source_places = nn.Embedding(size.source, size.width)
            self.target_places = nn.Embedding(size.target, size.width)
            self.norms = nn.ModuleList(nn.LayerNorm(size.width) for _ in range(2))
            self.encoder = nn.ModuleList(Layer(size, decoder=False) for _ in range(size.encoder_layers))
            self.decoder = nn.ModuleList(Layer(size, decoder=True) for _ in range(size.decoder_layers))
            self.bias = nn.Parameter(torch.zeros(size.vocabulary))
            for table in (self.source, self.target, self.source_places, self.target_places):
                nn.init.normal_(table.weight, std=size.width**-0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits (B, target, vocabulary) of each next token of an answer.

        ``tokens`` (B, source + target): the question, then the answer without its last token. Raises ValueError for another
        length.
        """
        if tokens.ndim != 2 or tokens.shape[1] != self.size.source + self.size.target:
            wanted = f"(B, {self.size.source} + {self.size.target})"
            raise ValueError(f"tokens have shape {tuple(tokens.shape)}; allowed: {wanted}, question and answer")
        memory = self.encode(tokens[:, : self.size.source])
        x = self.norms[1](self.target(tokens[:, self.size.source :]) + self.target_places.weight)
        for layer in self.decoder:
            x = layer(x, layer.cross.memory(memory))
        return self.logits(x)

    def encode(self, questions: Tensor) -> Tensor:
        """What the encoder makes of questions (B, source): (B, source, width)."""
        x = self.norms[0](self.source(questions) + self.source_places.weight)
        for layer in self.encoder:
            x = layer(x)
        return x

    def logits(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.target.weight, self.bias)

    def begin(self, questions: Tensor, answers: int) -> Cache:
        """An empty cache for ``answers`` answers to each of the questions (B, source)."""
        encoded = self.encode(questions)
        memory = [layer.cross.memory(encoded) for layer in self.decoder]
        shape = (len(questions), answers, self.size.heads, self.size.target, self.size.width // self.size.heads)
        own = [(encoded.new_zeros(shape), encoded.new_zeros(shape)) for _ in self.decoder]
        return Cache(memory, own)

    def step(self, tokens: Tensor, place: int, cache: Cache) -> Tensor:
        """Logits (B, k, vocabulary) after one more token (B, k) at ``place``, counted from 0; the cache is written in place.

        The k answers to a question are k queries to its keys and values, which are kept once.
        """
        x = self.norms[1](self.target(tokens) + self.target_places.weight[place])  # (B, k, width)
        for layer, memory, (keys, values) in zip(self.decoder, cache.memory, cache.own, strict=True):
            attention, one = layer.attention, x.unsqueeze(-2)  # (B, k, 1, width): each answer attends to itself
            new_keys, new_values = attention.memory(one)
            keys[..., place : place + 1, :], values[..., place : place + 1, :] = new_keys, new_values
            attended = attention(one, keys[..., : place + 1, :], values[..., : place + 1, :]).squeeze(-2)
            x = layer.rest(layer.norms[0](x + attended), memory)
        return self.logits(x)
