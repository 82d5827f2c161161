"""Texts: sentences and their features, Rouge-1, and a summarizer that picks one sentence of an article."""
