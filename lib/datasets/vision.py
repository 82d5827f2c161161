"""torchvision, imported in this one place.

The torchvision of the package registry is built for CUDA. Beside a CPU build of torch its import stops, because the
operators that its compiled part declares are not there. The data sets and transforms need none of them.
"""

import importlib
import sys
from types import ModuleType

import torch

MISSING = "operator torchvision::nms does not exist"
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
