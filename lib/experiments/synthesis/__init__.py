"""Numeric parts of the chapter synthesis."""
