"""Sites of other packages: found by the entry-point group `belowtheline.sites`, and left out by name where unfit."""

import logging
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from inspect import isabstract

from belowtheline.sites.site import Site

GROUP = "belowtheline.sites"
"""Entry points of this group name a class each: `penny = "penny_site:Penny"`."""

_LONGEST = 200
_log = logging.getLogger(__name__)


def offered_sites(own: Mapping[str, type[Site]]) -> Iterator[type[Site]]:
    """Yield the classes that installed packages offer; log in a sentence what is left out, and why.

    A name stands for one site in every archive, so that the first to have it keeps it: ours, then packages by name.
    """
    holders = {name: ("belowtheline", cls) for name, cls in own.items()}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (_package(entry), entry.name)):
        cls = _loaded(entry)
        if cls is None:
            continue
        package, held = holders.setdefault(cls.name, (_package(entry), cls))
        if held is not cls:
            _log.error(
                "The site %r of the package %s is left out, since %s has a site of that name: rename one of them, "
                "or uninstall %s.",
                cls.name, _package(entry), package, _package(entry),
            )  # fmt: skip
        elif cls.name not in own:
            yield cls


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value


def _loaded(entry: EntryPoint) -> type[Site] | None:
    """Return the class an entry point names, None where there is none that can be used."""
    try:
        found = entry.load()
    except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything; it must not take the others down
        reason = f"{type(error).__name__}: {error}"
    else:
        reason = _unfit(found)
        if not reason:
            site: type[Site] = found
            return site
    _log.error(
        "The package %s offers a site that cannot be used, %s = %s (%s): update or uninstall it; "
        "all other sites work.",
        _package(entry), entry.name, entry.value, " ".join(reason.split())[:_LONGEST],
    )  # fmt: skip
    return None


def _unfit(found: object) -> str:
    """Return why an object is no class of a site, "" where it is one."""
    if not (isinstance(found, type) and issubclass(found, Site)):
        return "it is no subclass of belowtheline.sites.site.Site"
    if isabstract(found):
        return f"it does not define {', '.join(sorted(found.__abstractmethods__))}"
    missing = [name for name in Site.__annotations__ if not hasattr(found, name)]
    return f"it does not declare {', '.join(missing)}" if missing else ""
