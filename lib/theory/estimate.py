"""A measured value and its standard error, at least 0, in the same unit: what every measurement of this book gives.

``lib.statistics`` makes them from draws; this file is plain Python, so that formulas may give them too.
"""

from collections import namedtuple

Estimate = namedtuple("Estimate", ("value", "standard_error"))
