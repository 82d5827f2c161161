"""The thin library of the book: formulas, models, data sets, sliders and the ledger of claims."""
