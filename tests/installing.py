"""Installing a package into a folder, with the installer that made this environment and without a network."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


def install(package: Path, target: Path) -> None:
    """Install a package into a folder; setuptools builds beside the sources, so that a copy of them is built."""
    source = target.with_name(f"{target.name}-source")
    shutil.copytree(package, source, dirs_exist_ok=True)
    if find_spec("pip"):
        installer = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    else:
        installer = ["uv", "pip", "install", "--quiet", "--offline", "--python", sys.executable]
    command = [*installer, "--no-deps", "--no-build-isolation", "--target", str(target), str(source)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
