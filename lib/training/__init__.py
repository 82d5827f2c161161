"""Training: one loop for any module, loss and data, with its schedules, its streams and its checkpoints."""

from lib.training.config import Config
from lib.training.evaluation import predict
from lib.training.loop import Result, one_device, train
from lib.training.schedule import learning_rate

__all__ = ["Config", "Result", "learning_rate", "one_device", "predict", "train"]
