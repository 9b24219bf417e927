"""Invented pages of the platforms that show comments as HTML, with the elements that theirs have around them."""

import json
from collections.abc import Sequence

from bench.made import Remark, nested, tops


def _page(head: str, body: str, attributes: str = "") -> bytes:
    return f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body{attributes}>\n{body}\n</body></html>\n".encode()


def theregister(thread: Sequence[Remark]) -> bytes:
    """Return a topic in the form of 2025."""
    items = "".join(nested(top, _register_item) for top in tops(thread))
    back = '<h2><a href="https://www.theregister.com/2024/05/06/kettles/"><span>back to article</span> Kettles</a></h2>'
    return _page(
        '<meta charset="utf-8"><title>Kettles • The Register Forums</title>',
        f'{back}<p>They pour …</p><div id="forum_posts"><ol>{items}</ol></div>',
    )


def _register_item(remark: Remark, replies: str) -> str:
    number, above = remark.number, remark.above
    answer = (
        f'<a class="in-reply-to" href="/forum/containing/{above.number}">in reply to</a>' if above is not None else ""
    )
    return f"""<li>
<div class="post">
<a class="permalink" id="c_{number}" href="/forum/containing/{number}"><span data-epoch="{remark.at.timestamp():.0f}">\
2 days</span></a>
<a class="author" href="/user/{number % 97}/">{remark.name}</a>
{answer}<div class="body">
<h4>Kettles</h4>
{remark.html}</div>
<div class="actions"><span>3</span> <span>1</span> <a href="/post/reply/{number}">Reply</a> \
<a href="/post/report/{number}">Report abuse</a></div>
</div>
{f"<ol>{replies}</ol>" if replies else ""}</li>
"""


def wordpress(thread: Sequence[Remark]) -> bytes:
    """Return a post with its comments in the core's HTML5 form."""
    base = "https://kettleblog.example/2024/05/the-slow-kettle/"
    items = "".join(nested(top, _wordpress_item) for top in tops(thread))
    return _page(
        '<meta charset="utf-8"><title>The slow kettle | Kettle Blog</title>'
        '<link rel="stylesheet" href="https://kettleblog.example/wp-content/themes/plain/style.css">'
        f'<link rel="canonical" href="{base}"><meta property="og:title" content="The slow kettle">',
        '<article class="post-12 post" id="post-12"><h1 class="entry-title">The slow kettle</h1></article>'
        f'<div id="comments" class="comments-area"><h2 class="comments-title">{len(thread)} thoughts</h2>'
        f'<ol class="comment-list">{items}</ol></div>',
        ' class="post-template-default single single-post postid-12"',
    )


def _wordpress_item(remark: Remark, replies: str) -> str:
    number, base = remark.number, "https://kettleblog.example/2024/05/the-slow-kettle/"
    classes = f"comment {'odd' if number % 2 else 'even'} depth-{remark.depth + 1}{' parent' if replies else ''}"
    return f"""<li id="comment-{number}" class="{classes}">
<article id="div-comment-{number}" class="comment-body">
<footer class="comment-meta">
<div class="comment-author vcard"><img alt='' src='https://secure.gravatar.com/avatar/a{number}?s=32' \
class='avatar avatar-32 photo' height='32' width='32' /><b class="fn"><a href='https://a{number}.example/' \
rel='external nofollow' class='url'>{remark.name}</a></b> <span class="says">says:</span></div>
<div class="comment-metadata"><a href="{base}#comment-{number}"><time datetime="{remark.at.isoformat()}">\
6 May 2024 at 9:30</time></a></div>
</footer>
<div class="comment-content">
{remark.html}
</div>
<div class="reply"><a rel='nofollow' class='comment-reply-link' href='?replytocom={number}#respond' \
data-commentid="{number}" data-postid="12" aria-label='Reply to {remark.name}'>Reply</a></div>
</article>
{f'<ol class="children">{replies}</ol>' if replies else ""}</li><!-- #comment-## -->
"""


_ARTICLE = "https://kettles.example/2024/limescale/"
_ARTICLE_HEAD = f'<meta charset="utf-8"><title>Limescale</title><link rel="canonical" href="{_ARTICLE}">'


