"""The command in processes that need no second to start: one process imports everything, and forks a child a command.

The children are as real as any: each has its own archive, connections and memory, and is killed by its own number.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from tests.loopback import Ended, naming_servers

_MODULES = ("crawling", "intake", "revisiting", "reparsing", "linking", "export", "verify")
_PROGRAM = f"""
import importlib, json, os, resource, signal, sys, traceback
for name in {_MODULES}:
    importlib.import_module("belowtheline.cli." + name)
import belowtheline.archive.fixity.verify, belowtheline.archive.store.migrations, belowtheline.sites.registry
import belowtheline.exports.documents, belowtheline.exports.tables
belowtheline.sites.registry.all_sites()
from belowtheline.cli import main
print("ready", flush=True)
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if not child:
        for number, name in ((0, os.devnull), (1, order["out"]), (2, order["err"])):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), number)
        if order["largest"]:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"], order["largest"]))
        code = 1
        try:
            main(order["arguments"])
        except SystemExit as ended:
            code = ended.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


class Btl:
    """Runs `btl`, one command at a time; `folder` takes what the commands print."""

    def __init__(self, folder: Path) -> None:
        self._out, self._err = folder / "btl.out", folder / "btl.err"

    def __enter__(self) -> Self:
        self._forker = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._line() == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        self._forker.stdin.close()
        self._forker.wait(30)
        self._forker.stdout.close()

    def _line(self) -> str:
        stream: IO[str] | None = self._forker.stdout
        assert stream is not None
        return stream.readline().strip()

    def start(self, *arguments: object, largest: int = 0) -> "Started":
        """Start a command; no file that it writes may grow beyond `largest` bytes, unless that is zero."""
        order = {
            "arguments": naming_servers(*arguments),
            "largest": largest,
            "out": str(self._out),
            "err": str(self._err),
        }
        assert self._forker.stdin is not None
        self._forker.stdin.write(json.dumps(order) + "\n")
        self._forker.stdin.flush()
        return Started(int(self._line()), self, time.monotonic())

    def run(self, *arguments: object, largest: int = 0) -> Ended:
        """Run a command to its end."""
        return self.start(*arguments, largest=largest).wait()

    def ended(self, began: float) -> Ended:
        """Return how the running command ended, once it has."""
        code = int(self._line())
        seconds = time.monotonic() - began
        return Ended(code, self._out.read_bytes().decode(), self._err.read_text("utf-8"), seconds)


@dataclass
class Started:
    """A command that runs."""

    pid: int
    btl: Btl
    began: float

    def wait(self) -> Ended:
        """Wait for its end."""
        return self.btl.ended(self.began)

    def kill(self) -> bool:
        """Kill it as a power cut would, and return whether it was still at work."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return self.wait().code == -signal.SIGKILL
