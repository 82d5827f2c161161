"""Notebook beyond-collapse/04, plan: the parts of one repeat, and which of them learns from which.

``settings`` are the notebook's parameters by name. A repeat trains everything once, from a seed of its own (``number``). Source:
Feng et al., Sections 5.1, 5.2 and Appendix B.1.
"""

from collections.abc import Mapping

from lib.experiments.beyond_collapse.eigenvalues import BLOCK, TOLERANCES
from lib.runs import Task

BEAMS = (50, 35, 25, 10, 5, 1)  # Table 1
SELECTED = ("data selection", *(f"beam {k}" for k in BEAMS[:-1]), "greedy")  # the seven sets of Table 2
SETS = ("true answers", *SELECTED)  # with a control that the paper does not have
SPARE = ("true answers", "data selection", "beam 50", "beam 5", "greedy")  # sets that also teach with fewer answers
LONGER = ("data selection, trained longer", "data selection, more data", "stricter selection, more data")  # Table 3


def common(settings: Mapping) -> dict[str, dict]:
    """What all parts share: the task and the network."""
    task = {name: settings[name] for name in ("size", "digits", "triangle")}
    network = {name: settings[name] for name in ("width", "heads", "encoder_layers")} | {"decoder_layers": 1}
    return {"task": task, "network": network}


def trainings(settings: Mapping) -> tuple[dict, dict]:
    """Budget and schedule of a training, and of a longer one for Table 3. The gradient's norm is cut at 5, as in the code."""
    names = ("examples", "batch", "learning_rate", "schedule", "warm_up")
    one = {name: settings[name] for name in names} | {"clip": 5.0}
    return one, one | {"examples": settings["larger"] * settings["examples"]}


def models(number: int, settings: Mapping) -> dict[str, Task]:
    """The four models that learn from true answers: A generates, B is its like, C has more data, D is stopped early."""
    training, longer = trainings(settings)
    few = training | {"examples": settings["low_examples"]}
    pools = {
        "A": settings["pool"],
        "B": settings["pool"],
        "C": settings["larger"] * settings["synthetic"],
        "D": settings["pool"],
    }
    return {
        name: Task(
            "beyond_collapse.eigenvalues.pretrained",
            seed=number,
            use=f"model {name}",
            pool=pool,
            training=how,
            **common(settings),
        )
        for (name, pool), how in zip(pools.items(), (training, training, longer, few), strict=True)
    }


def answers(number: int, generator: Task, beams: int, count: int, blocks: int, settings: Mapping) -> list[Task]:
    """The generator's answers to at least ``count`` prompts, at most ``blocks`` blocks a part."""
    needed = -(-count // BLOCK)
    starts, blocks = range(0, needed, blocks), min(blocks, needed)
    own = {"seed": number, "generator": generator, "beams": beams, "blocks": blocks, **common(settings)}
    return [Task("beyond_collapse.eigenvalues.written", block=start, **own) for start in starts]


def lessons(number: int, generator: Task, settings: Mapping) -> dict[str, dict]:
    """What each set teaches: the answers, the verifier's tolerance or None, how many."""
    size = settings["synthetic"]
    greedy = answers(number, generator, 1, settings["prompts"], 50, settings)
    first = greedy[: -(-4 * size // (50 * BLOCK))]  # enough for a verifier that keeps a quarter
    sets = {"true answers": ([], None), "data selection": (first, settings["tolerance"])}
    sets |= {f"beam {k}": (answers(number, generator, k, size, 5, settings), None) for k in BEAMS[:-1]}
    sets |= {"greedy": (first, None)}
    found = {name: {"answers": own, "tolerance": limit, "count": size} for name, (own, limit) in sets.items()}
    many = {"answers": greedy, "count": settings["larger"] * size}
    kept = (
        found["data selection"],
        many | {"tolerance": settings["tolerance"]},
        many | {"tolerance": settings["strict"]},
    )
    return found | dict(zip(LONGER, kept, strict=True))


def one_repeat(number: int, settings: Mapping) -> dict[str, dict[str, Task]]:
    """All parts of a repeat whose values the tables show, by group and name, as in eigenvalue_tables.

    "scratch": a learner of each set; "tuned": each of the models taught further with each of the seven sets. Where
    ``longer_sets`` says so "longer": each set with the longer training of Table 3; "spare": the same with as many examples as
    the generator learned from.
    Checked by tests/experiments/beyond_collapse/test_eigenvalue_plan.py.
    """
    own, (training, longer) = models(number, settings), trainings(settings)
    sets = lessons(number, own["A"], settings)
    asked = {"seed": number, "test": settings["test"], **common(settings)}

    def taught(use: str, name: str, start: Task | None, how: dict, **fewer: int) -> Task:
        lesson = sets[name] | fewer | asked
        return Task("beyond_collapse.eigenvalues.retrained", use=use, start=start, training=how, **lesson)

    found = {
        "beams": {
            str(k): Task("beyond_collapse.eigenvalue_answers.beams_measured", generator=own["A"], beams=k, **asked)
            for k in BEAMS
        },
        "models": {
            name: Task("beyond_collapse.eigenvalue_answers.beams_measured", generator=own[name], beams=1, **asked)
            for name in "BCD"
        },
        "samples": {
            "A": Task(
                "beyond_collapse.eigenvalue_answers.samples_measured",
                generator=own["A"],
                answers=max(BEAMS),
                counts=sorted(BEAMS),
                **asked,
            )
        },
        "triplets": {
            "A": Task(
                "beyond_collapse.eigenvalue_answers.triplets", generator=own["A"], verifiers=list(TOLERANCES), **asked
            )
        },
        "scratch": {name: taught(name, name, None, training if name in SETS else longer) for name in sets},
        "tuned": {f"{n} {name}": taught(f"{name}, from {n}", name, own[n], training) for n in own for name in SELECTED},
    }
    if settings["longer_sets"]:
        found["longer"] = {name: taught(f"{name}, trained longer", name, None, longer) for name in SETS}
        found["spare"] = {
            name: taught(f"{name}, fewer, trained longer", name, None, longer, count=settings["pool"]) for name in SPARE
        }
    return found