def microdata(thread: Sequence[Remark]) -> bytes:
    """Return an article whose comments are items of schema.org in lists."""
    items = "".join(nested(top, _microdata_item) for top in tops(thread))
    return _page(_ARTICLE_HEAD, f'<h1>Limescale</h1><ol class="remarks">{items}</ol>')


def _microdata_item(remark: Remark, replies: str) -> str:
    return f"""<li id="remark-{remark.number}"><article id="div-remark-{remark.number}" \
itemtype="https://schema.org/Comment" itemscope="">
<div class="byline" itemprop="author" itemtype="https://schema.org/Person" itemscope=""><cite itemprop="name">\
<a href="https://a{remark.number}.example/">{remark.name}</a></cite></div>
<a href="{_ARTICLE}#remark-{remark.number}"><time datetime="{remark.iso}" itemprop="datePublished">May 6</time></a>
<div class="text" itemprop="text">{remark.html}</div>
<p class="tools"><a href="?answer={remark.number}">Reply</a></p></article>
{f"<ul>{replies}</ul>" if replies else ""}</li>
"""


def microformats(thread: Sequence[Remark]) -> bytes:
    """Return an article whose comments are h-entries, nested in each other."""
    items = "".join(nested(top, _microformats_item) for top in tops(thread))
    article = f'<h1 class="p-name">Limescale</h1><a class="u-url" href="{_ARTICLE}">#</a><div class="e-content">x</div>'
    return _page(_ARTICLE_HEAD, f'<main class="h-entry">{article}<section>{items}</section></main>')


def _microformats_item(remark: Remark, replies: str) -> str:
    return f"""<div class="u-comment h-cite" id="r{remark.number}">
<div class="p-author h-card"><img class="u-photo" src="/a{remark.number}.png" alt=""> \
<a class="u-url p-name" href="https://a{remark.number}.example/">{remark.name}</a></div>
<a class="u-url" href="{_ARTICLE}#r{remark.number}"><time class="dt-published" datetime="{remark.iso}">6 May</time></a>
<div class="e-content">{remark.html}</div>
{replies}</div>
"""


def jsonld(thread: Sequence[Remark]) -> bytes:
    """Return an article whose comments stand in a script, nested in each other."""
    article = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": "Limescale", "url": _ARTICLE,
        "commentCount": len(thread), "comment": [_jsonld_comment(top) for top in tops(thread)],
    }  # fmt: skip
    text = json.dumps(article).replace("</", "<\\/")
    return _page(f'{_ARTICLE_HEAD}<script type="application/ld+json">{text}</script>', "<h1>Limescale</h1>")


def _jsonld_comment(remark: Remark) -> dict[str, object]:
    author = {"@type": "Person", "name": remark.name, "url": f"https://a{remark.number}.example/"}
    said = {"@type": "Comment", "@id": f"#r{remark.number}", "text": remark.html, "datePublished": remark.iso}
    return {**said, "author": author, "upvoteCount": 3, "comment": [_jsonld_comment(each) for each in remark.replies]}


def derstandard(thread: Sequence[Remark]) -> bytes:
    """Return an article of 2011 with its postings, which stand in a row and are indented."""
    items = "".join(map(_derstandard_item, thread))
    return _page(
        '<meta charset="utf-8"><title>Teekessel - derStandard.at</title>'
        "<script>PageProperties = { objectID: 1300000000001, }</script>",
        '<div id="artikelHeader"><h1>Teekessel</h1><h6><span class="date">1. März 2011 19:16</span></h6></div>'
        '<div id="communityCanvas" class="communityCanvas"><script>var ratingData = {};</script>'
        f'<div class="pBar barTop"><div class="info">Posting 1 bis {len(thread)} von {len(thread)}</div></div>'
        f'{items}<a id="forumend" name="forumend"></a></div>',
    )


