"""Numeric parts of the chapter reverse-bottleneck."""
