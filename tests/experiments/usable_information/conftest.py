"""Images that several tests train on."""

import pytest
from image_cases import SMALLER

from lib.experiments.usable_information import trainings


@pytest.fixture(scope="module")
def sets():
    return trainings.image_sets(*SMALLER.values())
