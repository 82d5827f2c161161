"""lib.experiments.random_matrices.safety_answers: its rows, its labels, its fits by scikit-learn, and the theory."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from lib.array_theory import given_covariance
from lib.datasets.containers import Answers
from lib.datasets.source import Source
from lib.experiments.random_matrices import safety_answers as safety
from lib.experiments.random_matrices.safety_answers import Rows
from lib.statistics import mean_and_error

SOURCE = Source("toy-safety", count=600)
DESIGN = {
    "text": "pair", "columns": 20, "test_share": 0.2, "real": 60, "labeller": 40, "verifier": 120, "pool": 200,
    "gamma": 0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    return safety.split(SOURCE, DESIGN, seed=0)


def gaussian_rows(counts, p=8, seed=0):
    """Folded Gaussian rows with a mean, of which the theory is exact in the limit."""
    generator = torch.Generator().manual_seed(seed)
    return Rows(*(0.3 + torch.randn(count, p, generator=generator, dtype=torch.float64) for count in counts))


def test_the_rows(rows):
    sizes = [len(part) for part in rows]
    assert sizes[:4] == [60, 40, 120, 200]
    assert 60 < sizes[4] < 180
    assert rows.real.shape[1] == 20
    learn = torch.cat(rows[:4])
    assert (learn**2).mean(0).tolist() == pytest.approx([1] * 20, abs=1e-6)  # folding leaves squares as they were
    assert learn.abs().max() < 30


def test_no_test_question_is_learned(monkeypatch):
    """With the number of its question for a row's features, the test rows share no number with the others."""
    questions = list(SOURCE.load().questions)
    seen = []

    def numbers(fitted_on, texts, columns, *, seed):
        seen.extend(fitted_on)
        return torch.tensor([[1.0 + questions.index(text.split("\n")[0])] for text in texts], dtype=torch.float64)

    monkeypatch.setattr(safety, "reduced", numbers)
    monkeypatch.setattr(safety, "standardised", lambda x, rows: x)
    rows = safety.split(SOURCE, DESIGN, seed=0)
    learned, tested = (set(part.abs()[:, 0].tolist()) for part in (torch.cat(rows[:4]), rows.test))
    assert not learned & tested
    assert len(tested) == round(0.2 * len(set(questions)))
    assert {1.0 + questions.index(text.split("\n")[0]) for text in seen} == learned


@pytest.mark.parametrize(
    ("source", "change", "words"),
    [
        (Source("digits"), {}, r"source = 'digits' holds no labelled answers; allowed: 'safety', 'toy-safety'"),
        (
            SOURCE,
            {"pool": 500},
            r"real \+ labeller \+ verifier \+ pool = 720 of \d+ rows beside \d+ to test on; allowed: at most",
        ),
        (SOURCE, {"test_share": 0.001}, r"beside 0 to test on; allowed: .* at least 20 to test on"),
        (SOURCE, {"test_share": 0.0}, r"^test_share = 0.0 is outside \(0, 1\)"),
        (SOURCE, {"text": "question"}, r"^text = 'question' is not one of 'answer', 'pair'"),
        (SOURCE, {"real": 1}, r"^real = 1 is outside"),
        (SOURCE, {"columns": 10**4}, r"^columns = 10000 for \d+ texts fitted_on"),
    ],
)
def test_what_does_not_go(source, change, words):
    with pytest.raises(ValueError, match=words):
        safety.split(source, DESIGN | change, seed=0)


def test_classifier_against_scikit_learn(rows):
    found = safety.classifier(rows.real, 0.5)
    plain = Ridge(alpha=0.5 * 60, fit_intercept=False).fit(rows.real.numpy(), np.ones(60)).coef_
    np.testing.assert_allclose(found.numpy(), plain, rtol=1e-8, atol=1e-10)


