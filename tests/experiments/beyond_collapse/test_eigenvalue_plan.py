"""The parts of one repeat: how many models, sets and learners there are, and who learns from what."""

import pytest

from lib.experiments.beyond_collapse import eigenvalue_plan as plan

SETTINGS = {
    "size": 5,
    "digits": 3,
    "triangle": False,
    "width": 512,
    "heads": 8,
    "encoder_layers": 4,
    "pool": 200_000,
    "examples": 19_500_000,
    "low_examples": 2_000_000,
    "synthetic": 1_000_000,
    "prompts": 60_000_000,
    "larger": 12,
    "longer_sets": False,
    "test": 10_000,
    "tolerance": 0.02,
    "strict": 0.01,
    "batch": 64,
    "learning_rate": 5e-5,
    "schedule": "constant",
    "warm_up": 10_000,
}


@pytest.fixture(scope="module")
def repeat():
    return plan.one_repeat(7, SETTINGS)


def test_the_papers_tables_have_their_rows(repeat):
    """Table 1: six widths; Table 2: seven sets; Table 3: three; Table 4: four models and seven sets. The rest are controls."""
    assert [int(k) for k in repeat["beams"]] == [50, 35, 25, 10, 5, 1]
    assert set(repeat["scratch"]) - set(plan.SELECTED) == {"true answers", *plan.LONGER}
    assert set(repeat["tuned"]) == {f"{model} {name}" for model in "ABCD" for name in plan.SELECTED}
    assert len(repeat["tuned"]) == 28


def test_the_same_sets_teach_longer(repeat):
    """The learners of Table 2 with the longer training of Table 3 and streams of their own; one of them stands there already."""
    assert not {"longer", "spare"} & set(repeat)
    more = plan.one_repeat(7, SETTINGS | {"longer_sets": True})
    longer = more["longer"]
    assert set(longer) == set(plan.SETS)
    for name in plan.SPARE:
        own = {"use": f"{name}, fewer, trained longer", "count": 200_000}
        assert more["spare"][name].encoded == longer[name].encoded | own
    for name, task in longer.items():
        same = repeat["scratch"][name].encoded
        own = {"use": f"{name}, trained longer", "training": same["training"] | {"examples": 12 * 19_500_000}}
        assert task.encoded == same | own
    assert longer["data selection"].key == repeat["scratch"]["data selection, trained longer"].key


def test_who_learns_from_what(repeat):
    scratch = {name: task.arguments for name, task in repeat["scratch"].items()}
    assert {name: each["tolerance"] for name, each in scratch.items() if each["tolerance"]} == {
        "data selection": 0.02,
        "data selection, trained longer": 0.02,
        "data selection, more data": 0.02,
        "stricter selection, more data": 0.01,
    }
    assert {name for name, each in scratch.items() if each["count"] > 1_000_000} == set(plan.LONGER[1:])
    assert {name for name, each in scratch.items() if each["training"]["examples"] > 19_500_000} == set(plan.LONGER)
    assert scratch["true answers"]["answers"] == []
    for name in plan.SELECTED[1:-1]:
        assert {task.arguments["beams"] for task in scratch[name]["answers"]} == {int(name.removeprefix("beam "))}
    generators = {task.arguments["generator"].arguments["use"] for each in scratch.values() for task in each["answers"]}
    assert generators == {"model A"}
    for name, task in repeat["tuned"].items():
        model, lesson = name.split(" ", 1)
        assert task.arguments["start"].arguments["use"] == f"model {model}"
        assert task.arguments["answers"] == scratch[lesson]["answers"]


@pytest.mark.parametrize(("count", "blocks"), [(1, 5), (2000, 5), (2001, 5), (35_000, 5), (1_000_000, 50)])
def test_answers_cover_their_prompts(count, blocks):
    """Each block once, without a gap, and no part of more blocks than asked."""
    generator = plan.models(7, SETTINGS)["A"]
    tasks = [task.arguments for task in plan.answers(7, generator, 5, count, blocks, SETTINGS)]
    covered = [block for each in tasks for block in range(each["block"], each["block"] + each["blocks"])]
    assert covered == list(range(len(covered)))
    assert len(covered) * plan.BLOCK >= count
    assert max(each["blocks"] for each in tasks) <= blocks


def test_models_differ_in_pool_and_budget():
    own = {name: task.arguments for name, task in plan.models(7, SETTINGS).items()}
    assert {name: (each["pool"], each["training"]["examples"]) for name, each in own.items()} == {
        "A": (200_000, 19_500_000),
        "B": (200_000, 19_500_000),
        "C": (12_000_000, 234_000_000),
        "D": (200_000, 2_000_000),
    }
