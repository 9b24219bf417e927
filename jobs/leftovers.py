"""Taking up what runs left that were killed, and saying so."""

from belowtheline.archive.store import leftovers
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.progress import Progress, Step


def take_up_leftovers(archive: Archive, run_id: int, progress: Progress) -> None:
    """Give rows to the records that killed runs had written, and tell how many there were."""
    if count := leftovers.take_up(archive, run_id):
        said = f"{count} answers that an earlier run kept when it was killed are captures now."
        progress(Step(label="captures", sentence=said, is_problem=False))
