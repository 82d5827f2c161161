"""Formulas of the papers in plain Python: what several papers share stands here, the rest in one folder or file a paper.

Every file imports ``math`` and its neighbours only, so that the same file runs in CPython (notebooks, tests) and under
MicroPython (the sliders of the published page). The packages' own ``__init__`` hold words and no code, so that a page loads only
the files that its figures need (``lib.explore.files``). Checked by tests/theory/test_micropython.py and
tests/explore/test_files.py.
"""
