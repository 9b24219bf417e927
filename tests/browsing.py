"""A real `btl browse` for tests, and what asks it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

ENDS_WITHIN = 120
"""Seconds after which a test takes a process for one that does not end."""
COMMAND = [sys.executable, "-c", "from belowtheline.cli import run; run()", "browse"]
_HEADLESS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--window-size=1400,1000",
)


@contextmanager
def browsing(archive: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the real command on a free port, and yield its process and the address it prints."""
    process = subprocess.Popen(
        [*COMMAND, str(archive), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), process.communicate(timeout=ENDS_WITHIN)
        yield process, address
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=ENDS_WITHIN)


def fetch(url: str) -> str:
    with build_opener(ProxyHandler({})).open(url, timeout=30) as response:
        text: str = response.read().decode()
        return text


def fetch_json(url: str) -> Any:
    return json.loads(fetch(url))


def is_listening(address: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(address).port or 0)) == 0


def dump_dom(chromium: str, url: str, profile: Path) -> str:
    """Return a page as the browser shows it once its scripts have run."""
    return look_at(chromium, url, profile)[0]


def look_at(chromium: str, url: str, profile: Path) -> tuple[str, list[str]]:
    """Return a page as the browser shows it once its scripts have run, and what it says in its console."""
    command = [chromium, *_HEADLESS, f"--user-data-dir={profile}", "--dump-dom", url]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return ran.stdout, re.findall(r"INFO:CONSOLE\S* (.*)", ran.stderr)
