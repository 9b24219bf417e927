"""The mark of functions that Datasette calls."""

from typing import Final

from pluggy import HookimplMarker

hookimpl: Final = HookimplMarker("datasette")
"""What `datasette.hookimpl` is, with a type."""
