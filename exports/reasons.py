"""What a rule of linking went by, in words: in a sheet for reviewers, and where a reply is explained."""

from typing import Any

from belowtheline.archive.queries.explaining import HeldEdge

_ADDRESSED = ("address", "address_several", "address_nearest", "address_anonymous", "address_time", "honorific")
_BY = {
    "quoted": "it quotes this one",
    "title echo": "its title stands in this one",
    "rare words": "this one shares most rare words with it",
    "nearest": "this one is the latest",
    "time": "this one was written at that time",
}


def reason(edge: HeldEdge, target: str) -> str:
    """Return what a rule went by, as a part of a sentence in which the target has that name."""
    evidence = edge.evidence
    if edge.rule in _ADDRESSED:
        return _address(edge.rule, evidence, target)
    if edge.rule == "re_title":
        return f"its title is the first to answer `{evidence['title']}`, which is the title of {target} alone"
    if edge.rule == "re_title_again":
        return f"its title answers `{evidence['title']}`, the title of {target}, as other titles before it do"
    if edge.rule == "title_echo":
        return f"its title stands in {target}, {_place(evidence)}, and in no other earlier comment or the article"
    if "source_start" in evidence:
        what = (
            "inside of another quotation "
            if "level" in evidence
            else {
                "quote_fuzzy": "with small changes ",
                "attribution": f"under the name of {evidence.get('name')} ",
                "quote_contested": "what others wrote too ",
                "relayed_quote": "what that quotes from elsewhere ",
                "other_holder": "what others wrote before ",
            }.get(edge.rule, "")
        )
        span = f"its {evidence['field']}, code points {evidence['start']}-{evidence['end']},"
        verb = "repeats a sentence of" if edge.rule == "repeated" else f"quotes {what}".rstrip()
        return f"{span} {verb} {target}, {_place(evidence)}"
    return _hint(edge.rule, evidence, target)


def _address(rule: str, evidence: dict[str, Any], target: str) -> str:
    cue = f"its {evidence['field']} `{evidence['cue']}` names the author of {target}"
    name = {
        "honorific": f"comment of {evidence['name']}",
        "address_anonymous": "comment that is anonymous",
    }.get(rule, evidence["name"])
    if "by" not in evidence:
        return f"{cue}, the only earlier {name}"
    earlier = "1 earlier comment" if evidence["bearers"] == 1 else f"{evidence['bearers']} earlier comments"
    return f"{cue}, {evidence['name']}, who has {earlier}; {_BY[evidence['by']]}"


def _hint(rule: str, evidence: dict[str, Any], target: str) -> str:
    if rule == "rare_terms":
        return f"both have {', '.join(evidence['words'])}, which hardly any other comment has"
    if rule == "reported":
        return f"its {evidence['field']} reports what {evidence['name']}, the author of {target}, said"
    if rule == "other_bearer":
        return f"it names {evidence['name']}, who also wrote {target}"
    return f"{target} stands right before it"


def _place(evidence: dict[str, Any]) -> str:
    return f"code points {evidence['source_start']}-{evidence['source_end']} of its {evidence['source_field']}"
