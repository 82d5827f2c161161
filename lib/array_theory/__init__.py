"""Formulas that need matrices of data: numpy, scipy; no slider runs them."""
