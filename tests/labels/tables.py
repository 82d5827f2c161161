"""Tables as people have them, and tables that are refused: for the reader of CPython and for that of the page."""

from lib.labels import cells

PLAIN = "label,generated,kept\ncat,cat,1\ncat,dog,0\ndog,dog,1\n"
COUNTS = (["cat", "dog"], [[1, 0], [0, 1]], [[0, 1], [0, 0]])


def with_kept(*words):
    return "label,generated,kept\n" + "".join(f"cat,cat,{word}\n" for word in words) + f"dog,dog,{words[0]}\n"


READ = [
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
    (b"\xfe\xff" + PLAIN.encode("utf-16-be"), ("the text is UTF-16",)),
    (PLAIN.replace(",", "\t").encode("utf-16"), ("the text is UTF-16", "cells are separated by tabs")),
    ("sep=;\r\n" + PLAIN.replace(",", ";"), ("cells are separated by semicolons",)),
    ("sep=,\r\n" + PLAIN, ()),
    ("  \n,,\n" + PLAIN + ",,\n , ,\n", ()),
    ('"a\nb",' + PLAIN.replace("\ncat", "\nx,cat").replace("\ndog", "\nx,dog"), ()),
    ('"a\r\nb",' + PLAIN.replace("\ncat", '\n"x\r\ny",cat').replace("\ndog", '\n"x ""y""",dog'), ()),
    ("x,x,," + PLAIN.replace("\ncat", "\n1,2,3,cat").replace("\ndog", "\n1,2,3,dog"), ()),
    (PLAIN.replace("\n", ",\n").replace("kept,", "kept,note"), ()),
    (PLAIN.replace("label", "id,label").replace("\ncat", "\n7,cat").replace("\ndog", "\n8,dog"), ()),
    (PLAIN.replace("\n", ',"' + "x" * 200_000 + '"\n'), ()),
    (PLAIN.replace("\n", ',"a, b\nand c"\n').replace('kept,"a, b\nand c"', "kept,text"), ()),
    (PLAIN.replace("kept", "kept,straße").replace("1\n", "1,größer als 5″\n").replace("0\n", "0,€ 𝄞\n"), ()),
]
READ += [
    # blanks of other scripts, of old machines and without a width, around names of columns, classes and words
    *((PLAIN.replace(",", f"{blank},{blank}"), ()) for blank in cells.BLANKS if blank not in "\t\r\n"),
    ("\ufeff\ufeff" + PLAIN, ()),
    # a replacement character that the file itself holds, in a column that is not read
    (PLAIN.replace("\n", ",caf\ufffd\n"), ()),
    (PLAIN.replace("\n", ",caf\ufffd\n").encode("utf-16"), ("the text is UTF-16",)),
    (PLAIN.replace("\n", ",\ud834\udd1e\n").encode("utf-16", "surrogatepass"), ("the text is UTF-16",)),
    ("label;generated;kept\ncat;cat;1,0\ncat;dog;0,0\ndog;dog;1\n", ("cells are separated by semicolons",)),
]
WORDS = [  # rows of the class cat, and a note or none
    (("1", "0"), [True, False], 0),
    (("1.0", "0.0"), [True, False], 0),
    (("1", "1"), [True, True], 0),
    (("TRUE", "False"), [True, False], 1),
    (("yes", "No"), [True, False], 1),
    (("Y", "n"), [True, False], 1),
    (("+1", "-1"), [True, False], 1),
    (("-1", "-1"), [False, False], 1),
    (("1", "-1.0", "+1"), [True, False, True], 1),
]
REFUSED_WORDS = [
    (("1", "true"), "line 3: kept = 'true' beside '1' or '0'; allowed: 1 and 0, true and false"),
    (("0", "-1"), "line 3: kept = '-1' beside '1' or '0'"),
    (("yes", "false"), "line 3: kept = 'false' beside 'yes' or 'no'"),
    (("maybe",), "line 2: kept = 'maybe'; allowed: 1 and 0"),
    (("2",), "line 2: kept = '2'; allowed"),
    (("nan",), "line 2: kept = 'nan'; allowed"),
    (("",), "line 2: kept is empty; allowed"),
    (("1", " "), "line 3: kept is empty; allowed"),
    (("\u0661",), "line 2: kept = '\u0661'; allowed"),
    (("0_1",), "line 2: kept = '0_1'; allowed"),
    (("1e",), "line 2: kept = '1e'; allowed"),
    (("+-1",), "line 2: kept = '+-1'; allowed"),
]
HEAD = "label,generated,kept\n"
MANY = HEAD + "".join(f"c{k},c{k},1\n" for k in range(51))
REFUSED = [
    ("label,generated\na,b\n", "lacks the column 'kept': its header is 'label', 'generated'; allowed: label, gen"),
    ("a b c\n", "lacks the column 'label': its header is 'a b c'"),
    ("", "lacks the column 'label': it is empty"),
    (b"\xef\xbb\xbf", "lacks the column 'label'"),
    (HEAD, "has no rows"),
    (HEAD + "\n \n", "has no rows"),
    ("label,generated,kept,Label\na,b,1,c\n", "has the column 'label' twice; allowed: once"),
    (MANY, "line 52: label = 'c50' is one class more than 50; allowed: 2 to 50 classes"),
    (HEAD + "a,b,1\na,a,\n", "line 3: kept is empty; allowed: 1 and 0"),
    (HEAD + "a,,1\n", "line 2: generated is empty; allowed: the name of a class"),
    (HEAD + "a,a,1\n ,b,1\n", "line 3: label is empty; allowed: the name of a class"),
    (HEAD + "a,a,1\na,a,0\n", "has one class only, 'a': no label can be wrong; allowed: 2 to 50 classes"),
    (
        HEAD + "1,True,1\n0,False,1\n",
        "columns label and generated: no class stands in both ('0', '1' against 'false', 'true'); allowed: the same words",
    ),
    (HEAD + "a,b,1,2\n", "line 2: 4 cells; allowed: 3, as in the header"),
    (HEAD + "a,b\n", "line 2: 2 cells; allowed: 3"),
    (
        HEAD + '"a,b,1\n',
        "line 2: a quote does not close, or text stands behind it; allowed: CSV with quotes that close",
    ),
    (HEAD + 'a,b,1\n"a"x,b,1\n', "line 3: a quote does not close, or text stands behind it"),
    (HEAD.encode() + b"b\xf6se,gut,1\n", "line 2: a byte that is no UTF-8; allowed: UTF-8 text"),
    (b"\xef\xbb\xbf" + HEAD.encode() + b"a,b,1\r\na,b\xf6,1\n", "line 3: a byte that is no UTF-8; allowed: UTF-8 text"),
    (b"PK\x03\x04\x00\x00", "is a spreadsheet or an archive, no text; allowed: a CSV file"),
    ((HEAD + "a,b,1\n").encode("utf-16-le"), "holds NUL characters: it is no text"),
    (
        "label,generated,kept,score\na,a,1,0.5\na,b,0,high\n",
        "line 3: score = 'high' is no number; allowed: decimal digits",
    ),
    ("label,generated,kept,score\na,a,1,1e999\n", "line 2: score = '1e999' is no number"),
    ("label,generated,kept,score\na,a,1,0x10\n", "line 2: score = '0x10' is no number"),
    ("label,generated,kept,count\na,a,1,2.5\n", "line 2: count = '2.5' is no whole number; allowed: 0 to 1000000000"),
    ("label,generated,kept,count\na,b,1,0\nb,a,1,0\n", "has no rows"),
    (HEAD + "".join(f"x{k},y{k},1\n" for k in range(20_001)), "line 20002: more than 20000 different rows"),
]
REFUSED += [  # lines are those of the file, and of a cell that does not close the one in which it begins
    ('label,generated,kept,text\na,b,1,x\na,b,1,"open\n' + "b,b,1,x\n" * 100, "line 3: a quote does not close"),
    (
        'label,generated,kept,text\na,b,1,"x\ny"\nb,b,1,"open\na,a,1,x\nb,a,1,"said"\n',
        "line 4: a quote does not close, or text",
    ),
    (
        'label,generated,kept,text\na,b,1,"x\n""y""","z\n\n""',
        "line 3: a quote does not close, or text stands behind it",
    ),
    ("label,generated,kept,text\n" + 'a,b,1,"x\ny\nz"\n' * 10 + "b,b,maybe,x\n", "line 32: kept = 'maybe'"),
    ('label,generated,kept,text\na,a,1,x\na,b,maybe,"x\ny"\n', "line 3: kept = 'maybe'"),
    ((HEAD + "a,b\ufffd,1\n").encode() + b"b\xe4\n", "line 3: a byte that is no UTF-8"),
    (b"\xff\xfe" + (HEAD + "a,a,1\nb").encode("utf-16-le") + b"\x00\xd8b\x00", "line 3: a byte that is no UTF-16"),
    *(
        (f"label,generated,kept,count\na,a,1,{each}\n", f"line 2: count = '{each}' is no whole number")
        for each in ("1.000", "-5", "")
    ),
]
COUNTS_AS_WRITTEN = ["412", "412.0", "412.", "+412", "412.00", "412.0000"]
SPELLINGS = [  # classes, and the note on them
    (("Cat", "cat"), "the classes 'Cat' and 'cat' differ only in capitals: they count as two"),
    (("Äpfel", "äpfel"), "the classes 'Äpfel' and 'äpfel' differ only in capitals: they count as two"),
    (("1.5", "1.50"), "the classes '1.5' and '1.50' are the same number: they count as two"),
]
TWICE = [
    (
        {"label": "x", "generated": "x"},
        "the column 'x' is chosen for label and for generated; allowed: one use of a column",
    ),
    ({"count": "score"}, "the column 'score' is chosen for score and for count; allowed: one use of a column"),
    ({"label": "kept"}, "the column 'kept' is chosen for label and for kept; allowed"),
]
NAMES = {"label": "truth", "generated": "LLM", "kept": "ok", "score": "p", "count": "times"}
OTHER_NAMES = "truth;llm;ok;p;times\ncat;cat;yes;0,75;2\ncat;dog;no;-1,5e-1;1\ndog;dog;yes;,5;4\n"
# é as one sign and as two, in the names of columns and of classes
ACCENTS = "e\u0301tiquette,generated,kept\ncafe\u0301,caf\u00e9,1\ncaf\u00e9,the\u0301,0\nth\u00e9,th\u00e9,1\n"
ACCENTED = {"label": "\u00e9tiquette"}
