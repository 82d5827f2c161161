"""The book's one recipe for randomness: a seed and names give a stream.

A stream is named by what it is for, such as ``seeds.generator(seed, "usable-information/04", "verifier", generation)``. Seed
and names together are hashed, and the hash seeds numpy's ``SeedSequence``: two streams whose seed or names differ anywhere
are independent, whatever the numbers are. No arithmetic on seeds, so none can collide with a neighbour's.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator

import numpy as np
import torch

from lib.theory import checks

LARGEST = 2**63 - 1
FINITE = (-1.7976931348623157e308, 1.7976931348623157e308)
DIGITS = 9  # of a number that is not whole; the last ones of a computed number differ from one processor to another
Name = str | int | float | bool


def sequence(seed: int, *names: Name) -> np.random.SeedSequence:
    """The seed sequence of a stream: 256 bits of SHA-256 over seed and names.

    Args: seed, a whole number in [0, 2^63 - 1]; names, text or finite numbers. 1, 1.0 and True are the same name, 1 and "1" are
    not; of a number that is not whole nine digits count, of a whole one above 2^53 those that a double keeps.
    Raises ValueError for anything else. Checked by tests/test_seeds.py.
    """
    words = [checks.integer("seed", seed, 0, LARGEST), *(_plain(name) for name in names)]
    digest = hashlib.sha256(json.dumps(words).encode()).digest()
    return np.random.SeedSequence(int.from_bytes(digest, "big"))


def generator(seed: int, *names: Name, device: str | torch.device = "cpu") -> torch.Generator:
    """torch's generator of a stream, on ``device``.

    On the processor all 624 words of torch's Mersenne twister come from the sequence: ``manual_seed`` would keep 32 bits, and
    among ten thousand streams two would be equal once in a hundred books. A GPU's Philox generator takes 64 bits.
    Raises ValueError as :func:`sequence`. Checked by tests/test_seeds.py, against numpy's own Mersenne twister.
    """
    own, stream = torch.Generator(device), sequence(seed, *names)
    if own.device.type != "cpu":
        return own.manual_seed(int(stream.generate_state(1, np.uint64)[0]))
    # layout of the state: seed (8 bytes), words left (4), seeded (4), next word (8), 624 words of 8 bytes, normals in reserve
    state = own.manual_seed(0).get_state()
    words = np.random.MT19937(stream).state["state"]["key"].astype(np.int64)
    state[24 : 24 + 8 * 624].view(torch.int64).copy_(torch.from_numpy(words))
    return own.set_state(state)


def rng(seed: int, *names: Name) -> np.random.Generator:
    """numpy's generator of a stream. Raises ValueError as :func:`sequence`. Checked by tests/test_seeds.py."""
    return np.random.default_rng(sequence(seed, *names))


def number(seed: int, *names: Name) -> int:
    """A seed in [0, 2^63 - 1] made from a stream, for a library that wants a number, or to hand on a seed of one's own.

    Raises ValueError as :func:`sequence`. Checked by tests/test_seeds.py.
    """
    return int(sequence(seed, *names).generate_state(1, np.uint64)[0] >> np.uint64(1))


@contextlib.contextmanager
def everywhere(seed: int, *names: Name, device: str | torch.device = "cpu") -> Iterator[None]:
    """Within the block, torch's global generators are those of a stream; afterwards they are as they were.

    For code that can draw from nowhere else: the initial weights of torch's layers, and dropout.
    Raises ValueError as :func:`sequence`. Checked by tests/test_seeds.py.
    """
    device = torch.device(device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.set_rng_state(generator(seed, *names).get_state())
        if device.type == "cuda":
            torch.cuda.set_rng_state(generator(seed, *names, device=device).get_state(), device)
        yield


def _plain(name: Name) -> str | int | float:
    if isinstance(name, str):
        return name
    value = checks.real(f"name {name!r} of a stream", int(name) if isinstance(name, bool) else name, *FINITE)
    value = float(f"{value:.{DIGITS}g}") if isinstance(value, float) and value != int(value) else value
    return int(value) if value == int(value) else value
