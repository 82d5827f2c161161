"""lib.label_table: files as people have them are read in the one way they can be meant, or refused by name."""

import law
import pytest

from lib.label_table import read_labels

PLAIN = "label,generated,kept\ncat,cat,1\ncat,dog,0\ndog,dog,1\n"
LABELS = (["cat", "cat", "dog"], ["cat", "dog", "dog"], [True, False, True])


def write(tmp_path, content):
    path = tmp_path / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def with_kept(*words):
    return "label,generated,kept\n" + "".join(f"cat,dog,{word}\n" for word in words)


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (PLAIN, ()),
        ("\ufeff" + PLAIN, ()),
        (PLAIN.replace("\n", "\r\n"), ()),
        (PLAIN.replace("\n", "\r"), ()),
        (PLAIN.removesuffix("\n"), ()),
        ("\n\n" + PLAIN.replace("dog,dog", "\ndog,dog") + "\n\n", ()),
        (PLAIN.replace(",", " , "), ()),
        (PLAIN.replace("label,generated,kept", "Label,GENERATED,Kept"), ()),
        (PLAIN.replace("cat", '"cat"'), ()),
        (PLAIN.replace("cat", '"cat"').replace(",", ", ").replace("dog", '"dog"'), ()),
        (PLAIN.replace(",", ";"), ("cells are separated by semicolons",)),
        (PLAIN.replace(",", "\t"), ("cells are separated by tabs",)),
        (PLAIN.replace(",", "|"), ("cells are separated by bars",)),
        (PLAIN.encode("utf-16"), ("the text is UTF-16",)),
        (PLAIN.replace(",", "\t").encode("utf-16"), ("the text is UTF-16", "cells are separated by tabs")),
        ("sep=;\r\n" + PLAIN.replace(",", ";"), ("cells are separated by semicolons",)),
        ("sep=,\r\n" + PLAIN, ()),
        ("  \n,,\n" + PLAIN + ",,\n , ,\n", ()),
        ('"a\nb",' + PLAIN.replace("\ncat", "\nx,cat").replace("\ndog", "\nx,dog"), ()),
        ("x,x,," + PLAIN.replace("\ncat", "\n1,2,3,cat").replace("\ndog", "\n1,2,3,dog"), ()),
        (PLAIN.replace("\n", ",\n").replace("kept,", "kept,note"), ()),
        (PLAIN.replace("label", "id,label").replace("\ncat", "\n7,cat").replace("\ndog", "\n8,dog"), ()),
        (PLAIN.replace("\n", ',"' + "x" * 200_000 + '"\n'), ()),
        (PLAIN.replace("\n", ',"a, b\nand c"\n').replace('kept,"a, b\nand c"', "kept,text"), ()),
    ],
)
def test_tables_as_people_have_them(tmp_path, content, notes):
    found = read_labels(write(tmp_path, content))
    assert found[:3] == LABELS
    assert found.notes == notes


@pytest.mark.parametrize(
    ("words", "kept", "notes"),
    [
        (("1", "0"), [True, False], 0),
        (("1.0", "0.0"), [True, False], 0),
        (("1", "1"), [True, True], 0),
        (("TRUE", "False"), [True, False], 1),
        (("yes", "No"), [True, False], 1),
        (("Y", "n"), [True, False], 1),
        (("+1", "-1"), [True, False], 1),
        (("-1", "-1"), [False, False], 1),
        (("1", "-1.0", "+1"), [True, False, True], 1),
    ],
)
def test_words_of_kept(tmp_path, words, kept, notes):
    found = read_labels(write(tmp_path, with_kept(*words)))
    assert found.kept == kept
    assert len(found.notes) == notes


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("1", "true"), r"row 3: kept = 'true' beside '1' or '0'; allowed: 1 and 0, true and false"),
        (("0", "-1"), r"row 3: kept = '-1' beside '1' or '0'"),
        (("yes", "false"), r"row 3: kept = 'false' beside 'yes' or 'no'"),
        (("maybe",), r"row 2: kept = 'maybe'; allowed: 1 and 0"),
        (("2",), r"row 2: kept = '2'; allowed"),
        (("nan",), r"row 2: kept = 'nan'; allowed"),
        (("",), r"row 2: kept = ''; allowed"),
        (("\u0661",), r"row 2: kept = '\u0661'; allowed"),
        (("0_1",), r"row 2: kept = '0_1'; allowed"),
    ],
)
def test_other_and_mixed_words_of_kept(tmp_path, words, complaint):
    with pytest.raises(ValueError, match=rf"^mine\.csv, {complaint}"):
        read_labels(write(tmp_path, with_kept(*words)))


