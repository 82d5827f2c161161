"""Where numbers come from: versions, revision, processor or GPU model, cores, date. No host name and no path."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from lib import arguments
from lib.paths import ROOT

PACKAGES = (
    "torch", "torchvision", "numpy", "scipy", "scikit-learn", "lightning-fabric", "torchmetrics", "safetensors", "distributed",
)  # fmt: skip


def processor() -> str:
    """Model name of the processor."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def revision() -> str:
    """Git revision of the source, with ``+changes`` when the tree differs from it; "unknown" outside a checkout."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain", "--", "lib", "book") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def provenance(device: str = "cpu") -> dict[str, object]:
    """What a record says of its making. ``device``: "cpu", or the GPU that computed. Checked by tests/runs/test_sweep.py."""
    gpu = None
    arguments.text("device", device, "'cpu', or the GPU that computed")
    if device != "cpu":
        import torch  # heavy, and needed for the name of the GPU only

        try:
            gpu = torch.cuda.get_device_name(device)
        except (AssertionError, RuntimeError, ValueError) as error:
            raise ValueError(
                f"device = {device!r} is no GPU of this machine; allowed: 'cpu', or one that is"
            ) from error
    return {
        "revision": revision(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "device": gpu or processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "date": datetime.now(UTC).date().isoformat(),
    }
