"""Comment systems that pages embed: by which elements, scripts and calls each is known, and what names its thread."""

from typing import NamedTuple


class System(NamedTuple):
    """One comment system, as a page shows that it uses it."""

    name: str
    places: str = ""
    """Tokens of elements: `#id`, `.class`, `[attribute]` or a tag, split at white space; a last `*` is any rest."""
    scripts: str = ""
    """Pattern of the address of a script or frame that brings comments; what only counts them is none."""
    calls: str = ""
    """Pattern of a call in a script of the page itself."""
    posts: str = ""
    """Tokens of elements that are one post each, where posts stand in saved pages."""
    named_by: str = ""
    """Attributes of a place or script whose value names the thread, the best first."""
    where: str = ""
    """What the first such value is put into, where it is no address by itself."""
    said_by: str = ""
    """Pattern of what names the thread in the script of the page that calls it."""
    is_sure: bool = True
    """Whether these signs prove that the system keeps the page's comments; some also bring other things."""
    is_form: bool = False
    """Whether it brings only the form for comments, while the page itself shows them."""
    is_on_page: bool = False
    """Whether it is a part of the page's own software, whose posts the page itself shows."""


SYSTEMS: tuple[System, ...] = (
    System(
        "Livefyre",
        "#livefyre* .livefyre-comments .livefyre_comments .fyre-widget .fyre-comment-stream .lf-comments",
        r"livefyre\.com/(?:wjs/v\d[\d.]*/javascripts/)?livefyre(?:_init)?\.js|fyre\.co/libs/(?:fyre\.conv|app)",
        r"\bfyre\.conv\.load\b|\bLivefyre\.require\b|\blf_config\b",
        ".fyre-comment-article",
        "data-lf-article-id data-article-id",
        "article {}",
        r"articleId[\"']?\s{0,9}:\s{0,9}[\"']?([\w-]{1,80})",
    ),
    System(
        "Viafoura",
        ".vf-comments .vf-conversations* #vf-comments* .vf-conversation-starter vf-conversations vf-comments",
        r"\bviafoura\.(?:net|co|com)/",
        named_by="vf-container-id data-vf-container-id data-path",
        where="container {}",
    ),
    System(
        "OpenWeb (Spot.IM)",
        "[data-spot-im-module-default-area] [data-spotim-module] [data-openweb-module] #spot-im-root"
        " .spot-im-frame-inpage .spot-im-comments .openweb-conversation #openweb-conversation ow-conversation",
        r"\b(?:launcher|www)\.spot\.im/|\b(?:launcher\.)?openweb\.com/(?:spot|launcher)",
        named_by="data-post-url data-post-id",
        where="post {}",
    ),
    System(
        "Hyvor Talk",
        "#hyvor-talk-view #hyvor-talk-embed hyvor-talk-comments",
        r"\btalk\.hyvor\.com/",
        r"\bHYVOR_TALK_(?:WEBSITE|CONFIG)\b",
        named_by="page-url data-page-url page-id data-page-id",
        where="page {}",
    ),
    System(
        "Facebook's comments plugin",
        ".fb-comments fb:comments amp-facebook-comments",
        r"\bfacebook\.com/(?:v\d[\d.]*/)?plugins/(?:comments|feedback)\.php",
        named_by="data-href href src",
    ),
    System(
        "Jetpack",
        "#jetpack_remote_comment",
        r"\bjetpack\.wordpress\.com/jetpack-comment",
        is_form=True,
    ),
    System(
        "Disqus",
        "#disqus_thread .disqus_thread #disqus-comments",
        r"\bdisqus\.com/(?:forums/[\w-]+/)?embed\.js|\bdisqus\.com/embed/comments",
        named_by="data-disqus-url src",
    ),
    System(
        "Coral",
        "#coral_thread #coral_talk_* #coral-thread #coralContainer #talk_stream",
        r"/embed/stream/?\?|\.coralproject\.net/",
        r"\bCoral\s?\.\s?(?:createStreamEmbed|Talk\s?\.\s?render)\b",
    ),
    System(
        "Insticator",
        "#insticator-commenting* .insticator-commenting* .Insticator-comment*"
        " [data-insticator-comments] .insticator-unit-comments",
    ),
    System("Insticator", scripts=r"\binsticator\.com/", is_sure=False),
    System(
        "Vuukle",
        "#vuukle-comments .vuukle-comments #vuukle_div #vuukle-emote-comments",
        r"\bvuukle\.com/widgets/(?:index|comments)",
        r"\bcreate_vuukle_platform\b",
    ),
    System("Vuukle", scripts=r"\bvuukle\.com/", is_sure=False),
    System("Commento", "#commento #commento-embed", r"\bcommento\.(?:io|\w+)/js/commento|/js/commento\.js"),
    System("Comentario", "comentario-comments", r"/comentario\.js"),
    System(
        "Isso", "#isso-thread [data-isso]", r"/js/embed(?:\.min)?\.js.{0,20}isso|/isso/js/", named_by="data-isso src"
    ),
    System("Remark42", "#remark42", "remark42", r"\bremark_config\b"),
    System(
        "IntenseDebate",
        "#idc-container* #IDCommentsHead* #idc-commentcount_wrap #idc-cover",
        r"\bintensedebate\.com/(?:js/(?:generic)?wordpress|js/generic|idc/)",
        r"\bidcomments_acct\b",
        said_by=r"idcomments_post_url\s{0,9}=\s{0,9}[\"'](https?:[^\"'\s]{1,200})",
    ),
    System(
        "Cusdis", "#cusdis_thread", r"\bcusdis(?:\.com)?/js/", named_by="data-page-url data-page-id", where="page {}"
    ),
    System(
        "Giscus",
        ".giscus .giscus-frame giscus-widget",
        r"\bgiscus\.app/",
        named_by="data-repo repo",
        where="https://github.com/{}/discussions",
    ),
    System(
        "Utterances",
        ".utterances .utterances-frame",
        r"\butteranc\.es/",
        named_by="repo data-repo",
        where="https://github.com/{}/issues",
    ),
    System("Gitalk", "#gitalk-container .gt-container", r"/gitalk(?:\.min)?\.js", r"\bnew Gitalk\b"),
    System("Gitment", "#gitment-container", r"/gitment(?:\.browser)?(?:\.min)?\.js", r"\bnew Gitment\b"),
    System(
        "Discourse",
        "#discourse-comments #discourse-embed-frame .wpdc-comments #wpdc-comments",
        r"/javascripts/embed\.js|/embed/comments\?topic_id=|/embed/comments\?embed_url=",
        r"\bDiscourseEmbed\s?=",
        said_by=r"discourseUrl[\"']?\s{0,9}:\s{0,9}[\"'](https?://[^\"'\s]{1,200})",
    ),
    System(
        "Echo (JS-Kit)",
        ".js-kit-comments .echo-stream-body .echo-stream-container .js-CommentsArea",
        r"\bjs-kit\.com/comments|\bechoenabled\.com/",
        r"\bEcho\.(?:StreamServer|Stream)\b",
        named_by="uniq permalink",
    ),
    System(
        "Gigya",
        ".gig-comments-container .gig-comments .gigya-comments #gigya-comments*",
        calls=r"\bshowCommentsUI\b",
        posts=".gig-comment",
        named_by="data-stream-id",
        where="stream {}",
        said_by=r"streamID[\"']?\s{0,9}:\s{0,9}[\"']([^\"'\s]{1,200})",
    ),
    System(
        "Pluck",
        ".pluck-comm* #pluck-comm* #pluck_comments* .pluck_comments* .pluck-comments-wrapper",
        r"/ver1\.0/(?:SiteLife|pluck)|sitelife\.[\w.]+/ver1\.0/",
        r"\bpluck_comments\b|\bpluckAppProxy\b",
    ),
    System("Civil Comments", "#civil-comments .civil-comments", r"\bcivilcomments\.com/", r"\bCivil\(\s?['\"]"),
    System("SolidOpinion", ".so_comments .so-comments #so_comments", r"\bsolidopinion\.com/"),
    System("Cackle", "#mc-container", r"\bcackle\.(?:me|ru)/widget", r"\bcackle_widget\b"),
    System("HyperComments", "#hypercomments_widget", r"\bhypercomments\.com/", r"\b_hcwp\b"),
    System("Muut", ".muut #muut .moot", r"\b(?:cdn\.)?m(?:uut|oot)\.(?:com|it)/", named_by="href"),
    System(
        "Talkyard",
        ".talkyard-comments .ed-comments",
        r"\btalkyard(?:-comments|\.net|\.io)",
        named_by="data-discussion-id",
    ),
    System("FastComments", "#fastcomments-widget fast-comments", r"\bfastcomments\.com/", r"\bFastCommentsUI\b"),
    System("GraphComment", "#graphcomment #gc-iframe", r"\bgraphcomment\.com/"),
    System("ReplyBox", "#replybox", r"\bgetreplybox\.com/"),
    System("Commentics", "#commentics", r"\bcommentics\b"),
    System("Just Comments", "#just-comments", r"\bjust-comments\.com/"),
    System("Waline", "#waline", r"/waline(?:\.min)?\.m?js|@waline/client"),
    System("Twikoo", "#twikoo #tcomment", r"/twikoo(?:\.\w+)*\.js", r"\btwikoo\.init\b"),
    System("Valine", "#vcomments", r"/valine(?:\.min)?\.js", r"\bnew Valine\b"),
    System("Artalk", ".artalk #artalk #Artalk", r"/artalk(?:\.min)?\.js", r"\bArtalk\.init\b"),
    System("AnyComment", "#anycomment-root #anycomment-app", r"\banycomment\.io/"),
    System("Tolstoy Comments", ".tolstoycomments-feed #tolstoycomments", r"\btolstoycomments\.com/"),
    System("VK's comments widget", "#vk_comments", r"\bvk\.com/widget_comments", r"\bVK\.Widgets\.Comments\b"),
    System(
        "Google+ comments", ".g-comments", r"\bapis\.google\.com/.{0,80}/widget/render/comments", r"\bgapi\.comments\b"
    ),
    System("Logora", "#logora_app #logora_comments", r"\blogora\.(?:fr|com)/"),
    System(
        "Cactus Comments", "#cactus-comments #comment-section.cactus", r"/cactus(?:\.\w+)?\.js", r"\binitComments\("
    ),
    System("CommentBox.io", calls=r"\bcommentBox\(\s?['\"]"),
    System(
        "bbPress",
        "#bbpress-forums .bbp-replies .bbp-topics .bbp-reply-content .bbp-topic-content",
        posts=".bbp-reply-content .bbp-topic-content",
        is_on_page=True,
    ),
    System(
        "BuddyPress",
        "#activity-stream .activity-comments .single-activity .acomment-content",
        posts=".acomment-content .activity-inner",
        is_on_page=True,
    ),
    System("wpForo", "#wpforo #wpforo-wrap", posts=".wpforo-post", is_on_page=True),
    System("Asgaros Forum", "#af-wrapper", posts=".post-element", is_on_page=True),
    System("Simple:Press", "#spMainContainer", posts=".spTopicPostSection", is_on_page=True),
    System("DW Question & Answer", ".dwqa-container .dwqa-single-question", posts=".dwqa-answer-item", is_on_page=True),
    System("AnsPress", "#anspress .anspress", posts=".ap-cell", is_on_page=True),
)
"""Those that are known; any other is known by its frame, or by a place that does not read as empty."""
