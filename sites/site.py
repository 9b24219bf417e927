"""What a site is: a description of an address space and a pure reading of its pages."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import BinaryIO, ClassVar, NamedTuple

from belowtheline.reading.items import Article, Conventions, Link, ThreadPage
from belowtheline.reading.page import Page


class Signed(NamedTuple):
    """What is really sent for a request: the address with its key, and further headers."""

    url: str
    headers: Mapping[str, str]


class Part(NamedTuple):
    """A page of its own out of a file that is larger than a page, or damaged."""

    name: str
    """What it is a part of the file by, such as the id of its thread."""
    body: bytes
    problem: str | None = None
    """What is wrong with a part that cannot be read."""


class Site(ABC):
    """One platform; the docstring of a subclass says in a sentence what it is and which markup it relies on."""

    name: ClassVar[str]
    """Short name, as `--site` takes it and the archive keeps it."""
    title: ClassVar[str]
    """Name as its readers know it."""
    hosts: ClassVar[tuple[str, ...]] = ()
    """Hosts whose addresses it claims, with those below them: what they serve belongs to the one instance ''."""
    shared_hosts: ClassVar[tuple[str, ...]] = ()
    """Hosts, with those below them, that serve threads of many publishers and whose pages say of which one."""
    example_url: ClassVar[str]
    """Address of a thread, which the site must claim unless it reads markup of any site."""
    reads: ClassVar[tuple[str, ...]]
    """What it reads, and from which sources."""
    cannot: ClassVar[tuple[str, ...]] = ()
    """What it cannot, in plain words."""
    counts: ClassVar[str]
    """What the count shown by the page counts, or that there is none."""
    end: ClassVar[str]
    """What proves that a thread was read to its end."""
    delay: ClassVar[float] = 5.0
    """Seconds between two requests to one of its hosts, unless robots.txt asks for more."""
    floors: ClassVar[dict[str, float]] = {}
    """Least share of comments with author, published_at, body_text and native_id; below it the layout has changed.

    `readable_date` is asked of comments that show a date, where some show none; `author_if_any` is not asked of those
    of which the page shows that nobody is named. Deleted comments are not counted.
    What is not stated is not looked at, but for native_id, which all must have.
    """
    conventions: ClassVar[Conventions] = Conventions()
    """What the general stages need to know of it."""
    rank: ClassVar[int] = 0
    """Which sites are asked first: 0 has hosts of its own, 1 is a platform on any host, 2 reads markup of any site."""
    is_embedded: ClassVar[bool] = False
    """Whether its threads stand inside pages of other sites, where they come before links to discussions elsewhere."""
    keys: ClassVar[tuple[str, ...]] = ()
    """Environment variables that hold its keys; a key is added as a request is sent, and is never kept."""

    @abstractmethod
    def claims(self, url: str) -> bool:
        """Return whether the address is one of this site's threads or pages."""

    @abstractmethod
    def recognises(self, page: Page) -> bool:
        """Return whether a page without a known address is of this site, by its content."""

    @abstractmethod
    def thread_id(self, url: str) -> str | None:
        """Return the thread's native id, where the address alone tells it."""

    @abstractmethod
    def start(self, url: str) -> Link:
        """Return the first request for the thread at an address; raise UnknownSite where it is no thread's.

        Where only the article's page tells the thread, it is that page, as a link of kind article.
        """

    def otherwise(self, url: str) -> Link | None:
        """Return another way to the same thread, for when this address is missing, refused or too large."""
        return None

    def find_thread(self, page: Page) -> Link | None:
        """Return the request for the thread that an article's page points at, None where it points at none."""
        return None

    def read_article(self, page: Page) -> Article | None:
        """Return the article of an article's own page as this site lays it out; None where it is not laid out so."""
        return None

    def signed(self, link: Link, keys: Mapping[str, str]) -> Signed:
        """Return address and headers to send for a request, with the keys that the environment holds."""
        return Signed(link.url, {})

    def parts(self, file: BinaryIO) -> Iterator[Part] | None:
        """Return an export as pages of its own, one for each thread; None for other files."""
        return None

    @abstractmethod
    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return what a page says, purely; raise ParseError naming what was looked for."""
