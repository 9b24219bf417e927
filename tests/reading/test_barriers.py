"""What stands before a page is blocked, kept and no content; what only talks of it, or has another layout, is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from belowtheline.reading.barriers import has_barred_title, is_barrier
from tests.growth import assert_linear
from tests.loopback import Loopback, btl, crawl, pages, post, redirect, response, rows, topic, value

ALL = "/forum/all/2025/03/14/kettle/"


def html(body: str, title: str = "Kettle News", head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


LONG = "<script>" + "var consent = 1; " * 2000 + "</script>"
BARRIERS = {
    "challenge by title": html("<p>Checking your browser</p>", "Just a moment..."),
    "challenge in another language": html("<script>window._cf_chl_opt={cvId:'3'};</script>", "Nur einen Moment…"),
    "refusal": html("<p>Reference #18.2f</p>", "Access Denied"),
    "captcha by script": html('<form><div class="g-recaptcha" data-sitekey="x"></div></form>'),
    "captcha of another kind": html('<p>Prove it.</p><div class="h-captcha"></div>'),
    "turnstile": html('<div class="cf-turnstile"></div>', "kettles.example"),
    "slider": html('<div id="px-captcha"></div><p>Press and hold</p>', "kettles.example"),
    "are you a robot": html("<p>We saw odd traffic.</p>", "Are you a robot?"),
    "needs javascript": html("<noscript>Please enable JavaScript to go on.</noscript><div id='root'></div>"),
    "needs javascript, german": html("<p>Bitte aktivieren Sie JavaScript in Ihrem Browser.</p>"),
    "javascript is disabled": html("<h1>JavaScript is disabled</h1>" + LONG),
    "login form": html('<form action="/session"><input name="user"><input type="password" name="p"></form>'),
    "login form, no quotes": html("<form><input name=user><input name=p type=password></form>"),
    "login by title": html("<form><input name=mail></form>", "Log in • Kettle News"),
    "login, german": html("<form><input name=mail></form>", "Anmelden | Kesselblatt"),
    "login, french": html("<form><input name=mail></form>", "Connexion - La Bouilloire"),
    "consent by its platform": html(
        "<p>We and our partners</p>", head='<script src="//cdn.privacy-mgmt.com/w.js"></script>'
    ),
    "consent by its button": html("<h1>Cookies</h1><button>Accept all</button><button>Settings</button>"),
    "consent, german": html("<h1>Weiter mit Werbung</h1><button>Alle akzeptieren</button>"),
    "consent, french": html("<h1>Votre vie</h1><button>Tout accepter</button>"),
    "pay or consent": html("<h1>Mit Pur-Abo</h1><a>Zustimmen und weiter</a>"),
    "before you continue": html("<button>OK</button>", "Before you continue to Kettle News"),
    "privacy title": html("<button>OK</button>", "Your privacy choices"),
    "subscribe": html("<p>From 1 a month.</p>", "Subscribe to continue"),
    "waf": html("<p>ID 1234</p>", "Request Blocked"),
}
OTHERS = {
    "a headline that begins so": html(
        "<p>It pours.</p>", "Just a moment of silence for the old kettle, says its maker"
    ),
    "a headline about logins": html("<p>It pours.</p>", "Log in to your kettle, says the maker of all kettles"),
    "another layout": html('<div id="talk"><article>Mine never updated.</article></div>'),
    "a thread with a login box": html(
        '<form><input type="password"></form>' + '<div class="comment-item">Mine never updated.</div>' * 3
    ),
    "a long page with a cookie bar": html("<button>Accept all</button>" + "<p>It pours, and it pours again.</p>" * 200),
    "a page watched over by a network": html(
        "<p>Hm.</p>", head='<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'
    ),
    "an answer that is no page": '{"error": "please enable JavaScript", "captcha": true}',
    "nothing": "",
}


@pytest.mark.parametrize("name", BARRIERS)
def test_a_barrier_is_told(name: str) -> None:
    assert is_barrier(BARRIERS[name])


@pytest.mark.parametrize("name", OTHERS)
def test_another_page_is_none(name: str) -> None:
    assert not is_barrier(OTHERS[name])


@pytest.mark.parametrize(
    ("url", "is_door"),
    [
        ("https://kettles.example/login?next=/t/1", True),
        ("https://kettles.example/user/sign-in.php", True),
        ("https://consent.kettles.example/v2/collect", True),
        ("https://login.kettles.example/", True),
        ("https://kettles.example/2025/login-of-kettles-broken/", False),
        ("https://kettles.example/t/kettle-care/77", False),
        (None, False),
    ],
)
def test_an_address_that_redirects_lead_to_is_a_door(url: str | None, *, is_door: bool) -> None:
    assert is_barrier(html("<p>Hello.</p>"), url) is is_door


@pytest.mark.parametrize("piece", ["<script", "<title", "<title>x", "class='comment", "<input type=", "< ", "log in "])
def test_a_hostile_page_takes_no_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert_linear(lambda part: is_barrier(part, "https://kettles.example/" + piece * 1000), text)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def test_barriers_sent_as_pages_are_kept_blocked_and_no_content(archive: Path, server: Loopback) -> None:
    names = {name: f"/forum/all/2025/03/14/{number}/" for number, name in enumerate(BARRIERS)}
    server.answers = {path: response(BARRIERS[name].encode()) for name, path in names.items()}
    ended = crawl(archive, *map(server.url, server.answers))
    assert ended.code == 5, ended.err
    assert pages(archive, "DISTINCT state, reason, capture_id IS NOT NULL") == [("failed", "blocked", 1)]
    assert rows(archive, "SELECT (SELECT count(*) FROM comments), (SELECT count(*) FROM threads)") == [(0, 0)]
    discovered, *states = rows(archive, "SELECT discovered, done, failed, deferred, skipped, todo FROM runs")[0]
    assert discovered == sum(states) == len(BARRIERS)


def test_a_thread_whose_comments_talk_of_captchas_is_read(archive: Path, server: Loopback) -> None:
    words = 'Just a moment... &lt;div class="g-recaptcha"&gt; Please enable JavaScript, accept all, log in.'
    page = topic([post(1, words)], title="Captcha").replace(b"</body>", b'<form><input type="password"></form></body>')
    server.answers = {ALL: response(page)}
    assert crawl(archive, server.url(ALL)).code == 0
    assert "g-recaptcha" in value(archive, "SELECT body_text FROM comments")


def test_an_api_that_answers_with_a_login_page_is_blocked(archive: Path, server: Loopback) -> None:
    server.answers = {"/t/77.json": redirect("/login"), "/login": response(BARRIERS["login form"].encode())}
    ended = btl("crawl", archive, server.url("/t/kettle-care/77"), "--site", "discourse", "--delay", "0")
    assert ended.code == 5, ended.err
    assert ("failed", "blocked") in pages(archive)


@pytest.mark.parametrize("status", [403, 503])
def test_a_challenge_sent_as_an_error_is_blocked(archive: Path, server: Loopback, status: int) -> None:
    server.answers = {ALL: response(BARRIERS["challenge by title"].encode(), status)}
    assert crawl(archive, *map(server.url, server.answers)).code == 5
    assert pages(archive) == [("failed", "blocked")]  # a refusal is no reason to ask the other address


def test_an_empty_thread_with_the_title_of_a_barrier_is_an_empty_thread(archive: Path, server: Loopback) -> None:
    """The place for comments is the proof of a thread, whatever else the page says."""
    page = topic([], title="Consent")
    assert has_barred_title(page.decode())
    server.answers = {ALL: response(page)}
    assert crawl(archive, server.url(ALL)).code == 0
    assert rows(archive, "SELECT held, verdict FROM thread_status") == [(0, "complete")]


def test_a_saved_barrier_is_kept_and_blocked(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_text(BARRIERS["consent by its button"])
    ended = btl("ingest", archive, file, "--site", "theregister", "--url", f"https://forums.theregister.com{ALL}")
    assert ended.code == 5, ended.err
    assert pages(archive) == [("failed", "blocked")]
    assert "Traceback" not in ended.err
