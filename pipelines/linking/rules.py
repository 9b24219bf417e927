"""The rules by which replies are inferred, as data: what each is called, how sure it is, and whether it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

METHOD_VERSION = "2"
"""Changes with any change that may change a result: stored beside every quote and edge."""

MOST_CERTAIN = 0.99
"""However many rules agree, an inferred edge is never as sure as a site's own link."""
GUESS = 0.5
"""A finding of at most this confidence is a candidate, never an edge."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to tell whom a comment answers."""

    name: str
    confidence: float
    meaning: str
    is_on: bool = True
    """Whether what it finds may be an edge, which else is a candidate; off where the precision was below 0.9."""

    @property
    def makes_edges(self) -> bool:
        """Whether what it finds is an edge: it is on, and sure enough."""
        return self.is_on and self.confidence > GUESS


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Rule("address", 0.95, "names the author of one earlier comment"),
            Rule(
                "address_several",
                0.80,
                "names the author of several earlier comments, and quotes or echoes this one",
            ),
            Rule(
                "address_nearest", 0.80, "names the author of several earlier comments, and nothing tells which", False
            ),
            Rule("address_anonymous", 0.85, "names the anonymous, of whom one has written an earlier comment"),
            Rule("address_time", 0.90, "names an author, and the time of one of several earlier comments"),
            Rule("honorific", 0.85, "addresses an author by a title and surname"),
            Rule("attribution", 0.95, "sets words under a name of whose comments one has them"),
            Rule("quote_long", 0.95, "quotes eight words or more"),
            Rule("quote", 0.90, "quotes four to seven words on a line of their own"),
            Rule("quote_inline", 0.90, "quotes four to seven words inside a sentence", False),
            Rule("quote_three", 0.80, "quotes three words on a marked line of their own that one earlier comment has"),
            Rule("quote_fuzzy", 0.80, "quotes words with small changes, or with some left out"),
            Rule("quote_contested", 0.80, "quotes words that others wrote too, without marks of quotation", False),
            Rule("repeated", 0.80, "begins with a sentence of one earlier comment, and goes on in its own words"),
            Rule("title_echo", 0.80, "its title stands in one earlier comment"),
            Rule("re_title", 0.85, "its title is the first that answers that of one earlier comment"),
            Rule("re_title_again", 0.85, "its title answers one that others have answered before", False),
            Rule("relayed_quote", 0.40, "quotes words that an earlier comment quotes from elsewhere"),
            Rule("other_holder", 0.30, "quotes words that this comment holds too, and others before it"),
            Rule("other_bearer", 0.30, "names an author who wrote this comment too"),
            Rule("reported", 0.50, "reports what its author said"),
            Rule("rare_terms", 0.20, "shares words that hardly any other comment has"),
            Rule("nearness", 0.10, "stands right before it"),
        )
    }
)


def combined(confidences: list[float]) -> float:
    """Return how sure several rules are together that name one target.

    >>> combined([0.8, 0.9]), combined([0.95, 0.95])
    (0.98, 0.99)
    """
    doubt = 1.0
    for confidence in confidences:
        doubt *= 1 - confidence
    return min(round(1 - doubt, 4), MOST_CERTAIN)
