"""What is said of clocks: before a run starts, and at its end."""

from belowtheline.archive.store import clocks
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.progress import Progress, Step


def check_clock(archive: Archive, progress: Progress) -> None:
    """Raise ClockBehind where our clock is far behind the newest capture, and tell where it is a little behind."""
    if behind := clocks.check(archive.connection, archive.path):
        progress(Step(label="clock", sentence=behind))


def server_clock(archive: Archive, run_id: int) -> str | None:
    """Return in a sentence that the clock of a server that a run asked differs from ours; None where none does."""
    offset = clocks.offset_of_run(archive.connection, run_id)
    if offset is None:
        return None
    return (
        f"The clock of a server was {clocks.described(offset)} of this machine's: if this one is wrong, set it,"
        " since the times of this run are its."
    )
