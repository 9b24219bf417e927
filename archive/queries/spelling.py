"""One spelling for what people type and what pages say: names, ids and titles, in whatever Unicode form they come."""

import unicodedata


def alike(text: str) -> str:
    """Return a name or title as it is compared: in one normal form, without case, blanks as single spaces.

    >>> alike("KA" + chr(0x308) + "THE  Straße") == alike("käthe strasse")
    True
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
    return " ".join(unicodedata.normalize("NFKC", folded.casefold()).split())


def forms(text: str) -> tuple[str, ...]:
    """Return a typed id or address, as it is and in the normal forms in which a page may have it.

    >>> forms("kettle")
    ('kettle',)
    """
    if text.isascii():
        return (text,)
    return tuple(dict.fromkeys((text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")))))
