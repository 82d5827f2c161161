"""Formulas of the papers, one module a paper, in plain Python.

Every file here imports ``math`` and its neighbours only, so that the same file runs in CPython (notebooks, tests) and under
MicroPython (the sliders of the published page). Checked by tests/theory/test_micropython.py.
"""
