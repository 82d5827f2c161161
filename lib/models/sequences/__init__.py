"""Sequence models of the chapter beyond-collapse: numbers as tokens, matrices, a transformer, and how it is decoded."""
