"""No connection to an address that is not public, however it is written and whatever leads to it.

The crawls run in a network namespace whose every address is this machine, so that a connection that is tried is seen.
"""

import json
import shutil
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from belowtheline.scraper.safety import address_of, is_public
from tests.everywhere import CONTROL, FORMS, MODES, NAMED, PUBLIC
from tests.loopback import Loopback, crawl, redirect, rows

_NAMESPACES = (["unshare", "-rn"], ["unshare", "-n"])
_REFUSED_AT_ONCE = [form for form in FORMS if "@" in form]


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """Return what runs a command in a network of its own; skips where that is not permitted."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("there is no unshare or no ip, which make a network of its own (util-linux, iproute2)")
    for command in _NAMESPACES:
        if (
            subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True, check=False).returncode
            == 0
        ):
            return command
    pytest.skip("this user may not make a network of its own (unshare -n)")


def run(namespace: list[str], mode: str) -> dict[str, Any]:
    command = [*namespace, sys.executable, str(Path(__file__).parents[1].joinpath("everywhere.py")), mode]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_there_are_sixty_forms_and_more() -> None:
    assert len(set(FORMS)) == len(FORMS) >= 60


@pytest.mark.parametrize("mode", MODES)
def test_nothing_inside_is_connected_to(namespace: list[str], mode: str) -> None:
    ended = run(namespace, mode)
    assert ended["inside"] == []
    assert "Traceback" not in ended["said"]
    assert ended["public"], ended["said"]
    # The way leads to a last target that is public and asked; a next page on another host never is.
    if mode not in ("rebinding", "link"):
        assert (CONTROL in ended["public"]) is (mode != "next page")


def test_without_the_guard_what_is_inside_is_connected_to(namespace: list[str]) -> None:
    """The test itself can fail: the same crawl, with a guard that lets everything pass, reaches what is inside."""
    inside = run(namespace, "unguarded")["inside"]
    assert {"10.0.0.1", "169.254.169.254", "127.0.0.1", "fc00::1", "64:ff9b::a00:1"} <= set(inside)


@pytest.mark.parametrize("form", sorted(_REFUSED_AT_ONCE))
def test_a_user_name_in_an_address_is_refused_before_anything_starts(tmp_path: Path, form: str) -> None:
    ended = crawl(tmp_path / "a.db", f"http://{form}/forum/all/2025/03/14/kettle/", "--contact", "a@kettles.example")
    assert (ended.code, (tmp_path / "a.db").exists()) == (2, False)


def test_a_redirect_to_an_address_with_a_user_name_is_not_followed(tmp_path: Path) -> None:
    with Loopback() as server:
        path = "/forum/all/2025/03/14/kettle/"
        server.answers = {path: redirect(f"http://reader:secret@127.0.0.1:{server.port}/forum/1/2025/03/14/other/")}
        assert crawl(tmp_path / "a.db", server.url(path)).code == 3
        assert server.paths() == [path]
    assert rows(tmp_path / "a.db", "SELECT state, reason FROM pages") == [("failed", "refused")]


def test_only_what_the_command_line_names_of_this_machine_is_asked(tmp_path: Path) -> None:
    """With a contact, a crawl of 127.0.0.1 may not be led to another address of this machine."""
    with Loopback() as named, Loopback(host="127.0.0.2") as other:
        path = "/forum/all/2025/03/14/kettle/"
        named.answers = {path: redirect(other.url(path))}
        assert crawl(tmp_path / "a.db", named.url(path), "--contact", "a@kettles.example").code == 3
        assert (len(named.paths()), other.asked) == (1, [])


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        (PUBLIC, True),
        ("2600::1", True),
        ("64:ff9b::8.8.8.8", True),
        ("2002:808:808::1", True),
        ("2600::5efe:8.8.8.8", True),
        ("192.88.99.1", False),
        ("64:ff9b::192.88.99.1", False),
        ("3fff::1", False),
        ("64:ff9b::192.168.0.1", False),
        ("2002:c0a8:1::1", False),
        ("2600::5efe:192.168.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("::8.8.8.8", False),
        ("224.0.0.1", False),
        ("ff0e::1", False),
        ("fe80::1%lo", False),
    ],
)
def test_an_address_is_as_public_as_what_it_leads_to(address: str, *, allowed: bool) -> None:
    assert is_public(address_of(address)) is allowed


def test_named_forms_are_loopback() -> None:
    numbers = {form.strip("[]") for form in NAMED if form.lower() != "localhost"}
    assert all(ip_address(number).is_loopback for number in numbers)
