"""Numeric parts of the chapter random-matrices."""
