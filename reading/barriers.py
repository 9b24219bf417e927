"""Telling what stands before a page, a challenge, a consent wall or a login, from a page whose layout has changed."""

import re
from typing import Final
from urllib.parse import urlsplit

BARRED: Final = "the server sent a challenge, consent or login page"
"""What is said of a page that stands before the one that was asked for."""

_TITLE = re.compile(r"<title[^>]{0,200}>\s{0,200}([^<]{0,200})", re.IGNORECASE)
_BARRED = re.compile(
    r"(?:just a moment|one moment,? please|please wait|attention required|access (?:to this page has been )?denied"
    r"|403 forbidden|request (?:blocked|rejected)|pardon our interruption|are you (?:a )?(?:robot|human)"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|(?:human|bot|robot|security|browser) (?:check|verification)"
    r"|checking your browser|ddos-guard|captcha|(?:please )?enable (?:javascript|cookies)|javascript (?:is )?required"
    r"|(?:please )?(?:sign|log) ?in|login|anmelden|anmeldung|einloggen|connexion|se connecter|iniciar sesi[oó]n|accedi"
    r"|inloggen|before you continue|your privacy(?: choices| settings)?|we value your privacy"
    r"|privacy (?:settings|gate|wall)"
    r"|cookie (?:consent|wall|settings)|consent|einwilligung|datenschutz-?einstellungen|zustimmung"
    r"|(?:subscribe|register) to (?:continue|read))\b.{0,25}",  # a headline may start so, but goes on
    re.IGNORECASE,
)
_CHALLENGES = (
    "_cf_chl_opt", "/orchestrate/chl_page/", "/orchestrate/jsch/", "cf-chl-", "px-captcha", "captcha-delivery.com/c",
    "geo.captcha-delivery.com", "/_sec/cp_challenge/", "awswafcaptcha", "AwsWafIntegration.forceRefreshToken",
    "Incapsula incident ID", "ddos-guard/js-challenge",
)  # fmt: skip
_DOORS = frozenset((
    "login", "log-in", "signin", "sign-in", "consent", "captcha", "challenge", "checkpoint", "sso", "cookiewall",
    "privacywall", "privacygate", "accounts", "guce", "myprivacy", "anmelden", "einloggen",
))  # fmt: skip
_SIGNS = re.compile(
    r"""<input[^<>]{1,300}type\s{0,3}=\s{0,3}["']?password|["' ](?:g-recaptcha|h-captcha|cf-turnstile|captcha)["' ]"""
    r"|(?:enable|activate|turn on|requires?|needs?|aktivieren sie|activez|activer) javascript"
    r"|javascript (?:is (?:disabled|required|not enabled)|(?:zu )?aktivieren|must be enabled|and cookies)"
    r"|privacy-mgmt\.com|sourcepoint|consentmanager|usercentrics|onetrust|didomi|contentpass|guce\.|quantcast"
    r"|accept (?:all|cookies|and continue)|agree and continue|i agree|alle(?:s)? akzeptieren|zustimmen und weiter"
    r"|tout accepter|accepter et continuer|aceptar todo|accetta tutto|alles accepteren",
    re.IGNORECASE,
)
_OF_THREADS = re.compile(r"""(?:id|class)\s?=\s?["'][^"'<>]{0,60}(?:comment|repl(?:y|ies)|posting)""", re.IGNORECASE)
_HEAD = 20_000
_LOOKED_AT = 200_000
_LITTLE = 2_000  # characters of text: a wall is short, and a page of a thread is not
_SILENT = ("script", "style", "template")


def has_barred_title(text: str) -> bool:
    """Return whether a page's title is that of a challenge, a refusal, a consent wall or a login, and no more."""
    title = _TITLE.search(text[:_HEAD])
    return bool(title and _BARRED.fullmatch(title[1].strip()))


def is_barrier(text: str, url: str | None = None) -> bool:
    """Return whether a page that no site could read is one that stands before it: by title, marks, words or address.

    >>> [is_barrier(f"<title>{title}</title>") for title in ("Just a moment...", "Log in to your kettle, says maker")]
    [True, False]
    """
    if has_barred_title(text) or any(mark in text[:_HEAD] for mark in _CHALLENGES):
        return True
    if text[:1024].lstrip("\ufeff \t\r\n")[:1] != "<":
        return False
    looked_at = text[:_LOOKED_AT]
    if len(_OF_THREADS.findall(looked_at)) > 2 or len(_words(looked_at)) > _LITTLE:
        return False
    return bool(_SIGNS.search(looked_at)) or _is_door(url)


def _is_door(url: str | None) -> bool:
    """Return whether an address is that of a login or a consent wall, as redirects lead to."""
    parts = urlsplit(url or "")
    names = [*(parts.hostname or "").split(".")[:1], *parts.path.lower().split("/")]
    return any(name.partition(".")[0] in _DOORS for name in names)


def _words(text: str) -> str:
    """Return what a page says, about: its text without markup and programs, in one pass however broken it is."""
    said: list[str] = []
    silent = ""
    for piece in text.split("<"):
        tag, _, words = piece.partition(">")
        name = tag[:12].lower()
        if silent:
            silent = "" if name.startswith("/" + silent) else silent
        else:
            silent = next((found for found in _SILENT if name.startswith(found)), "")
        if not silent:
            said.append(words.strip())
    return " ".join(filter(None, said))
