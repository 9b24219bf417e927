"""What the archive's tables hold: a sentence a table and a sentence a column.

What a page says is described where it is declared, in `reading.items`; here are only the archive's own columns.
"""

from belowtheline.archive.descriptions import content, evidence, links, upkeep
from belowtheline.archive.descriptions.parts import Column, Table

__all__ = ["DESCRIBED", "Column", "Table"]

DESCRIBED = (*content.TABLES, *links.TABLES, *evidence.TABLES, *upkeep.TABLES)
"""The tables of an archive; `archive.descriptions.dictionary` adds the views."""
