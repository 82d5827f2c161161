"""Made-up news that needs no file: articles of about ten sentences, one of which is the news, and a summary of that one."""

from pathlib import Path

import numpy as np

from lib import seeds
from lib.datasets.containers import Articles
from lib.datasets.toy_words import one_of
from lib.theory import checks

LARGEST = 10**5
SEED = 0  # of the only toy news there is: articles are numbered, and more of them change no earlier one
OWNERS = (
    "council",
    "hospital",
    "college",
    "railway",
    "museum",
    "library",
    "brewery",
    "theatre",
    "football club",
    "airport",
)
THINGS = (
    "bridge", "harbour wall", "swimming pool", "bus line", "wind farm", "market hall", "ferry", "car park", "flood barrier",
    "cycle path", "concert hall", "primary school", "lighthouse", "stadium roof", "night train", "orchard", "cinema",
    "canal lock", "footbridge", "bakery", "reading room", "tram depot", "clock tower", "observatory", "skate park", "fish market",
)  # fmt: skip
VERBS = (
    "approved", "closed", "opened", "sold", "repaired", "rejected", "funded", "delayed", "praised", "inspected", "cancelled",
    "renamed", "extended", "insured", "painted", "measured", "reopened", "flooded", "auctioned", "fenced", "visited", "rented",
    "rebuilt", "defended", "surveyed", "lit", "cleaned", "mapped", "privatised", "photographed", "emptied", "heated", "moved",
    "listed", "widened", "renovated", "guarded", "abandoned", "patented", "dismantled",
)  # fmt: skip
QUALITIES = (
    "old",
    "new",
    "small",
    "busy",
    "empty",
    "famous",
    "wooden",
    "costly",
    "quiet",
    "remote",
    "crowded",
    "modern",
)
REASONS = (
    "after months of talks", "despite a petition", "at a meeting on {day}", "for {count} million pounds", "in spite of the cost",
    "following advice from engineers", "to the surprise of neighbours", "with {count} votes against",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SYLLABLES = (
    "wor",
    "ham",
    "bre",
    "ton",
    "ley",
    "mar",
    "sted",
    "kel",
    "dun",
    "field",
    "pen",
    "rith",
    "ash",
    "by",
    "cor",
    "wick",
)
BACKGROUND = (
    "It was built in {year} and has {count} visitors a day.",
    "{person} has lived nearby for {count} years.",
    "\"We did not expect this,\" said {person}.",
    "\"The {thing} means a lot to {place},\" {person} told reporters.",
    "The weather on {day} was dry, with light wind.",
    "A report on the {quality} {thing} is expected by {day}.",
    "Some {count} people live in {place}.",
    "Similar plans for a {thing2} failed in {year}.",
    "{person} was not available for comment.",
    "Traffic in {place} is said to be heavy on {day}.",
    "The {owner} employs {count} people.",
    "Nobody was hurt.",
)  # fmt: skip
PLACES_OF_THE_NEWS = (
    0.4,
    0.25,
    0.15,
    0.1,
    0.06,
    0.04,
)  # first, second ... sentence: the first one is a guess, not more
OTHER_EVENTS = 4  # sentences of the form of the news that are not the news


def load(root: Path | None = None, *, count: int = 1200) -> Articles:
    """``count`` articles, in [1, 10^5], and a summary of one sentence each; the same for everybody.

    One sentence of an article is the news: who did what to which thing, where. Others tell of events of other years in the same
    form, and of people, weather and traffic. The summary tells the news in other words. What gives the news away is where it
    stands, mostly early, and its verb: each verb is typical of news or of earlier events to a degree of its own, so that more
    articles teach more. Nothing in them is true. ``root`` is not read. Raises ValueError for a count outside its range.
    Source: the book's own. Checked by tests/datasets/test_toy_sets.py.
    """
    count = checks.integer("count", count, 1, LARGEST)
    typical = seeds.rng(SEED, "toy-news", "verbs").beta(0.5, 0.5, len(VERBS))  # how much a verb is one of news
    articles = [_article(seeds.rng(SEED, "toy-news", number), typical) for number in range(count)]
    return Articles(*(tuple(column) for column in zip(*articles, strict=True)))


def _article(rng: np.random.Generator, typical: np.ndarray) -> tuple[str, str]:
    """One article and its summary."""
    news = _event(rng, typical)
    body = [_background(rng, news) for _ in range(rng.integers(4, 8))]
    for _ in range(OTHER_EVENTS):
        other = _event(rng, 1 - typical)
        shared = [name for name in ("owner", "thing", "place") if rng.random() < 0.4]  # the same place in another year
        body.insert(rng.integers(len(body) + 1), _told(rng, other | {name: news[name] for name in shared}))
    body.insert(one_of(rng, range(len(PLACES_OF_THE_NEWS)), weights=PLACES_OF_THE_NEWS), _told(rng, news))
    ends = ["\n" if rng.random() < 0.3 else " " for _ in body]
    passive = "The {quality} {thing} of {place} has been {verb} by the {owner}."
    active = "Plans of the {owner} in {place} mean that its {thing} is to be {verb}."
    summary = (passive if rng.random() < 0.7 else active).format(**news)
    return "".join(sentence + end for sentence, end in zip(body, ends, strict=True)).strip(), summary


def _event(rng: np.random.Generator, typical: np.ndarray) -> dict[str, str]:
    """Who did what to which thing, where. Verbs are as frequent as words are, one over their rank, times how typical they are."""
    verb = one_of(rng, VERBS, weights=typical / np.arange(1, len(VERBS) + 1))
    words = {"owner": OWNERS, "thing": THINGS, "thing2": THINGS, "quality": QUALITIES, "day": DAYS}
    drawn = {name: one_of(rng, choices) for name, choices in words.items()}
    return drawn | {"verb": verb, "place": _name(rng)}


def _told(rng: np.random.Generator, event: dict[str, str]) -> str:
    reason = one_of(rng, REASONS).format(day=event["day"], count=rng.integers(2, 90))
    order = "The {owner} in {place} {verb} the {quality} {thing} {reason}."
    return order.format(**event, reason=reason)


def _background(rng: np.random.Generator, news: dict[str, str]) -> str:
    numbers = {"year": rng.integers(1850, 2015), "count": rng.integers(2, 900)}
    person = f"{_name(rng)} {_name(rng)}"
    return one_of(rng, BACKGROUND).format(**news, **numbers, person=person)


def _name(rng: np.random.Generator) -> str:
    return (one_of(rng, SYLLABLES) + one_of(rng, SYLLABLES)).capitalize()
