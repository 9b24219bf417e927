"""Pages whose comments another system keeps: they are refused with what keeps them, and never called empty."""

import pytest

from belowtheline.reading.elsewhere import embeds_of, keeper_of
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.page import Page
from belowtheline.sites.articles import lead_of
from belowtheline.sites.registry import all_sites, read, site_named, site_of_page
from tests.places import REALDATA

POST = "https://kettleblog.example/2024/05/the-slow-kettle/"
FORM = (
    '<div id="respond" class="comment-respond"><h3 id="reply-title">Leave a Reply</h3><form id="commentform">'
    '<textarea name="comment"></textarea><input type="hidden" name="comment_post_ID" value="12"></form></div>'
)

SURE = {
    "Livefyre": '<div id="livefyre-comments"></div><script>fyre.conv.load({}, [{articleId: "12"}]);</script>',
    "Viafoura": '<div class="viafoura"><vf-conversations vf-container-id="12"></vf-conversations></div>',
    "OpenWeb": '<div data-spotim-module="conversation" data-post-id="12" data-post-url="https://k.example/12"></div>',
    "Spot.IM": '<script async src="https://launcher.spot.im/spot/sp_kettle"></script>',
    "Hyvor Talk": '<hyvor-talk-comments website-id="3" page-id="12"></hyvor-talk-comments>',
    "Facebook": '<div class="fb-comments" data-href="https://k.example/12" data-numposts="5"></div>',
    "Disqus": '<div id="disqus_thread"></div><script src="https://kettles.disqus.com/embed.js"></script>',
    "Coral": '<div id="coral_thread"></div>',
    "Insticator": '<div id="insticator-commenting" class="comments"></div>',
    "Vuukle": '<div id="vuukle-comments"></div>',
    "Commento": '<div id="commento"></div><script defer src="https://cdn.commento.io/js/commento.js"></script>',
    "Isso": '<section id="isso-thread"></section>',
    "Remark42": '<div id="remark42"></div>',
    "IntenseDebate": '<script>var idcomments_acct = "k"; var idcomments_post_url = "https://k.example/12";</script>',
    "Cusdis": '<div id="cusdis_thread" data-page-id="12"></div>',
    "Giscus": '<script src="https://giscus.app/client.js" data-repo="kettle/blog" async></script>',
    "Utterances": '<script src="https://utteranc.es/client.js" repo="kettle/blog"></script>',
    "Discourse": "<div id='discourse-comments'></div>",
    "Echo": '<div class="js-kit-comments" permalink=""></div>',
    "Gigya": "<div id='c'></div><script>gigya.comments.showCommentsUI({categoryID: 'k', streamID: '12'});</script>",
    "Pluck": '<div id="pluck_comments_list"></div>',
    "Civil Comments": '<div id="civil-comments"></div>',
    "SolidOpinion": '<div class="so_comments" data-sitename="k"></div>',
    "Cackle": '<div id="mc-container"></div>',
    "HyperComments": '<div id="hypercomments_widget"></div>',
    "Muut": '<a class="muut" href="https://muut.com/i/kettles">Comments</a>',
    "Talkyard": '<div class="talkyard-comments" data-discussion-id="12"></div>',
    "bbPress": '<div id="bbpress-forums"><ul class="bbp-replies"><li class="bbp-reply-content">Tea.</li></ul></div>',
    "BuddyPress": '<ul id="activity-stream"><li><div class="acomment-content">Tea.</div></li></ul>',
}
"""What each system leaves in a page that it brings comments to."""


def made(comments: str, head: str = "") -> Page:
    """Return a post of WordPress around a place for comments."""
    style = '<link rel="stylesheet" href="/wp-content/themes/plain/style.css">'
    return Page(POST, f"<html><head>{style}{head}</head><body>{comments}</body></html>".encode(), "text/html")


@pytest.mark.parametrize("name", SURE)
@pytest.mark.parametrize("place", ['<div id="comments">{}</div>', '<div id="comments"></div>{}'], ids=["in", "beside"])
@pytest.mark.parametrize("form", ["", FORM, "<p>No comments yet.</p>", "<h2>0 Comments</h2>"])
def test_a_post_whose_comments_are_elsewhere_is_refused_with_where(name: str, place: str, form: str) -> None:
    page = made(place.format(SURE[name] + form))
    assert not site_named("wordpress").recognises(page)
    with pytest.raises(ParseError, match=name):
        read(site_named("wordpress"), page)
    with pytest.raises(UnknownSite, match=name):
        site_of_page(Page(None, page.body, page.content_type))


def test_the_address_of_an_article_says_who_keeps_its_comments() -> None:
    with pytest.raises(ParseError, match=r"leads to none; its comments are kept by Viafoura .container 12., not on"):
        lead_of(made(SURE["Viafoura"]))
    lead = lead_of(made('<div id="disqus_thread"></div><script src="https://kettles.disqus.com/embed.js"></script>'))
    assert (lead.site, lead.pages) == ("disqus", ())


def test_what_names_the_thread_is_told() -> None:
    said = {name: keeper_of(made(SURE[name])) for name in ("Livefyre", "OpenWeb", "Facebook", "Giscus", "Gigya")}
    assert {name: found.where for name, found in said.items() if found} == {
        "Livefyre": "article 12",
        "OpenWeb": "https://k.example/12",
        "Facebook": "https://k.example/12",
        "Giscus": "https://github.com/kettle/blog/discussions",
        "Gigya": "stream 12",
    }


@pytest.mark.parametrize(
    "beside",
    [
        '<script src="https://connect.facebook.net/en_US/sdk.js"></script><div class="fb-like"></div>',
        '<script src="https://kettles.disqus.com/count.js"></script>',
        "<pre>&lt;div id=&quot;disqus_thread&quot;&gt;&lt;/div&gt;</pre>",
        '<iframe src="https://video.example/embed/7"></iframe>',
        "<p>We moved from Livefyre, Coral and Hyvor Talk to our own comments.</p>",
    ],
)
def test_buttons_counters_and_words_keep_no_comments(beside: str) -> None:
    assert embeds_of(made(beside)) == ()
    (found,) = read(site_named("wordpress"), made(f'<div id="comments">{FORM}</div>{beside}'))
    assert (found.comments, found.completeness.empty_proof, found.completeness.is_whole) == ((), "container", True)


def test_a_recorded_post_with_comments_of_livefyre_is_nobodys_and_says_why() -> None:
    file = REALDATA / "livefyre" / "flavorwire.com1.html"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    page = Page(None, file.read_bytes(), "text/html")
    assert [site.name for site in all_sites().values() if site.recognises(page)] == []
    with pytest.raises(UnknownSite, match=r"kept by Livefyre .*, and 2 of them stand on this page"):
        site_of_page(page)
    with pytest.raises(ParseError, match=r"kept by Livefyre .*, and 2 of them stand on this page"):
        site_named("wordpress").parse(page)
