"""Plugins of Datasette for an archive: who may ask, what a page may run and load, when the server ends."""
