"""The clock of the commands that a test starts, put forward in place of waiting."""

_ahead = 0


def next_second() -> None:
    """Let what starts from now on bear another time: the archive keeps whole seconds."""
    global _ahead
    _ahead += 1


def reset() -> None:
    """Let the clock be right again."""
    global _ahead
    _ahead = 0


def change() -> str:
    """Return what a command is to run first, so that its clock is as far ahead as the test is."""
    if not _ahead:
        return ""
    later = f"lambda now=clock.utc_now, more=timedelta(seconds={_ahead}): now() + more"
    return f"from datetime import timedelta\nfrom belowtheline.archive.store import clock\nclock.utc_now = {later}\n"
