"""Made-up pages of any size in the forms of 2025, for benchmarks and tests; the same arguments give the same bytes."""

from dataclasses import dataclass, field
from functools import cache
from random import Random

_SYLLABLES = """
ba bel bri cal den dex dor el fen gan gor hal im jun lam len lor lun mar mel mor nim nor ol pel ple qua ran rel rin sel
sol tal ten tra val ver vor win zen
"""
_COMMON = """
a about after all also and any are as at be because been before but by can could did do does even every for from had has
have how if in into is it its just like made many more most much never no not now of off on one only or other our out
over same should since so some still such than that the their them then there these they this those to too under until
up was we were what when where which who why will with without would you your
"""
_ICONS = ("Alert", "Big Brother", "Black Helicopters", "Boffin", "Devil", "FAIL", "Happy", "Pint", "Stop", "WTF?")
_BADGES = ("Bronze badge", "Silver badge", "Gold badge")
_DEEPEST = 8
_EPOCH = 1767348000  # 2026-01-02 10:00 UTC, the day of the default path
_DAY = 86400


@dataclass(eq=False, slots=True)
class _Post:
    native_id: int
    parent: "_Post | None"
    title: str
    sentences: list[str]
    depth: int = 0
    html: str = ""
    replies: "list[_Post]" = field(default_factory=list)


def forum_page(
    comments: int,
    *,
    seed: int = 1,
    first_id: int = 1000001,
    path: str = "/forum/all/2026/01/02/made_up/",
    page: int | None = None,
    pages: int | None = None,
) -> bytes:
    """Return a page with that many comments of about 1.5 KB; ids count up from `first_id`.

    With `page` and `pages` it is one of the numbered pages of the topic and carries their navigation. Replies stay on
    their page. About half of the comments are replies, no deeper than eight levels.
    """
    rng = _seeded(seed)
    topic = path.strip("/").split("/", 2)[2]
    opened = _EPOCH + _DAY * ((page or 1) - 1)
    posts: list[_Post] = []
    for number in range(comments):
        posts.append(_post(rng, first_id + number, posts, opened + 60 * number))
    threads = "".join(map(_item, (post for post in posts if post.parent is None)))
    head = _head(topic, f"/forum/{page or 'all'}/{topic}/")
    shown = f'{_navigation(topic, page, pages)}<div id="forum_posts">\n<ol>\n{threads}</ol>\n</div>\n'
    return f"{head}{shown}</body>\n</html>\n".encode()


def _seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  (the point is to be repeatable)


