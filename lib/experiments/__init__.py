"""The numeric parts of the notebooks: one folder a chapter, one file a notebook."""
