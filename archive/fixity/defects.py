"""What `btl verify` can find, each under a code that stays the same from release to release."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType(
    {
        "D01": "SQLite finds the file itself damaged, or cannot read a part of it.",
        "D02": "A table, index or view is missing, or is not as btl made it.",
        "D03": "A row names a row that there is not.",
        "D04": "The search index does not hold the words of the comments.",
        "D05": "A trigger or another thing that btl did not make runs when btl writes, or has a name of btl's.",
        "R01": "A row is not as it was when it was sealed.",
        "R02": "A row that was sealed is gone.",
        "R03": "A row stands where no run of btl put one.",
        "R04": "A seal itself has changed or is gone, so that its rows cannot be compared.",
        "V01": "The content of a version of a comment does not have the hash that it was stored with.",
        "V02": "A comment does not show the content of its present version.",
        "V03": "The present version of a comment is missing or is another comment's.",
        "V04": "The parent of a comment stands in another thread.",
        "C01": "A WARC file is missing or cannot be opened.",
        "C02": "A record is cut: its WARC file ends before it does.",
        "C03": "The bytes of a record are not those that were written.",
        "C04": "The payload of a record does not have the SHA-256 that its capture names.",
        "C05": "The headers of a record say something other than its capture: address, time, status or content type.",
        "C06": "A WARC file holds bytes that no capture names.",
        "C07": "Whole records of a run that did not finish have no row: it was lost, or no run gave them one yet.",
        "N01": "The archive holds more or fewer rows than when its last run finished.",
        "F01": "An exported file is not as it was when it was written.",
        "F02": "An exported file is missing.",
    }
)
"""Each code with what it stands for."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is not as it was written."""

    code: str
    """One of CODES."""
    table: str | None
    """Table of the row, or the file; NULL for the database as a whole."""
    row_id: int | None
    """Number of the row, where it is one."""
    sentence: str
    """What is wrong."""

    @property
    def place(self) -> str:
        """The table and the row."""
        parts = (self.table, None if self.row_id is None else str(self.row_id))
        return " ".join(part for part in parts if part is not None) or "database"