@cache
def _vocabulary() -> list[str]:
    rng = _seeded(0)
    syllables, common = _SYLLABLES.split(), _COMMON.split()
    invented = {"".join(rng.choices(syllables, k=rng.choice((2, 2, 3)))) for _ in range(4000)}
    # Common words stand for half of a text, as they do in English.
    return sorted(invented) + common * (len(invented) // len(common))


@cache
def _names() -> list[str]:
    rng = _seeded(1)
    syllables = _SYLLABLES.split()
    return [" ".join("".join(rng.choices(syllables, k=2)).capitalize() for _ in range(2)) for _ in range(500)]


def _words(rng: Random, fewest: int, most: int) -> str:
    text = " ".join(rng.choices(_vocabulary(), k=rng.randint(fewest, most)))
    return text[0].upper() + text[1:]


def _post(rng: Random, native_id: int, earlier: list[_Post], epoch: int) -> _Post:
    parent = rng.choice(earlier[-40:]) if earlier and rng.random() < 0.55 else None
    if parent and parent.depth >= _DEEPEST:
        parent = None
    sentences = [_words(rng, 6, 18) + rng.choice("...?!") for _ in range(rng.randint(9, 15))]
    post = _Post(native_id, parent, _title(rng, parent), sentences, parent.depth + 1 if parent else 0)
    post.html = _markup(rng, post, epoch)
    if parent:
        parent.replies.append(post)
    return post


def _title(rng: Random, parent: _Post | None) -> str:
    if rng.random() < 0.3:
        return ""
    if parent and parent.title and rng.random() < 0.6:
        return "Re: " + parent.title.removeprefix("Re: ")
    return _words(rng, 2, 7)


def _markup(rng: Random, post: _Post, epoch: int) -> str:
    icon = rng.choice(_ICONS) if rng.random() < 0.3 else ""
    edited = rng.random() < 0.05
    staff = rng.random() < 0.01
    states = {"reply": post.parent, "with-image": icon, "edited": edited, "staff": staff}
    classes = " ".join(["post", *(name for name, holds in states.items() if holds)])
    return (
        f'<div class="{classes}">\n'
        f'<a class="permalink" id="c_{post.native_id}" href="/forum/containing/{post.native_id}">'
        f'<span data-epoch="{epoch}">2 days</span></a>\n'
        f"{_author(rng, staff)}\n{_icon(icon)}{_answers(post.parent)}"
        f'<div class="body">\n{_body(rng, post)}</div>\n'
        f'<div class="actions"><span>{int(rng.expovariate(0.1))}</span> <span>{int(rng.expovariate(0.5))}</span> '
        f'<a href="/post/reply/{post.native_id}">Reply</a> '
        f'<a href="/post/report/{post.native_id}">Report abuse</a></div>\n'
        "</div>\n"
    )


def _answers(parent: _Post | None) -> str:
    return f'<a class="in-reply-to" href="/forum/containing/{parent.native_id}">in reply to</a>\n' if parent else ""


def _author(rng: Random, staff: bool) -> str:
    if not staff and rng.random() < 0.12:
        return '<span class="author">Anonymous Coward</span>'
    # Few write much and many write little.
    number = int(len(_names()) * rng.random() ** 2)
    badge = f' <span class="user_icons">{rng.choice(_BADGES)}</span>' if number % 3 == 0 else ""
    suffix = " (Written by Reg staff)" if staff else ""
    return f'<a class="author" href="/user/{2000 + number}/">{_names()[number]}</a>{suffix}{badge}'


def _icon(name: str) -> str:
    file = name.lower().replace(" ", "_").rstrip("?")
    return f'<img src="/images/icons/comment/{file}_48.png" alt="{name}" width="48" height="48">\n' if name else ""


def _body(rng: Random, post: _Post) -> str:
    title = f"<h4>{post.title}</h4>\n" if post.title else ""
    blocks = _quotation(rng, post.parent) + _paragraphs(rng, post.sentences)
    return title + "\n".join(blocks) + "\n"


def _quotation(rng: Random, parent: _Post | None) -> list[str]:
    if parent is None or rng.random() > 0.5:
        return []
    words = rng.choice(parent.sentences)
    form = rng.choice(('"{}"', "“{}”", "&gt; {}", '<i>"{}"</i>', "<blockquote>{}</blockquote>"))
    quoted = form.format(words)
    return [quoted if quoted.startswith("<blockquote>") else f"<p>{quoted}</p>"]


def _paragraphs(rng: Random, sentences: list[str]) -> list[str]:
    size = rng.randint(2, 5)
    return [f"<p>{' '.join(sentences[start : start + size])}</p>" for start in range(0, len(sentences), size)]


def _item(post: _Post) -> str:
    replies = f"<ol>\n{''.join(map(_item, post.replies))}</ol>\n" if post.replies else ""
    return f"<li>\n{post.html}{replies}</li>\n"


def _head(topic: str, path: str) -> str:
    headline = topic.strip("/").rpartition("/")[2].replace("_", " ").capitalize()
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{headline} • The Register Forums</title>\n"
        f'<link rel="canonical" href="https://forums.theregister.com{path}">\n</head>\n<body>\n'
        f'<h2><a href="https://www.theregister.com/{topic}/"><span>back to article</span> {headline}</a></h2>\n'
        "<p>Nothing happened, it was confirmed today, and more of it is expected before the end of …</p>\n"
    )


def _navigation(topic: str, page: int | None, pages: int | None) -> str:
    if page is None or pages is None:
        return ""
    items = [f'<li><a href="/forum/{number}/{topic}/">{number}</a></li>' for number in range(1, pages + 1)]
    items[page - 1] = f'<li class="current">{page}</li>'
    return f'<ul class="forums-page-nav">\n{"".join(items)}\n</ul>\n'
