"""The life of the server: it ends with the process that started it, however that process ends."""

import os
import shutil
import signal
import threading
import time
from pathlib import Path
from typing import Any, Final

from belowtheline.exports.datasette.hooks import hookimpl

FOLDER: Final = "btl-browse-"
"""How the name of the server's temporary folder begins."""
_STARTER: Final = 0  # standard input: a pipe that only the starter holds open
_ENDING_SECONDS: Final = 2.0


@hookimpl
def startup(datasette: Any) -> None:
    """Watch the process that started the server, from a thread; a server that btl did not start has its own life."""
    folder = Path(datasette.plugins_dir or "").parent
    if not folder.name.startswith(FOLDER):
        return
    threading.Thread(target=_end_with_starter, args=(folder,), daemon=True).start()


def _end_with_starter(folder: Path) -> None:
    """Wait until the pipe is closed, which the system does even after `kill -9`; then clean up and end."""
    while os.read(_STARTER, 4096):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_ENDING_SECONDS)
    os._exit(1)  # a browser that keeps its connection, or a long query, holds it up
