"""Which sites there are, and which of them reads an address or a page."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import isabstract
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType

from belowtheline import sites
from belowtheline.reading.counts import counted_by_markup, shown_part
from belowtheline.reading.elsewhere import Embed, keeper_of
from belowtheline.reading.errors import ParseError, ReaderError, UnknownSite
from belowtheline.reading.faults import reader_faults
from belowtheline.reading.hosts import host_of, is_loopback
from belowtheline.reading.items import Completeness, Conventions, EmptyProof, ThreadPage, shown
from belowtheline.reading.more_buttons import counted_by_button
from belowtheline.reading.page import Page
from belowtheline.reading.repeats import without_repeats
from belowtheline.reading.torn import without_torn_end
from belowtheline.sites.entrypoints import offered_sites
from belowtheline.sites.instances import instance_at, instance_of, is_foreign, leads_elsewhere
from belowtheline.sites.site import Site


@cache
def all_sites() -> Mapping[str, Site]:
    """Return every site by its name: those of `sites/` and those of the `belowtheline.sites` entry points."""
    modules = [import_module(f"{sites.__name__}.{module.name}") for module in iter_modules(sites.__path__)]
    classes = [cls for module in modules for cls in _site_classes(module)]
    classes += offered_sites({cls.name: cls for cls in classes})
    return MappingProxyType({cls.name: _made(cls) for cls in sorted(classes, key=lambda cls: (cls.rank, cls.name))})


@cache
def _made(cls: type[Site]) -> Site:
    return cls()


def _site_classes(module: ModuleType) -> list[type[Site]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Site)
        and not isabstract(value)
        and value.__module__.startswith(module.__name__)
    ]


def site_named(name: str) -> Site:
    """Return the site of that name; raise UnknownSite naming those there are."""
    return _own_site(name) or _any_site(name)


@cache
def _own_site(name: str) -> Site | None:
    """Return a site of `sites/` whose module bears its name, without importing the others."""
    if not name.isidentifier() or find_spec(f"{sites.__name__}.{name}") is None:
        return None
    classes = _site_classes(import_module(f"{sites.__name__}.{name}"))
    return next((_made(cls) for cls in classes if cls.name == name), None)


def _any_site(name: str) -> Site:
    try:
        return all_sites()[name]
    except KeyError:
        raise UnknownSite(f"There is no site called {name!r}: `btl sites` lists {', '.join(all_sites())}.") from None


def site_of_url(url: str) -> Site:
    """Return the site that claims an address; raise UnknownSite where none does."""
    for site in all_sites().values():
        if site.claims(url):
            return site
    raise UnknownSite(
        f"No site claims {url}: `btl sites` lists what can be read, and --site NAME reads it as that site."
    )


def site_of_page(page: Page) -> Site:
    """Return the site that claims a page's address or else recognises its content; raise UnknownSite otherwise."""
    for site in all_sites().values():
        if page.url and site.claims(page.url):
            return site
    fault: ReaderError | None = None
    for site in all_sites().values():
        try:
            if recognises(site, page):
                return site
        except ReaderError as error:  # another site may know the page all the same
            fault = fault or error
    if fault:
        raise fault
    raise UnknownSite(
        f"No site recognises {page.name}{kept_elsewhere(page)}: `btl sites` lists what can be read, and --site NAME "
        "reads it as that site."
    )


def recognises(site: Site, page: Page) -> bool:
    """Return whether a site recognises a page; raise ReaderError where its look at it fails."""
    with reader_faults(page.name):
        return site.recognises(page)


def kept_elsewhere(page: Page) -> str:
    """Return what is to be said of a page without comments, where it shows what keeps them: the end of a sentence."""
    try:
        keeper = keeper_of(page)
    except ParseError:
        return ""
    return f"; {keeper.sentence}{_way_to(page)}" if keeper is not None and keeper.is_sure else ""


def _way_to(page: Page) -> str:
    """Return where the thread that a page embeds may be asked for, as the end of a sentence."""
    links = (site.find_thread(page) for site in all_sites().values() if site.is_embedded)
    link = next((link for link in links if link is not None and link.url != page.url), None)
    return f" (read it from {link.url})" if link is not None and link.method == "GET" else ""


def identities_in(address: str) -> set[tuple[str, str | None, str | None]]:
    """Return site, instance and thread id as read in an address, by the sites that claim it, else by all that know it.

    What only the page tells is None. Raises ValueError where it is no address.
    """
    known = all_sites().values()
    sites = [site for site in known if site.claims(address)] or list(known)
    return {(site.name, instance, site.thread_id(address)) for site in sites for instance in _instances(site, address)}


def _instances(site: Site, address: str) -> set[str | None]:
    """Return the instances that a thread at an address may be of: on this machine by whether its site was named."""
    named = {instance_at(site, address, site.name)} if is_loopback(address) else set()
    return {instance_at(site, address), *named}


