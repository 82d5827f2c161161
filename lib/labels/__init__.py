"""A reader's own labels: a table as people have it, read to counts, judged, and reported, in JupyterLab and in the page.

``cells`` says what cells mean and ``report`` what the counts mean, both in plain Python that the page runs too; ``table`` reads a
file, ``block`` is the page's form. The page's own reader, assets/judge-table.js, is held to ``table`` by
tests/labels/test_page_reader.py.
"""
