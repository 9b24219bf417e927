"""Which sites there are, and which of them reads an address or a page."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import isabstract
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType

from belowtheline.scraper import sites
from belowtheline.scraper.entrypoints import offered_sites
from belowtheline.scraper.errors import ReaderError, UnknownSite
from belowtheline.scraper.faults import reader_faults
from belowtheline.scraper.items import Conventions, ThreadPage
from belowtheline.scraper.page import Page
from belowtheline.scraper.repeats import without_repeats
from belowtheline.scraper.site import Site
from belowtheline.scraper.torn import without_torn_end


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
        f"No site recognises {page.name}: `btl sites` lists what can be read, and --site NAME reads it as that site."
    )


def recognises(site: Site, page: Page) -> bool:
    """Return whether a site recognises a page; raise ReaderError where its look at it fails."""
    with reader_faults(page.name):
        return site.recognises(page)


def identities_in(address: str) -> set[tuple[str, str]]:
    """Return site and thread id as read in an address, by the sites that claim it, else by all that know its form.

    Raises ValueError where it is no address.
    """
    known = all_sites().values()
    sites = [site for site in known if site.claims(address)] or list(known)
    return {(site.name, native_id) for site in sites if (native_id := site.thread_id(address))}


def read(site: Site, page: Page) -> tuple[ThreadPage, ...]:
    """Return what the site reads on a page, each comment once, with time, label and floors.

    Raises ParseError where it cannot be read.
    """
    floors = tuple({"native_id": 1.0, **site.floors}.items())
    with reader_faults(page.name):
        return tuple(
            replace(
                without_repeats(without_torn_end(page, found)),
                fetched_at=page.fetched_at,
                charset_label=page.charset_label,
                conventions=_with_floors(found.conventions, floors),
            )
            for found in site.parse(page)
        )


@cache
def _with_floors(conventions: Conventions, floors: tuple[tuple[str, float], ...]) -> Conventions:
    return replace(conventions, floors=floors)
