"""The Register's own words: sentences, names and dates that its pages use, in HTML and in copied text alike."""

import re

from belowtheline.reading.items import Conventions, Deletion

NAME = "theregister"
CLOSED = "This topic is closed for new posts."
BACK = "back to article"
BADGES = ("Bronze badge", "Silver badge", "Gold badge")
STAFF_SUFFIX = "(Written by Reg staff)"
ICONS = frozenset(
    {
        "Alert", "Alien", "Angel", "Anonymous Coward", "Badgers", "Big Brother", "Black Helicopters", "Boffin",
        "Childcatcher", "Coat", "Coffee/keyboard", "Dead Vulture", "Devil", "Dollar", "FAIL", "Facepalm", "Flame",
        "Gates Halo", "Gates Horns", "Gimp", "Go", "Grenade", "Happy", "Headmaster", "Heart", "Holmes", "IT Angle",
        "Jobs Halo", "Jobs Horns", "Joke", "Linux", "Megaphone", "Meh", "Mushroom", "Paris Hilton", "Pint", "Pirate",
        "Stop", "Terminator", "Thumb Down", "Thumb Up", "Trollface", "Troll", "Unhappy", "Welcome", "Windows", "WTF?",
    }
)  # fmt: skip
"""Names seen on the site's pages; never a closed list: it only decides where copied text is ambiguous."""

CONVENTIONS = Conventions(
    timezone="Europe/London",
    date_formats=("%A %dth %B %Y %H:%M %Z", "%A %d %B %Y %H:%M %Z", "%d %B %Y %H:%M", "%a %d %b %Y %H:%M"),
    staff_suffixes=(STAFF_SUFFIX,),
    anonymous_names=frozenset({"Anonymous Coward"}),
)

_DELETED = re.compile(
    r"This (?:post|comment) (?:has been|was) (?:deleted|removed)"
    r"(?: by (?P<who>its author|the (?:author|poster)|(?:an? |the |our )?moderators?))?\.?$",
    re.IGNORECASE,
)


def deletion(sentence: str) -> Deletion | None:
    """Return who deleted a post whose whole text is this sentence, None where it says no such thing.

    >>> deletion("This post has been deleted by its author")
    'author'
    """
    match = _DELETED.match(" ".join(sentence.split()))
    if match is None:
        return None
    who = (match["who"] or "").lower()
    return "unknown" if not who else "moderator" if "moderator" in who else "author"
