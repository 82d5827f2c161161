"""Small settings on the bundled digits that tests of notebooks usable-information/02, 03 and 04 share."""

from lib.datasets.source import Source

DIGITS = Source("digits")
SMALL = {"images": DIGITS, "n_train": 120}
SMALLER = {**SMALL, "n_test": 100}


def entry(accuracy=0.5, bits=1.0, error=0.1, information=0.8, transfer=None, **more):
    """Readings of one learner as parts give them; ``transfer`` stands for the accuracy and bits on clean images."""
    matched = {"accuracy": accuracy, "bits": bits, "bits_error": error, "information": information}
    moved = matched if transfer is None else {**matched, "accuracy": transfer, "bits": transfer}
    return {"transfer": moved, "matched": matched, **more}
