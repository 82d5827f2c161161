"""Numeric parts of the chapter beyond-collapse."""
