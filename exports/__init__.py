"""One module per format, rows in and files out; imports archive and reading.items."""
