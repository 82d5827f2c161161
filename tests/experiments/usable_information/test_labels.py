"""Labels of runs beside a record."""

from lib.experiments.usable_information import labels


def test_seeds_in_words():
    assert labels.seeds_in_words(1) == "one seed, so errors are over test images only"
    assert labels.seeds_in_words(4) == "4 seeds"


def test_shown_runs():
    own = {"profile": "laptop", "dataset": "digits", "seeds": 2}
    record = {
        "values": {"x": 2},
        "parameters": {"dataset": "cifar10", "seeds": 1, "n_train": 50},
        "provenance": {"device": "some processor", "date": "2026-01-02"},
    }
    alone = labels.shown_runs({"x": 1}, own, None, lambda of: "")
    assert alone == [({"x": 1}, "laptop run on digits, 2 seeds", "")]
    _, beside = labels.shown_runs({"x": 1}, own, record, lambda of: f"{of['n_train']} images")
    words = "Record: cifar10, 50 images, one seed, so errors are over test images only; some processor, 2026-01-02"
    assert beside == ({"x": 2}, words, "-record")