def _derstandard_item(remark: Remark) -> str:
    number = remark.number
    return f"""<div class="up" style="padding-left: {7 * (remark.depth + 1)}px"><div class="posting08 ch_wirtschaft">\
<div class="thread" style="width: 508px" id="t{number}"><div><div class="l"><a class="offset" name="pid{number}"></a>\
<div class="uname" style="max-width:284px ">{remark.name}</div><div class="utools"><a rel="nofollow" class="follow" \
title="Follower">3</a><a class="onclick" onclick="MailTo('x','y')"><img src="/img/mail.gif" title="Mail" alt=""></a>\
</div></div><div class="r a"></div></div><div class="row2"><div class="l">{remark.at:%d.%m.%Y %H:%M}</div>\
<div class="r rating"></div></div></div><div class="txt" style="width: 512px">\
<strong>Kessel</strong>{remark.html}</div></div></div>
"""


def disqus(thread: Sequence[Remark]) -> bytes:
    """Return a list for search engines, as blogs wrote it in 2010: it has neither dates nor parents."""
    items = "".join(map(_disqus_item, thread))
    script = "<script>var disqus_url = 'https://kettle.example/care'; var disqus_shortname = 'kettles';</script>"
    body = (
        f'<h1>Kettles</h1><div id="disqus_thread"><div id="dsq-content"><ul id="dsq-comments">{items}</ul></div></div>'
    )
    return _page('<meta charset="utf-8"><title>Kettles</title>', body + script)


def _disqus_item(remark: Remark) -> str:
    number = remark.number
    return f"""<li id="dsq-comment-{number}">
<div id="dsq-comment-header-{number}" class="dsq-comment-header"><cite id="dsq-cite-{number}">http://a.example/ \
<span id="dsq-author-user-{number}">{remark.name}</span></cite></div>
<div id="dsq-comment-body-{number}" class="dsq-comment-body">\
<div id="dsq-comment-message-{number}" class="dsq-comment-message">{remark.html}</div></div>
</li>
"""


def guardian(thread: Sequence[Remark]) -> bytes:
    """Return a discussion in the form of 2016, which names what each response answers."""
    items = "".join(map(_guardian_item, thread))
    headline = '<h1 class="content__headline"><a href="https://www.theguardian.com/food/2016/may/01/k">Kettles</a></h1>'
    body = f'{headline}<div class="d-discussion"><ul class="d-thread d-thread--comments">{items}</ul></div>'
    return _page('<meta charset="utf-8"><title>Comments | The Guardian</title>', body)


def _guardian_item(remark: Remark) -> str:
    number, user = remark.number, remark.number % 97
    above = remark.above
    answer = "" if above is None else (
        f'<span class="d-comment__reply-to"><a href="#comment-{above.number}" class="js-discussion-author-link">'
        f'<span class="d-comment__reply-to-author">{above.name}</span></a></span>'
    )  # fmt: skip
    return f"""<li class="d-comment d-comment--{"response" if answer else "top-level"}" id="comment-{number}" \
data-comment-id="{number}" data-comment-author="{remark.name}" data-comment-author-id="{user}" \
data-comment-timestamp="{remark.iso}" itemscope itemtype="http://schema.org/Comment">
<div class="d-comment__inner"><div class="d-comment__meta"><img src="//avatar.guim.co.uk/user/{user}" alt="" \
class="d-comment__avatar">
<span class="d-comment__author" title="{remark.name}" itemprop="author"><a itemprop="url" \
href="https://profile.theguardian.com/user/id/{user}"><span itemprop="givenName">{remark.name}</span></a></span>{answer}
<div class="d-comment__timestamp"><a href="#comment-{number}"><time class="js-timestamp" datetime="{remark.iso}">\
6 May</time></a></div></div>
<div class="d-comment__content"><div class="d-comment__recommend" data-comment-id="{number}" \
data-recommend-count="3"><span class="d-comment__recommend-count--old">3</span></div>
<div class="d-comment__main"><div class="d-comment__body" itemprop="text">{remark.html}</div>\
<div class="d-comment__actions"><a href="#">Report</a> <a href="#">Share</a></div></div></div></div></li>
"""


