"""torchvision, imported in this one place.

The torchvision of the package registry is built for CUDA. Beside a CPU build of torch its import stops, because the
operators that its compiled part declares are not there. The data sets and transforms need none of them.
"""

import contextlib
import importlib
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import torch

MISSING = "operator torchvision::nms does not exist"
PATIENCE = 10  # seconds without an answer after which a download gives up
_SCHEMAS: list[torch.library.Library] = []  # a schema lives as long as its Library object


def load_torchvision() -> ModuleType:
    """The module torchvision with its data sets.

    If the import stops with exactly the error MISSING, the schemas of ``nms`` and ``qnms`` are declared, without any code
    behind them, and it is imported again. Then ``torchvision.ops.nms`` raises NotImplementedError; the rest works.
    Checked by tests/datasets/test_vision.py.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if str(error) != MISSING:
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]  # half imported
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _SCHEMAS.append(library)
    return importlib.import_module("torchvision")


@contextlib.contextmanager
def downloading(name: str, root: Path, advice: str) -> Iterator[Path]:
    """A temporary folder beside ``root``'s content for one of the public loaders to download the set ``name`` into.

    The block moves what it got into place; the folder goes in any case. Raises FileNotFoundError with ``advice`` if the block
    stops with OSError or RuntimeError, as the loaders do. Checked by tests/datasets/test_mnist.py and test_cifar10.py.
    """
    timeout = socket.getdefaulttimeout()
    # the loaders set none, and would wait for minutes where a network swallows packets
    socket.setdefaulttimeout(PATIENCE)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="download-", dir=root) as beside:
            yield Path(beside)
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise FileNotFoundError(f"{name} is not in {root} and could not be downloaded ({reason}); {advice}") from error
    finally:
        socket.setdefaulttimeout(timeout)
