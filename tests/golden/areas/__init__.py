"""One module per golden file; each has a function `facts()` that returns the file's content."""
