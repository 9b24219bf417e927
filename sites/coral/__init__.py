"""Coral: what the platform is; addresses, requests, embeds, answers and their comments are modules of their own."""

from collections.abc import Mapping

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.coral import addresses, answers, embeds, queries, refusals, stories
from belowtheline.sites.site import Signed, Site


class Coral(Site):
    """Comments of Coral, by Vox Media, and of Talk, as it was called up to version 4, on any host, from GraphQL.

    Relies in Coral (since 2019, from its published schema) on `story.comments` and `comment.replies` with `edges`,
    `node` and `pageInfo`, and in a comment on `id`, `createdAt`, `body` and `replyCount`; in Talk (recorded in 2022)
    on `asset.comments`, `nodes`, `hasNextPage`, `created_at` and `user`. In articles it relies on the call of
    `Coral.createStreamEmbed` or `Coral.Talk.render`, or on the embedded script with the place for it.
    """

    name = stories.NAME
    title = "Coral"
    example_url = "https://coral.example.org/embed/stream?storyID=kettle-1"
    reads = (
        "stories at HOST/embed/stream?storyID=ID&storyURL=URL, by requests to HOST/api/graphql: fifty comments with "
        "three levels of replies, then what is left out of them",
        "Talk at HOST/embed/stream?asset_id=ID&asset_url=URL, by requests to HOST/api/v1/graph/ql",
        "articles whose page embeds a stream and names its host",
        "saved answers (.json) to these requests or to those of Coral's own pages",
    )
    cannot = (
        "hosts that answer the requests of their own pages only, unless CORAL_HOST and CORAL_TOKEN hold such a host "
        "and an administrator's token for it: save the answers in a browser and take them in with `btl ingest`",
        "texts of removed comments, replies below them, and ids of replies that are only counted",
        "articles whose scripts make up the story's address as the page is opened",
        "lists of an account's comments, and answers with nothing but featured comments",
    )
    counts = (
        "published comments, which those below removed ones are as well, though nobody is handed them; the replies of "
        "a comment, of which Talk counts removed ones too"
    )
    end = "the answer with a story's count, once all that it and the answers after it leave out was read"
    delay = 5.0
    floors = {"author": 0.9, "published_at": 0.98, "body_text": 0.85}  # deleted ones have neither author nor text
    rank = 1
    is_embedded = True
    keys = ("CORAL_HOST", "CORAL_TOKEN")

    def claims(self, url: str) -> bool:
        """Return whether an address is one that only Coral has: a frame that names its story, or the API of Talk."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page is an answer with comments as Coral names their parts."""
        if page.looks_like_html or '"data"' not in page.text or "hasNextPage" not in page.text:
            return False
        try:
            return answers.is_answer(page.json)
        except ParseError:
            return False

    def thread_id(self, url: str) -> str | None:
        """Return the story's id, where the frame's address has it."""
        story = addresses.story_of(url)
        return story.native_id if story else None

    def start(self, url: str) -> Link:
        """Return the request for the story that a frame's address names, or an article's page, which embeds one."""
        story = addresses.story_of(url)
        if story is not None:
            return queries.story_link(*story)
        if addresses.is_frame_or_api(url):
            raise UnknownSite(
                f"{url} does not say which story: give an address like {self.example_url}, or the article's own."
            )
        return Link(url=url, kind="article")

    def find_thread(self, page: Page) -> Link | None:
        """Return the request for the story whose stream an article's page embeds."""
        story = embeds.find_story(page) if page.looks_like_html else None
        return queries.story_link(*story) if story else None

    def signed(self, link: Link, keys: Mapping[str, str]) -> Signed:
        """Return the request with its content type and, over https to the one host it is for, with the token."""
        headers = {"Content-Type": "application/json"} if link.method == "POST" else {}
        host, token = keys.get("CORAL_HOST"), keys.get("CORAL_TOKEN")
        if host and token and addresses.is_at(link.url, host):
            headers["Authorization"] = f"Bearer {token}"
        return Signed(link.url, headers)

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the one thread of an answer."""
        refusals.check(page)
        return (answers.parse_answer(page, page.json),)
