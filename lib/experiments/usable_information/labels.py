"""Labels of the runs that notebooks usable-information/02, 03 and 04 show side by side."""

from collections.abc import Callable, Mapping


def seeds_in_words(count: int) -> str:
    """The number of seeds, and what one seed means. Checked by tests/experiments/usable_information/test_labels.py."""
    return f"{count} seeds" if count > 1 else "one seed, so errors are over test images only"


def shown_runs(
    values: Mapping, parameters: Mapping, record: Mapping | None, sizes: Callable[[Mapping], str]
) -> list[tuple[Mapping, str, str]]:
    """What to show: values, label and suffix of the figures' names, of a run and of the record beside it, if there is one.

    ``parameters``: those of the run; ``sizes``: says from a record's parameters how large it was.
    Checked by tests/experiments/usable_information/test_labels.py.
    """
    label = f"{parameters['profile']} run on {parameters['dataset']}, {seeds_in_words(parameters['seeds'])}"
    shown = [(values, label, "")]
    if record:
        of, made = record["parameters"], record["provenance"]
        words = f"{of['dataset']}, {sizes(of)}, {seeds_in_words(of['seeds'])}; {made['device']}, {made['date']}"
        shown.append((record["values"], f"Record: {words}", "-record"))
    return shown