def test_labels(rows):
    labels = safety.labelled(rows, 0.5)
    first, second = (rows.pool @ safety.classifier(part, 0.5) for part in (rows.labeller, rows.verifier))
    assert torch.equal(labels.right, first > 0)
    assert torch.equal(labels.kept["oracle"], labels.right)
    assert torch.equal(labels.kept["weak"], (first > 0) == (second > 0))
    assert labels.kept["none"].all()
    assert labels.kept["own"].double().mean() == pytest.approx(0.5, abs=0.01)
    assert first[labels.kept["own"]].abs().min() >= first[~labels.kept["own"]].abs().max()


def test_measured():
    right, kept = torch.tensor([1, 1, 1, 1, 0, 0]).bool(), torch.tensor([1, 1, 1, 0, 1, 0]).bool()
    assert safety.measured(right, kept) == pytest.approx({"epsilon": 1 / 3, "phi": 0.75, "psi": 0.5})
    assert safety.measured(right[:4], kept[:4]) == {
        "epsilon": 0.0,
        "phi": 0.75,
        "psi": 0.0,
    }  # a labeller that makes no error
    with pytest.raises(
        ValueError, match=r"^right holds 0 right labels of 2; allowed: a labeller that is right at least once"
    ):
        safety.measured(right[4:], kept[4:])


def test_accuracies_against_scikit_learn(rows):
    """Targets are 1 for a right label and -1 for a wrong one; pruned rows count in N only."""
    labels = safety.labelled(rows, 0.5)
    kept = labels.kept["weak"]
    found = safety.accuracies_on(rows, labels.right, kept, [0, 70], 0.5)
    for m, accuracy in zip((0, 70), found, strict=True):
        x = torch.cat([rows.real, rows.pool[:m][kept[:m]]]).numpy()
        signs = np.where(labels.right[:m][kept[:m]].numpy(), 1.0, -1.0)
        targets = np.concatenate([np.ones(60), signs])
        plain = Ridge(alpha=0.5 * (60 + m), fit_intercept=False).fit(x, targets).coef_
        assert accuracy == pytest.approx((rows.test.numpy() @ plain > 0).mean())


def test_at_random():
    generator = torch.Generator().manual_seed(0)
    right, kept = safety.at_random(40_000, 0.3, 0.8, 0.4, generator=generator)
    found = safety.measured(right, kept)
    for name, share, count in (("epsilon", 0.3, 40_000), ("phi", 0.8, 28_000), ("psi", 0.4, 12_000)):
        assert abs(found[name] - share) < 4 * (share * (1 - share) / count) ** 0.5


def test_moments_are_no_longer_than_the_true_mean():
    """Over draws of few rows the squared length of the mean meets that of the true one, which the plain mean's does not."""
    generator, truth = torch.Generator().manual_seed(3), torch.eye(20, dtype=torch.float64)[0]
    excess, plain = [], []
    for _ in range(400):
        rows = truth + torch.randn(80, 20, generator=generator, dtype=torch.float64)
        mean, covariance = safety.moments(rows, 1.0)
        apart = rows - rows.mean(0)
        assert torch.allclose(covariance, apart.mT @ apart / 80)
        metric = torch.linalg.inv(covariance + torch.eye(20, dtype=torch.float64))
        excess.append((mean @ metric @ mean - truth @ metric @ truth).item())
        plain.append((rows.mean(0) @ metric @ rows.mean(0) - truth @ metric @ truth).item())
    assert abs(mean_and_error(excess).value) <= 3 * mean_and_error(excess).standard_error
    assert mean_and_error(plain).value > 10 * mean_and_error(plain).standard_error
    assert not safety.moments(torch.stack([truth, -truth]), 1.0)[0].any()  # no mean at all
    noise = torch.randn(30, 20, generator=generator, dtype=torch.float64)
    assert not safety.moments(noise - 0.9 * noise.mean(0), 1.0)[0].any()  # one that is shorter than its noise