def hackernews(thread: Sequence[Remark]) -> bytes:
    """Return a story with its comments in rows, indented."""
    rows = "".join(map(_hackernews_row, thread))
    story = (
        '<table class="fatitem" border="0"><tr class="athing submission" id="101"><td class="title">'
        '<span class="titleline"><a href="https://kettles.example/">Kettles</a></span></td></tr><tr>'
        '<td class="subtext"><span class="subline"><span class="score" id="score_101">7 points</span> by '
        '<a href="user?id=ada" class="hnuser">ada</a> <span class="age" title="2024-05-06T07:00:00 1714978800">'
        f'<a href="item?id=101">1 day ago</a></span> | <a href="item?id=101">{len(thread)}&nbsp;comments</a></span>'
        "</td></tr></table><br>"
    )
    return _page(
        "<title>Kettles | Hacker News</title>",
        f'<center><table id="hnmain"><tr id="bigbox"><td>{story}<table border="0" class="comment-tree">{rows}</table>'
        "</td></tr></table></center>",
    )


def _hackernews_row(remark: Remark) -> str:
    number, user = remark.number, remark.name.replace(" ", "_")
    parent = f' | <a href="#{remark.above.number}" class="clicky">parent</a>' if remark.above is not None else ""
    return f"""<tr class="athing comtr" id="{number}"><td><table border="0"><tr><td class="ind" \
indent="{remark.depth}"><img src="s.gif" height="1" width="{40 * remark.depth}"></td>\
<td valign="top" class="votelinks"><center>\
<a id='up_{number}' href='vote?id={number}&amp;how=up'><div class='votearrow' title='upvote'></div></a></center></td>\
<td class="default"><div style="margin-top:2px; margin-bottom:-10px;"><span class="comhead"><a href="user?id={user}" \
class="hnuser">{user}</a> <span class="age" title="{remark.iso[:-1]} {remark.at.timestamp():.0f}">\
<a href="item?id={number}">2 hours ago</a></span> <span id="unv_{number}"></span><span class="navs">{parent} \
<a class="togg clicky" id="{number}" n="2" href="javascript:void(0)">[–]</a><span class="onstory"></span></span></span>\
</div><br>
<div class="comment"><div class="commtext c00">{remark.html}</div><div class="reply"><p><font size="1"><u>\
<a href="reply?id={number}" rel="nofollow">reply</a></u></font></div></div></td></tr></table></td></tr>
"""


def lobsters(thread: Sequence[Remark]) -> bytes:
    """Return a story with its comments in the form of 2026."""
    items = "".join(nested(top, _lobsters_item) for top in tops(thread))
    story = (
        '<ol class="stories"><li id="story_kettl3" data-shortid="kettl3" class="story"><div class="story_liner">'
        '<div class="voters"><a class="upvoter" href="/login">20</a></div><div class="details"><span class="link">'
        '<a href="https://kettle.example/rust" class="u-url">Kettles</a></span><div class="byline">'
        '<a href="/~ann">ann</a> <time datetime="2024-05-06 02:00:00" data-at-unix="1714978800">1 day ago</time></div>'
        "</div></div></li></ol>"
    )
    return _page(
        '<meta charset="utf-8"><title>Kettles | Lobsters</title>'
        '<link href="https://lobste.rs/s/kettl3/kettles" rev="canonical" rel="self alternate shortlink">',
        f'<div id="inside">{story}<ol class="comments comments1"><li class="comments_subtree" id="comments-kettl3">'
        f'<ol class="comments" id="story_comments">{items}</ol></li></ol></div>',
    )


def _lobsters_item(remark: Remark, replies: str) -> str:
    key, user = f"c{remark.number}", remark.name.replace(" ", "_")
    return f"""<li class="comments_subtree">\
<input id="comment_folder_{key}" class="comment_folder_button" \
type="checkbox">
<div id="c_{key}" data-shortid="{key}" class="comment ">
<div class="voters"><label for="comment_folder_{key}" class="comment_folder"></label>\
<a class="upvoter" title="3" href="/login">3</a></div>
<div class="details"><div class="byline"><a name="c_{key}"></a>
<span class=""><a tabindex="-1" aria-hidden="true" href="/~{user}"><img class="avatar" alt="" \
src="/avatars/a-16.png"></a>
<a href="/~{user}">{user}</a>
  <a href="/c/{key}"><time datetime="{remark.at:%Y-%m-%d %H:%M:%S}" data-at-unix="{remark.at.timestamp():.0f}">1 day\
 ago</time></a></span>
<span class="flagger flagger_stub"></span><span class="reason"></span></div>
<div role="heading" aria-level="3" class="comment_text">{remark.html}</div></div></div>
<ol class="comments">{replies}</ol></li>
"""


