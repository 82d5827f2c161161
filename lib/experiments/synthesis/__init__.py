"""Experiments of the chapter that joins the four papers."""
