"""lib.labels.table: files as people have them are read in the one way they can be meant, or refused by name."""

import re

import numpy as np
import pytest
import tables

from lib.labels.table import BINS, read


def write(tmp_path, content):
    path = tmp_path / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(("content", "notes"), tables.READ)
def test_tables_as_people_have_them(tmp_path, content, notes):
    found = read(write(tmp_path, content))
    assert (list(found.classes), found.kept, found.dropped) == tables.COUNTS
    assert found.notes == notes
    assert found.scores == []


@pytest.mark.parametrize(("words", "kept", "notes"), tables.WORDS)
def test_words_of_kept(tmp_path, words, kept, notes):
    found = read(write(tmp_path, tables.with_kept(*words)))
    assert (found.kept[0][0], found.dropped[0][0]) == (sum(kept), len(kept) - sum(kept))
    assert (found.kept[1][1], found.dropped[1][1]) == (kept[0], not kept[0])
    assert len(found.notes) == notes


@pytest.mark.parametrize(
    ("content", "complaint"),
    [*((tables.with_kept(*words), complaint) for words, complaint in tables.REFUSED_WORDS), *tables.REFUSED],
)
def test_tables_that_are_refused_by_name(tmp_path, content, complaint):
    with pytest.raises(ValueError, match=rf"^mine\.csv,? {re.escape(complaint)}"):
        read(write(tmp_path, content))


@pytest.mark.parametrize("written", tables.COUNTS_AS_WRITTEN)
def test_counts_as_people_write_them(tmp_path, written):
    found = read(write(tmp_path, f"label,generated,kept,count\na,a,1,{written}\na,b,0,3\n"))
    assert found.kept == [[412, 0], [0, 0]]
    comma = written.replace(".", ",")
    assert read(write(tmp_path, f"label;generated;kept;count\na;a;1;{comma}\na;b;0;3\n")).kept == [[412, 0], [0, 0]]


@pytest.mark.parametrize(("classes", "note"), tables.SPELLINGS)
def test_two_spellings_of_a_class_are_named(tmp_path, classes, note):
    one, other = classes
    found = read(write(tmp_path, f"label,generated,kept\n{one},{other},1\n{other},{one},1\nb,b,1\n{one},{one},1\n"))
    assert set(found.classes) == {one, other, "b"}
    assert found.notes == (note,)


@pytest.mark.parametrize(("names", "complaint"), tables.TWICE)
def test_a_column_has_one_use(tmp_path, names, complaint):
    path = write(tmp_path, "label,generated,kept,score,x\na,a,1,5,a\na,b,1,5,b\n")
    with pytest.raises(ValueError, match=f"^mine.csv: {re.escape(complaint)}"):
        read(path, names)


def test_numbers_are_classes_as_numbers(tmp_path):
    """A table library writes 1 in one column and 1.0 in another."""
    found = read(write(tmp_path, "label,generated,kept\n1,1.0,yes\n-1,+1,no\n1,-1.00,yes\n"))
    assert found.classes == ("-1", "1")
    assert found.kept == [[0, 0], [1, 1]]
    assert found.dropped == [[0, 1], [0, 0]]
    for words in ("true,False", "YES,no"):
        assert (
            len(
                read(
                    write(
                        tmp_path, f"label,generated,kept\n{words},1\n{words.lower()},1\n{words[-1:]},{words[-1:]},1\n"
                    )
                )[0]
            )
            == 3
        )


def test_own_names_scores_and_counts(tmp_path):
    """Semicolons, decimal commas, yes and no, other names, a count: a spreadsheet of half of Europe."""
    found = read(write(tmp_path, tables.OTHER_NAMES), tables.NAMES)
    assert found.kept == [[2, 0], [0, 4]]
    assert found.dropped == [[0, 1], [0, 0]]
    assert found.scores == [[-0.15, 0, 1], [0.5, 4, 0], [0.75, 2, 0]]
    assert "label is the column 'truth'" in found.notes
    assert "each row stands for as many as its column 'times' says" in found.notes


def test_an_accent_is_part_of_its_letter_or_a_sign_of_its_own(tmp_path):
    found = read(write(tmp_path, tables.ACCENTS), tables.ACCENTED)
    assert found.classes == ("caf\u00e9", "th\u00e9")
    assert (found.kept, found.dropped) == ([[1, 0], [0, 1]], [[0, 1], [0, 0]])


def test_without_a_kept_column_by_wish_only(tmp_path):
    path = write(tmp_path, "label,generated\na,a\na,b\n")
    assert read(path, {"kept": ""}).kept == [[1, 1], [0, 0]]
    assert read(path, {"kept": ""}).notes == ("no column says what was kept: every row counts as kept",)
    with pytest.raises(ValueError, match="lacks the column 'kept'"):
        read(path)


def test_three_classes(tmp_path):
    found = read(write(tmp_path, "label,generated,kept\na,a,1\nb,c,1\nc,c,0\nb,a,1\n"))
    assert found.classes == ("a", "b", "c")
    assert found.kept == [[1, 0, 0], [1, 0, 1], [0, 0, 0]]
    assert found.dropped == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_bins_of_scores(tmp_path):
    """About equal groups; the counts at or above each lowest score are those of the rows themselves."""
    scores, right = np.random.default_rng(5).normal(size=3000).round(3), np.random.default_rng(6).random(3000) < 0.7
    rows = "".join(f"a,{'a' if r else 'b'},1,{s}\n" for s, r in zip(scores, right, strict=True))
    found = read(write(tmp_path, "label,generated,kept,score\n" + rows)).scores
    assert len(found) == BINS
    assert max(r + w for _, r, w in found) < 2 * 3000 / BINS
    for k, (lowest, *_) in enumerate(found):
        assert sum(row[1] for row in found[k:]) == np.sum(right & (scores >= lowest))
        assert sum(row[2] for row in found[k:]) == np.sum(~right & (scores >= lowest))


def test_bins_weigh_by_count(tmp_path):
    """A hundred rows that stand for a thousand each are not one group: groups are equal in what they stand for."""
    rows = "".join(f"{'a' if k % 3 else 'b'},a,1,{k / 1000},{1 if k < 900 else 1000}\n" for k in range(1000))
    found = read(write(tmp_path, "label,generated,kept,score,count\n" + rows)).scores
    assert sum(r + w for _, r, w in found) == 100_900
    assert max(r + w for _, r, w in found) < 2 * 100_900 / BINS
    assert found[0][0] == 0.0


def test_no_file(tmp_path):
    for path in ("nowhere.csv", tmp_path, "", "a\0b", "x" * 5000, "/dev/zero"):
        with pytest.raises(
            ValueError, match=r"is no file; allowed: a CSV file with the columns label, generated, kept"
        ):
            read(path)


def test_a_million_rows(tmp_path):
    found = read(write(tmp_path, "label,generated,kept\n" + "cat,dog,1\ndog,dog,0\n" * 500_000))
    assert found.kept == [[0, 500_000], [0, 0]]
    assert found.dropped == [[0, 0], [0, 500_000]]
