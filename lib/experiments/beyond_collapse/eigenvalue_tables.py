"""Notebook beyond-collapse/04, tables: shares and their errors over repeats, from the values of its parts."""
