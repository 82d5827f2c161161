"""Numeric parts of the chapter usable-information."""