def test_numbers_are_classes_as_numbers(tmp_path):
    """A table library writes 1 in one column and 1.0 in another."""
    found = read_labels(write(tmp_path, "label,generated,kept\n1,1.0,yes\n-1,+1,no\n1,-1.00,yes\n"))
    assert found.label == ["1", "-1", "1"]
    assert found.generated == ["1", "1", "-1"]
    for words in ("true,False", "YES,no"):
        assert len(set(read_labels(write(tmp_path, f"label,generated,kept\n{words},1\n{words.lower()},1\n"))[0])) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("label,generated\na,b\n", r"lacks the column 'kept': its header is 'label', 'generated'; allowed: label, gen"),
        ("a b c\n", r"lacks the column 'label': its header is 'a b c'"),
        ("", r"lacks the column 'label'"),
        (b"\xef\xbb\xbf", r"lacks the column 'label'"),
        ("label,generated,kept\n", r"has no rows"),
        ("label,generated,kept\n\n \n", r"has no rows"),
        ("label,generated,kept,Label\na,b,1,c\n", r"has the column 'label' twice; allowed: once"),
        ("label,generated,kept\na,b,1\nc,a,1\n", r"row 3: label = 'c' beside 'a' and 'b'; allowed: two classes"),
        ("label,generated,kept\n1,True,1\n0,0,1\n", r"row 3: label = '0' beside '1' and 'true'; allowed: two classes"),
        ("label,generated,kept\na,,1\n", r"row 2: generated = ''; allowed: two classes"),
        ("label,generated,kept\na,b,1,2\n", r"row 2: 4 cells; allowed: 3, as in the header"),
        ("label,generated,kept\na,b\n", r"row 2: 2 cells; allowed: 3"),
        ('label,generated,kept\n"a,b,1\n', r"row 2: unexpected end of data; allowed: CSV with quotes that close"),
        (b"label,generated,kept\nb\xf6se,gut,1\n", r"byte 22: 0xf6 is no UTF-8; allowed: UTF-8 text"),
        (b"\xef\xbb\xbflabel,generated,kept\nb\xf6se,gut,1\n", r"byte 25: 0xf6 is no UTF-8; allowed: UTF-8 text"),
        (b"PK\x03\x04\x00\x00", r"holds NUL characters: it is no text"),
        ("label,generated,kept\na,b,1\n".encode("utf-16-le"), r"holds NUL characters"),
    ],
)
def test_tables_that_are_refused_by_name(tmp_path, content, complaint):
    with pytest.raises(ValueError, match=rf"^mine\.csv,? {complaint}"):
        read_labels(write(tmp_path, content))


def test_no_file(tmp_path):
    for path in ("nowhere.csv", tmp_path, "", "a\0b", "x" * 5000, "/dev/zero"):
        with pytest.raises(
            ValueError, match=r"is no file; allowed: a CSV file with the columns label, generated, kept"
        ):
            read_labels(path)


def test_the_law_of_arguments():
    assert list(law.public_functions("lib.label_table")) == ["lib.label_table.read_labels"]
    for value in law.HARD.values():
        law.check(read_labels, {"data": "mine.csv"}, "data", value)


def test_a_million_rows(tmp_path):
    found = read_labels(write(tmp_path, "label,generated,kept\n" + "cat,dog,1\ndog,dog,0\n" * 500_000))
    assert len(found.kept) == 10**6
    assert sum(found.kept) == 500_000
