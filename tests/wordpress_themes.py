"""One thread of WordPress in the markup of many themes, invented after what themes share: where they put what."""

import re

URL = "https://kettleblog.example/2024/05/the-slow-kettle/"
HEAD = '<html><head><link rel="stylesheet" href="/wp-content/themes/made-up/style.css"></head><body>'
AVATAR = '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo">'
REPLY = (
    '<a rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond" aria-label="Reply to {name}">Reply</a>'
)
BARE_REPLY = '<a rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond">Reply</a>'
FIELD = re.compile(r"\{(\w+)\}")
NESTED = {
    "details": (
        '<li id="comment-{n}" class="{cls}"><article><div class="comment-avatar">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"></div><div '
        'class="comment-details"><span class="comment-name">{linked}</span><span class="comment-when">{date}'
        '</span><div class="comment-said">{body}</div><div class="comment-actions"><a rel="nofollow" '
        'class="comment-reply-link" href="?replytocom={n}#respond" aria-label="Reply to {name}">Reply</a>'
        "</div></div></article>{kids}</li>"
    ),
    "a paragraph for name and date": (
        '<li id="comment-{n}" class="{cls}"><p>{linked} &mdash; <span>{date}</span></p>{body}<p>'
        '<a rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond" '
        'aria-label="Reply to {name}">Reply</a></p>{kids}</li>'
    ),
    "a paragraph, no label": (
        '<li id="comment-{n}" class="{cls}"><p>{linked} &mdash; <span>{date}</span></p>{body}{kids}</li>'
    ),
    "report in the text": (
        '<li id="comment-{n}" class="{cls}"><div class="inner"><h4>{name}</h4><span class="meta">{date}'
        '</span><div class="comment-text">{body}<span class="report">Report comment</span></div>'
        '<a rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond" '
        'aria-label="Reply to {name}">Reply</a></div>{kids}</li>'
    ),
    "by and on": (
        '<li id="comment-{n}" class="{cls}"><div class="comment-author vcard">By {linked} on <a '
        'href="#comment-{n}">{date}</a></div>{body}<a rel="nofollow" class="comment-reply-link" '
        'href="?replytocom={n}#respond">Reply</a>{kids}</li>'
    ),
    "classes in no known language": (
        '<li id="comment-{n}" class="{cls}"><div class="hd"><span class="no">{n}</span> <span class="nm">'
        '{name}</span> <span class="dt">{date}</span></div><div class="tx">{body}</div><a rel="nofollow" '
        'class="comment-reply-link" href="?replytocom={n}#respond" aria-label="Reply to {name}">Reply</a>'
        "{kids}</li>"
    ),
    "text without paragraphs": (
        '<li id="comment-{n}" class="{cls}"><img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" '
        'class="avatar photo"><strong>{name}</strong> | {date}<br>{body}{kids}</li>'
    ),
    "name and date below": (
        '<li id="comment-{n}" class="{cls}"><div class="bubble">{body}</div><div class="who">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"><span>{linked}'
        '</span><em>{date}</em><a rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond" '
        'aria-label="Reply to {name}">Reply</a></div>{kids}</li>'
    ),
    "awaiting moderation": (
        '<li id="comment-{n}" class="{cls}"><div class="comment-body"><div class="comment-author vcard">'
        '<cite class="fn">{linked}</cite> <span class="says">says:</span></div><em '
        'class="comment-awaiting-moderation">Your comment is awaiting moderation.</em><br><div '
        'class="comment-meta commentmetadata"><a href="#comment-{n}">{date}</a></div>{body}<div '
        'class="reply"><a rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond" '
        'aria-label="Reply to {name}">Reply</a></div><p class="share"><a href="#">Tweet</a> <a '
        'href="#">Share</a></p></div>{kids}</li>'
    ),
    "name beside its link": (
        '<li id="comment-{n}" class="{cls}"><div><div class="ccr"><span class="nam">{linked}</span> <span '
        'class="comment-date">{date}</span>{body}<div class="rep"><a rel="nofollow" '
        'class="comment-reply-link" href="?replytocom={n}#respond">Reply</a></div></div></div>{kids}</li>'
    ),
    "buttons in the date": (
        '<li id="comment-{n}" class="{cls}"><img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" '
        'class="avatar photo"><h4>{linked}<span class="meta">{date} <span class="actions"><a '
        'class="thepermalink" href="#comment-{n}">Permalink</a> | <a rel="nofollow" '
        'class="comment-reply-link" href="?replytocom={n}#respond">Reply</a></span></span></h4>'
        '<div id="comment-content-{n}" class="commentcontent">{body}</div>{kids}</li>'
    ),
    "a table": (
        '<li id="comment-{n}" class="{cls}"><table><tr><td>'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"></td><td>'
        "<strong>{name}</strong></td><td>{date}</td></tr><tr><td colspan=3>{body}</td></tr></table>{kids}"
        "</li>"
    ),
    "an anchor with the id": (
        '<li class="{cls}"><a id="comment-{n}"></a><p class="author">{name}</p><p class="date">{date}</p>'
        "{body}{kids}</li>"
    ),
    "name twice and likes": (
        '<li id="comment-{n}" class="{cls}"><div class="comment-text"><b class="author">{name}</b> {name} '
        '<span class="count">12 likes</span> {body}</div><div class="date">{date}</div>{kids}</li>'
    ),
    "answers in the text element": (
        '<div id="comment-{n}" class="{cls}"><div class="panel-body"><b>{name}</b> <i>{date}</i>{body}{kids}'
        "</div></div>"
    ),
    "stars as characters": (
        '<li id="comment-{n}" class="{cls}"><b class="fn">{name}</b><time datetime="{iso}">then</time><div '
        'class="comment-content">{body}<span class="user-rating-stars">★★★★☆ 4 of 5</span></div>{kids}</li>'
    ),
}
SEEN = {
    "a name that nothing holds": (
        '<article id="comment-{n}" class="{cls}">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"> {linked} says: '
        '<a href="https://kettleblog.example/2024/05/the-slow-kettle/#comment-{n}">{date}</a> <a '
        'class="comment-edit-link" href="/e">(Edit)</a>{body}<a rel="nofollow" class="comment-reply-link" '
        'href="?replytocom={n}#respond" aria-label="Reply to {name}">Reply</a>{kids}</article>'
    ),
    "a name that nothing holds, no label": (
        '<article id="comment-{n}" class="{cls}">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"> {linked} says: '
        '<a href="https://kettleblog.example/2024/05/the-slow-kettle/#comment-{n}">{date}</a> <a '
        'class="comment-edit-link" href="/e">(Edit)</a>{body}<a rel="nofollow" class="comment-reply-link" '
        'href="?replytocom={n}#respond">Reply</a>{kids}</article>'
    ),
    "all in the text": (
        '<li id="comment-{n}" class="{cls}"><div class="thecomment"><div class="author-img">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"></div><div '
        'class="comment-text"><span class="reply"><a rel="nofollow" class="comment-reply-link" '
        'href="?replytocom={n}#respond">Reply</a><a class="comment-edit-link" href="#">Edit</a></span><span '
        'class="author">{linked}</span><span class="date">{date}</span>{body}</div></div>{kids}</li>'
    ),
    "by, microdata": (
        '<li id="comment-{n}" class="{cls}"><article itemprop="comment"><header class="comment-header"><p '
        'class="comment-author" itemprop="author">By <span itemprop="name">{linked}</span> on <time '
        'itemprop="commentTime" datetime="{iso}"><a href="#comment-{n}" itemprop="url">{date}</a></time> '
        '<span class="post_author_comment">Author</span></p></header><div class="comment-content" '
        'itemprop="commentText">{body}</div><a rel="nofollow" class="comment-reply-link" '
        'href="?replytocom={n}#respond">Reply</a></article>{kids}</li>'
    ),
    "says over a message": (
        '<li id="comment-{n}" class="{cls} clearfix"><div class="avatar">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"></div><div '
        'class="comment-text">{linked} says:<br><a class="comment-ancor" href="#comment-{n}">{date}</a><div '
        'class="message">{body}</div><a rel="nofollow" class="comment-reply-link" '
        'href="?replytocom={n}#respond">Reply</a></div><hr>{kids}</li>'
    ),
    "strong in the metadata": (
        '<li id="li-comment-{n}" class="{cls}"><div class="gravatar">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"><div '
        'class="gravatar_mask"></div></div><div id="comment-{n}"><div class="comment-meta commentmetadata">'
        '<strong>{linked}</strong><a class="comment-edit-link" href="#">(Edit)</a> <span>{date}</span></div>'
        '<div class="text">{body}</div><div class="reply"><a rel="nofollow" class="comment-reply-link" '
        'href="?replytocom={n}#respond">Reply</a></div></div>{kids}</li>'
    ),
    "metadata in the byline": (
        '<li id="li-comment-{n}" class="{cls}"><div class="comment-block" id="comment-{n}"><div '
        'class="comment-info"><div class="comment-author vcard">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"><div '
        'class="comment-meta commentmetadata"><cite class="fn">{linked}</cite> <a class="comment-time" '
        'href="#comment-{n}">{date}</a></div></div></div><div class="comment-text">{body}<p class="reply"><a '
        'rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond">Reply</a></p></div></div>'
        "{kids}</li>"
    ),
    "a date attribute in words": (
        '<li id="li-comment-{n}" class="{cls}"><div id="comment-{n}" class="comment media"><div '
        'class="pull-left comment-author vcard">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"></div><div '
        'class="media-body"><div class="well"><div class="comment-meta media-heading"><span '
        'class="author-name">By <strong>{name}</strong></span> - <time datetime="May 6, 2024">{date} <small '
        'class="edit-link"><a href="#">Edit</a></small></time><span class="reply pull-right"><a '
        'rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond">Reply</a></span></div><div '
        'class="comment-content comment">{body}</div></div></div></div>{kids}</li>'
    ),
    "an aside": (
        '<li id="li-comment-{n}" class="{cls}"><aside class="content_aside"><a '
        'class="box primary comment_date" href="#comment-{n}">{date}</a><span '
        'class="box primary comment_author">{name}</span></aside><div class="content_main">{body}<a '
        'rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond">Reply</a><a '
        'class="comment-edit-link" href="#">Edit</a></div>{kids}</li>'
    ),
    "said on": (
        '<li id="li-comment-{n}" class="{cls}"><article id="comment-{n}" class="comment row"><div '
        'class="comment-author-avatar span1"><img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" '
        'class="avatar photo"></div><footer class="comment-meta span7"><div class="comment-author vcard">'
        '<span class="fn">{linked}</span> <span class="says">said</span> on <a href="#comment-{n}">'
        '<time pubdate datetime="{iso}">{date}</time></a>:</div></footer><div class="comment-content span7">'
        "{body}</div></article>{kids}</li>"
    ),
    "a review": (
        '<li id="li-comment-{n}" class="review {cls}"><div id="comment-{n}" class="comment_container">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"><div '
        'class="comment-text"><div class="star-rating" role="img" aria-label="Rated 5 out of 5">'
        '<span style="width:100%">Rated <strong class="rating">5</strong> out of 5</span></div><p '
        'class="meta"><strong class="woocommerce-review__author">{name}</strong> <em '
        'class="woocommerce-review__verified verified">(verified owner)</em> <span '
        'class="woocommerce-review__dash">–</span> <time '
        'class="woocommerce-review__published-date" datetime="{iso}">{date}</time></p><div '
        'class="description">{body}</div></div></div>{kids}</li>'
    ),
    "an older review": (
        '<li id="li-comment-{n}" class="review {cls}"><div id="comment-{n}" class="comment_container"><div '
        'class="stm_review_author_name"><h4 itemprop="author">{name} <em '
        'class="verified">(verified owner)</em></h4></div>'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"><div '
        'class="comment-text"><div itemprop="reviewRating" class="star-rating" title="Rated 5 out of 5">'
        '<span style="width:100%"><strong>5</strong> out of 5</span></div><p class="meta"><time '
        'itemprop="datePublished" datetime="{iso}">{date}</time>:</p><div itemprop="description" '
        'class="description">{body}</div></div></div>{kids}</li>'
    ),
    "two dates": (
        '<li id="li-comment-{n}" class="{cls}"><div id="comment-{n}"><div class="comment-author vcard">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"> <cite '
        'class="fn">{linked}</cite> <span class="says">said on 06-05-2024</span> </div><div '
        'class="comment-meta commentmetadata"><a href="#comment-{n}">{date}</a><a '
        'class="comment-edit-link">(Edit)</a></div><div class="entry">{body}</div><div class="reply"><a '
        'rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond">Reply</a></div></div>{kids}'
        "</li>"
    ),
    "a connector in another language": (
        '<li id="li-comment-{n}" class="{cls}"><div id="div-comment-{n}" class="inner">'
        '<img alt="" src="https://secure.gravatar.com/avatar/aa11?s=60" class="avatar photo"><h4>'
        '{linked} w dniu {date} <a rel="nofollow" class="comment-reply-link" '
        'href="?replytocom={n}#respond">Reply</a></h4>{body}</div>{kids}</li>'
    ),
    "numbered comments": (
        '<li class="{cls}" id="comment-{n}"><div class="commentheader"><div class="commentcount">{n}</div>'
        '<div class="commentname">{linked}</div><div class="commentdate">{date}</div></div><div '
        'class="commentcont">{body}</div>{kids}</li>'
    ),
    "slashes": (
        '<div class="{cls}" id="comment-{n}"><p class="meta"><span class="user">{name}</span> // <span '
        'class="when">{date}</span></p><div class="comment-entry-text">{body}</div>{kids}</div>'
    ),
    "a paragraph that says": (
        '<li id="comment-{n}" class="{cls}"><p><strong>{name}</strong> says:</p>{body}<p '
        'class="small">Posted on {date}</p>{kids}</li>'
    ),
    "a line below": (
        '<li id="comment-{n}" class="{cls}">{body}<div class="comment-foot">{name} on {date} · <a '
        'href="#comment-{n}">Link</a></div>{kids}</li>'
    ),
    "a header in the content": (
        '<li id="comment-item-{n}" class="{cls}"><article id="comment-{n}" class="nv-comment-article"><div '
        'class="nv-comment-avatar">' + AVATAR + '</div><div class="comment-content"><div class="nv-comment-header">'
        '<div class="comment-author vcard"><span class="fn author">{linked}</span> <a href="#comment-{n}">'
        '<time class="entry-date published" datetime="{iso}" content="2024-05-06">{date}</time></a></div>'
        '<div class="edit-reply">' + BARE_REPLY + '</div></div><div class="nv-comment-content comment nv-content-wrap">'
        "{body}</div></div></article>{kids}</li>"
    ),
    "a name in a paragraph": (
        '<li id="comment-{n}" class="{cls}"><article><div class="meta-comment pull-left">' + AVATAR + "</div><div "
        'class="content-comment media-body"><p class="date-comment pull-right">{date} <a '
        'class="permalink-comment" href="#comment-{n}" title="Comment link"><span class="glyphicon"></span>'
        '</a></p><p>{linked}</p>{body}<div class="reply-comment pull-right">' + REPLY + "</div></div></article>{kids}"
        "</li>"
    ),
    "an author element without a name": (
        '<li id="comment-{n}" class="{cls}"><div id="div-comment-{n}" class="comment-body"><div '
        'class="comment-author">' + AVATAR + '</div><div class="comment-content"><h4 class="author-name">{linked}</h4>'
        '<span class="date-comment"><a href="#comment-{n}">{date}</a></span><div class="reply">' + BARE_REPLY + "</div>"
        "{body}</div></div>{kids}</li>"
    ),
    "everything in a heading": (
        '<li id="li-comment-{n}" class="{cls}"><div id="comment-{n}" class="comment-body clearfix"><div '
        'class="media comment_box"><a class="pull-left">' + AVATAR + '</a><div class="blog_single_post_content"><h4 '
        'class="blog_single_post_heading">{name}<small> | </small><span>{date}</span><div '
        'class="reply">' + BARE_REPLY + "</div></h4>{body}</div></div></div>{kids}</li>"
    ),
    "a name below the picture": (
        '<li id="li-comment-{n}" class="{cls}"><article id="comment-{n}" class="comment-container"><div '
        'class="comment-avatar">' + AVATAR + '<span class="name" itemprop="author"><span itemprop="name">{linked}'
        '</span></span><span class="author-badge">Author</span></div><div class="comment-body"><div '
        'class="comment-wrapper"><div class="comment-meta"><span class="date"><a href="#comment-{n}">'
        '<time datetime="{iso}">{date}</time></a></span>'
        + BARE_REPLY
        + '</div><div class="comment-content">{body}</div>'
        "</div></div></article>{kids}</li>"
    ),
    "in reply to": (
        '<li id="comment-{n}" class="{cls}"><article class="comment-body"><header '
        'class="comment-header d-flex">' + AVATAR + '<cite class="fn">{linked}</cite> <span '
        'class="comment-reply-to">in reply to <a href="#comment-101">Ada Crumb</a></span>'
        '<time datetime="{iso}">{date}</time></header><div class="comment-content">{body}</div></article>'
        "{kids}</li>"
    ),
    "a heading and a date": (
        '<li id="li-comment-{n}" class="{cls}"><div class="comment" id="comment-{n}">' + AVATAR + "<h5>{linked}</h5>"
        '<span class="date">{date}</span>{body}' + BARE_REPLY + "</div>{kids}</li>"
    ),
    "a nickname": (
        '<li id="comment-{n}" class="col-12 {cls}"><div class="item-head"><div '
        'class="item-avatar-wrap">' + AVATAR + '</div><div class="post-comment-meta-content"><div><span '
        'class="item-nickname">{linked}</span><span class="item-reply">' + BARE_REPLY + "</span></div><div "
        'class="item-date">{date}</div></div></div><div class="item-content">{body}</div>{kids}</li>'
    ),
    "dot separated": (
        '<li id="comment-{n}" class="{cls}"><div class="c-head"><strong class="c-author">{linked}</strong> · '
        '<time datetime="{iso}">{date}</time> · <a href="#comment-{n}">#</a></div><div class="c-body">{body}'
        '</div><div class="c-actions"><button>Like</button> <span class="c-like-count">3</span> '
        + BARE_REPLY
        + "</div>"
        "{kids}</li>"
    ),
    "says in German": (
        '<li id="comment-{n}" class="{cls}"><div class="c">{linked} sagt:<br><small>{date}</small>{body}<p>'
        '<a rel="nofollow" class="comment-reply-link" href="?replytocom={n}#respond">Antworten</a></p></div>'
        "{kids}</li>"
    ),
    "user link": (
        '<li id="comment-{n}" class="{cls}"><a class="user-link" href="/author/x">{name}</a><span '
        'class="time-ago" title="{iso}">3 days ago</span><div class="msg">{body}</div>{kids}</li>'
    ),
    "location": (
        '<li id="comment-{n}" class="{cls}"><div class="cm-top"><span class="cm-name">{name}</span><span '
        'class="cm-place">from Leeds</span><span class="cm-date">{date}</span></div><div class="cm-txt">'
        "{body}</div>{kids}</li>"
    ),
    "stars glyph": (
        '<li id="comment-{n}" class="{cls}"><div class="comment-author"><b>{name}</b></div><div '
        'class="comment-meta">{date}</div><div class="comment-content"><div class="rating"><i '
        'class="fa fa-star"></i>5.0</div>{body}<a href="#" class="cm-report" onclick="r()">Report abuse</a>'
        "</div>{kids}</li>"
    ),
    "says in the name": (
        '<li id="comment-{n}" class="{cls}"><cite class="fn">{linked} says:</cite> <a href="#comment-{n}">{date}</a>'
        '<div class="comment-content">{body}</div>{kids}</li>'
    ),
    "an older discussion plugin": (
        '<div id="wc-comm-{n}_0" class="{cls} wc-comment"><div class="wc-comment-left">' + AVATAR + "</div>"
        '<div id="comment-{n}" class="wc-comment-right"><div class="wc-comment-header">'
        '<div class="wc-comment-author">{linked}</div></div><div class="wc-comment-text">{body}</div>'
        '<div class="wc-comment-footer"><div class="wc-vote-result">7</div>'
        '<div class="wc-reply-button"><span>Reply</span></div><div class="wc-comment-date">{date}</div></div></div>'
        "{kids}</div>"
    ),
}
"""Forms that are seen in the sources of themes; the words are invented."""
FLAT = {
    "Kubrick": (
        '<li class="alt" id="comment-{n}"><cite>{linked}</cite> Says: <br /><small class="commentmetadata">'
        '<a href="#comment-{n}" title="">{date}</a> </small>{body}</li>{kids}'
    ),
    "a definition list a comment": ('<dl id="comment-{n}"><dt>{linked} ({date})</dt><dd>{body}</dd></dl>{kids}'),
    "written below": ('<li id="comment-{n}">{body}<p class="postedby">Posted by {linked} | {date}</p></li>{kids}'),
}
WRITTEN = (
    (101, "Ada Crumb", "https://ada.example/", 1, "6, 2024 at 9:30 am", "09:30", "<p>Mine takes two.</p><p>Hours.</p>"),
    (102, "Bert Spout", None, 2, "6, 2024 at 10:05 pm", "22:05", "<p><strong>Plugged in?</strong> Ask twice.</p>"),
    (103, "Cleo Lid", None, 1, "7, 2024 at 8:00 am", "08:00", "<p>Thanks!</p>"),
)  # fmt: skip


def page_in(template: str) -> bytes:
    """Return the thread in the markup of a theme."""
    made: list[str] = []
    for number, name, website, depth, day, time, body in reversed(WRITTEN):
        values = {
            "n": str(number),
            "name": name,
            "linked": f'<a href="{website}" rel="external nofollow ugc" class="url">{name}</a>' if website else name,
            "cls": f"comment even depth-{depth}",
            "date": f"May {day}",
            "iso": f"2024-05-0{day[0]}T{time}:00+00:00",
            "body": body,
            "kids": f'<ul class="children">{made.pop()}</ul>' if number == 101 else "",
        }
        made.append(FIELD.sub(lambda match, values=values: values[match[1]], template))  # type: ignore[misc]
    return f'{HEAD}<ol id="comments" class="commentlist">{"".join(reversed(made))}</ol></body></html>'.encode()