def lwn(thread: Sequence[Remark]) -> bytes:
    """Return an article with its comments, of which those below another stand in a box."""
    items = "".join(nested(top, _lwn_item) for top in tops(thread))
    return _page(
        "<title>Kettles [LWN.net]</title>",
        '<div class="PageHeadline"><h1>Kettles</h1></div><div class="ArticleText"><div class="GAByline"><p>March 14,'
        ' 2025</p></div>Kettles.<hr>(<a href="/login?target=/Articles/500/">Log in</a> to post comments)</div>'
        f'<p><a name="Comments"></a>{items}',
    )


def _lwn_item(remark: Remark, replies: str) -> str:
    number = remark.number
    return f"""
<a name="CommAnchor{number}"></a>
<div class="CommentBox">
  <p class="CommentTitle">Kettles</p>
  <div class="CommentBody">
    <p class="CommentPoster">Posted {remark.at:%b %d, %Y %H:%M} UTC (Mon) by <b>{remark.name}</b> (guest, #{number})
       [<a href="/Articles/{number}/">Link</a>]
    </p>
    {remark.html}
  </div>
  <p>
  <div class="CommentReplyButton">
    <form action="/Articles/{number}/comment" method="post">
      <input type="submit" value="Reply to this comment">
    </form>
  </div>
</div>
{f'<div class="Comment">{replies}</div>' if replies else ""}
"""


def slashdot(thread: Sequence[Remark]) -> bytes:
    """Return a story with its whole discussion."""
    address = "//news.slashdot.org/story/24/05/06/1234567/kettles"
    items = "".join(nested(top, _slashdot_item) for top in tops(thread))
    return _page(
        f'<title>Kettles - Slashdot</title><link rel="canonical" href="https:{address}">',
        f'<article><h2 class="story"><span class="story-title"> <a href="{address}">Kettles</a></span></h2>'
        '<div class="body"><div id="text-1" class="p">They whistle.</div></div></article>'
        '<div id="comments"><div class="commentwrap" id="commentwrap"><a href="//news.slashdot.org/search.pl?sid=900">'
        f'Search <span class="totalcommentcnt">{len(thread)}</span> Comments</a>'
        "<script>D2.discussion_id(900);D2.more_comments_num(0);</script>"
        f'<ul id="commentlisting" class="d2">{items}</ul></div></div>',
    )


def _slashdot_item(remark: Remark, replies: str) -> str:
    number, link = remark.number, f"//news.slashdot.org/comments.pl?sid=900&amp;cid={remark.number}"
    user = remark.name.replace(" ", "_")
    return f"""<li id="tree_{number}" class="comment full contain"><span class="ind"></span>
<div id="comment_status_{number}" class="commentstatus"></div>
<div id="comment_{number}" class="cw">
<div id="comment_top_{number}" class="commentTop newcomment">
<div class="title"><h4><a id="comment_link_{number}" name="comment_link_{number}" href="{link}">Kettles</a>
<span id="comment_score_{number}" class="score"> (<a href="#"><span class=opt>Score:</span>3</a>, Funny)</span></h4>\
</div>
<div class="details"><span class="by"><span class="byby">by </span><a href="//slashdot.org/~{user}">{user}</a> \
<span class="uid"><a href="//slashdot.org/~{user}">( {number} )</a></span></span><span class="writes"> writes:</span>
<span class="otherdetails" id="comment_otherdetails_{number}">
 on {remark.at:%A %B %d, %Y @%I:%M%p} (<span class="ind"></span><a href="{link}">#{number}</a>)
<small></small></span></div>
</div>
<div class="commentBody"><div id="comment_body_{number}">{remark.html}</div></div>
<div class="commentSub" id="comment_sub_{number}"><a class="btn link" href="#">Reply to This</a></div>
</div>
<div id="replyto_{number}"></div>
<ul id="group_{number}"><li id="hiddens_{number}" class="hide"></li></ul>
<ul id="commtree_{number}">{replies}</ul></li>
"""
