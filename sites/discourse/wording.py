"""What a Discourse forum calls itself, and what stands in a post's HTML that its author did not write."""

import re

NAME = "discourse"
_NOISE = re.compile(
    r'<img\b[^<>]*\bclass="avatar"[^<>]*>'
    r'|<div class="quote-controls">[^<>]*</div>'
    r'|<span class="badge[^"<>]*\bclicks"[^<>]*>[^<>]*</span>'
)
"""Pictures of those who are quoted, the buttons of a quote, and how often a link was followed."""
_META = ('<div class="meta">', "</div>")
"""Name and size of a picture, shown on it as it is enlarged."""


def written(cooked: str) -> str:
    """Return a post's HTML without what the forum adds; who is quoted stays.

    >>> written('<a class="lightbox"><img alt="Kettle"><div class="meta"><span>kettle 9 kB</span></div></a>')
    '<a class="lightbox"><img alt="Kettle"></a>'
    """
    if "class=" not in cooked:
        return cooked
    if _META[0] in cooked:
        first, *rest = cooked.split(_META[0])
        cooked = first + "".join(piece.partition(_META[1])[2] for piece in rest)
    return _NOISE.sub("", cooked)
