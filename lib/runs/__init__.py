"""How runs are carried out: parts by name and key, files that survive a kill, workers here and elsewhere."""

from lib.runs.progress import telling
from lib.runs.records import reference, tensors
from lib.runs.run import Run
from lib.runs.sweep import PartsFailed
from lib.runs.tasks import Task, checkpoint

__all__ = ["PartsFailed", "Run", "Task", "checkpoint", "reference", "telling", "tensors"]