def read(site: Site, page: Page) -> tuple[ThreadPage, ...]:
    """Return what the site reads on a page, each comment once, with time, label and floors.

    What it reads as a thread without comments keeps no claim to an end but by proof. Raises ParseError where the page
    cannot be read, or shows that another system keeps its comments.
    """
    floors = tuple({"native_id": 1.0, **site.floors}.items())
    with reader_faults(page.name):
        return tuple(_completed(site, page, found, floors) for found in site.parse(page))


def _completed(site: Site, page: Page, found: ThreadPage, floors: tuple[tuple[str, float], ...]) -> ThreadPage:
    found = _placed(site, page, without_repeats(without_torn_end(page, found)))
    return replace(
        found,
        fetched_at=page.fetched_at,
        charset_label=page.charset_label,
        conventions=_with_floors(found.conventions, floors),
        completeness=_of_some(page, found) if found.comments or found.stubs else _of_empty(site, page, found),
    )


def _placed(site: Site, page: Page, found: ThreadPage) -> ThreadPage:
    """Return what was read as of the instance that its host stands for, without links to pages of other hosts.

    What such a link leads to belongs to the thread by the page's word alone.
    """
    instance = instance_of(site, page, found.thread.instance)
    thread = found.thread if found.thread.instance == instance else replace(found.thread, instance=instance)
    foreign = tuple(link for link in found.links if leads_elsewhere(site, page, link))
    links = tuple(link for link in found.links if link not in foreign) if foreign else found.links
    is_unaddressed = not host_of(page.url)
    return replace(
        found,
        thread=thread,
        links=links,
        foreign_links=foreign,
        is_unaddressed=is_unaddressed,
        is_foreign=not is_unaddressed and is_foreign(site, instance),
    )


def _of_some(page: Page, found: ThreadPage) -> Completeness:
    """Return what a page with comments says of itself, with how many it says that it shows a part of."""
    said = found.completeness
    held = len(found.comments) + said.left_out
    whole = _said_of_all(page, found, held) if found.form == "html" else None
    is_whole = said.is_whole and whole is None and not _counts_more(page, found, held)
    if whole is None and said.empty_proof is None and is_whole == said.is_whole:
        return said
    return replace(said, empty_proof=None, part_of=whole, is_whole=is_whole)


def _counts_more(page: Page, found: ThreadPage, held: int) -> bool:
    """Return whether a page's own data counts more comments than it shows, where its reader knows no count of it."""
    is_counted = shown(found.thread.declared_count) is not None or found.form != "html"
    return not is_counted and (counted_by_markup(page.text) or 0) > held


def _said_of_all(page: Page, found: ThreadPage, held: int) -> int | None:
    """Return of how many comments a page says that it shows a part, where they are more than those it shows."""
    part = shown_part(page.text, [html for comment in found.comments if (html := shown(comment.body_html))])
    if part is not None and part[1].least > held:
        return part[1].least
    if found.links or found.stubs or (shown(found.thread.declared_count) or held + 1) <= held:
        return None
    count = counted_by_button(page.root, held)
    return count if count is not None and count > held else None


def _of_empty(site: Site, page: Page, found: ThreadPage) -> Completeness:
    """Return what a page without comments says of itself, as far as that is proved."""
    said = found.completeness
    if said.empty_proof == "export":
        return said
    keeper = keeper_of(page, site.name, site.title) if found.form == "html" else None
    if keeper is not None and keeper.is_sure and not found.links:
        raise ParseError(
            f"{page.name} shows no comments of {site.title}, and {keeper.sentence}{_way_to(page)}: read them from "
            "there, where `btl sites` lists a reader."
        )
    proof = "states zero" if found.thread.declared_count == 0 else said.empty_proof
    doubt = _doubt(page, keeper, proof) if found.form == "html" else None
    if proof and doubt is None and found.form != "copied text" and not said.is_cut:
        return replace(said, empty_proof=proof)
    only = said.page_count if (said.page_count or 0) > 1 else None
    return replace(said, is_whole=False, is_enumerated=False, page_count=only, empty_proof=None, elsewhere=doubt)


def _doubt(page: Page, keeper: Embed | None, proof: EmptyProof | None) -> str | None:
    """Return what speaks against a page's claim to be empty, as the end of a sentence; None where nothing does."""
    is_in_words = proof in ("states zero", "wording")
    # A form that another system brings leaves the comments with the page, whose own words then count.
    if keeper is not None and not (keeper.is_form and is_in_words):
        return keeper.sentence
    counted = None if is_in_words else counted_by_markup(page.text)
    return f"the page's own data counts {counted:,} comments, and it shows none" if counted else None


@cache
def _with_floors(conventions: Conventions, floors: tuple[tuple[str, float], ...]) -> Conventions:
    return replace(conventions, floors=floors)
