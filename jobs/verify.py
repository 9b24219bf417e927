"""One verification: an archive, its captures and exported files beside what was written, and how that ended."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from belowtheline.archive.fixity import verify as fixity
from belowtheline.archive.fixity.defects import Defect
from belowtheline.jobs.endings import Ending

StrPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What a verification compared, and what is not as it was written."""

    ending: Ending
    started_at: str
    defects: tuple[Defect, ...]
    notes: tuple[str, ...]
    """What could not be checked, or is not of btl."""
    rows: int
    """Sealed rows that were compared."""
    files: int
    """WARC files that were read."""
    exported: int
    """Exported files that were compared."""
    bytes_read: int
    is_recorded: bool
    """Whether the run stands in the archive, which it does where that may be written and is not damaged."""


def verify(archive: StrPath, exported: StrPath | Sequence[StrPath] = ()) -> VerifyReport:
    """Compare an archive, its captures and exported files with what was written.

    Raise StorageError where there is no archive, or an exported file has no checksum.
    """
    given = [exported] if isinstance(exported, str | os.PathLike) else exported
    found = fixity.verify(Path(archive), [Path(file) for file in given], Ending.VERIFICATION)
    return VerifyReport(
        ending=Ending.VERIFICATION if found.defects else Ending.COMPLETE,
        started_at=found.started_at,
        defects=tuple(found.defects),
        notes=tuple(found.notes),
        rows=found.rows,
        files=found.files,
        exported=len(given),
        bytes_read=found.bytes_read,
        is_recorded=found.is_recorded,
    )
