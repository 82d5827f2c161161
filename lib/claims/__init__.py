"""What the papers say, what the notebooks measured, and the verdicts that follow. Nothing here knows a paper.

``data/claims/<chapter>.yml`` holds the claims with their tolerances, written before the first run. A notebook's last cell hands
its measured values to :func:`close`; a cell that shows a published number asks :func:`test`. Wording is for the page of claims.
"""

from lib.claims.ledger import close
from lib.claims.table import test

__all__ = ["close", "test"]