def test_the_theory_tells_gaussian_rows():
    """Where rows are Gaussian and errors at random, mean accuracy meets the theory within its standard error."""
    shares, mean, found = {"epsilon": 0.3, "phi": 0.8, "psi": 0.4}, np.full(8, 0.3), []
    for seed in range(60):
        drawn = gaussian_rows((30, 2, 2, 90, 4000), seed=seed)
        right, kept = safety.at_random(90, **shares, generator=torch.Generator().manual_seed(seed))
        found.append(safety.accuracies_on(drawn, right, kept, [0, 90], 0.5))
    means, errors = np.mean(found, 0), np.std(found, 0) / 60**0.5
    for m, accuracy, error in zip((0, 90), means, errors, strict=True):
        wanted = given_covariance.ridge_given(mean, np.eye(8), mean, np.eye(8), n=30, m=m, gamma=0.5, **shares).accuracy
        assert abs(accuracy - wanted) < 4 * error + 0.01  # p = 8: the limit is a hundredth off


def test_generated_rows_meet_their_theory():
    shares, mean, found = {"epsilon": 0.3, "phi": 0.8, "psi": 0.4}, np.full(8, 0.3), []
    for seed in range(60):
        drawn = gaussian_rows((30, 2, 2, 2, 4000), seed=seed)
        generator = torch.Generator().manual_seed(seed)
        found.append(safety.accuracies_of_generated(drawn, [90], 0.5, **shares, generator=generator)[0])
    wanted = given_covariance.ridge_shared(mean, np.eye(8), n=30, m=90, n_hat=30, gamma=0.5, **shares).accuracy
    assert abs(np.mean(found) - wanted) < 4 * np.std(found) / 60**0.5 + 0.01


def test_the_part():
    found = safety.accuracies(0, SOURCE, DESIGN)
    assert found == safety.accuracies(0, SOURCE, DESIGN)
    assert found["sizes"] == [0, 30, 60, 120]  # of RATIOS those that the pool has
    for kind in ("labelled", "at random", "generated", "theory", "theory of generated"):
        assert list(found[kind]) == list(safety.VERIFIERS)
        assert len({values[0] for values in found[kind].values()}) == 1  # with m = 0 there is nothing to verify
        assert all(0.4 < value < 1 for values in found[kind].values() for value in values)
    oracle, none = found["measured"]["oracle"], found["measured"]["none"]
    assert (oracle["phi"], oracle["psi"], none["phi"], none["psi"]) == (1, 0, 1, 1)
    assert 0.1 < none["epsilon"] < 0.5
    assert found["all human labels"] > max(found["labeller"], found["labelled"]["oracle"][0])


def test_answers_alone():
    """The columns are fitted on the answers, without their questions."""
    one, other = (safety.split(SOURCE, DESIGN | {"text": text}, seed=0) for text in safety.TEXTS)
    assert one.real.shape == other.real.shape
    assert not torch.allclose(one.real, other.real)


def test_a_set_that_is_easy_to_label(monkeypatch):
    """Safe and unsafe answers that share no word: no label is wrong, and oracle and no verifier are the same."""
    words = [("calm gentle kind polite", 1), ("awful brutal cruel deadly", 0)]
    rows = [(f"question {k}", text, label) for k in range(300) for text, label in words]
    data = Answers(
        *(tuple(column) for column in list(zip(*rows, strict=True))[:2]), torch.tensor([row[2] for row in rows])
    )
    monkeypatch.setattr(safety, "answers_of", lambda source: data)
    easy = DESIGN | {"columns": 3, "real": 20, "labeller": 40, "verifier": 40, "pool": 100}
    found = safety.accuracies(4, Source("toy-safety", count=100), easy)
    assert {shares["epsilon"] for shares in found["measured"].values()} == {0.0}
    assert found["labelled"]["oracle"] == found["labelled"]["none"]
    assert min(found["labelled"]["oracle"]) == 1.0
