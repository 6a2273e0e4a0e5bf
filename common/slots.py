"""Named places in templates that apps above fill, so that templates below need not know those apps.

``SiteHooks.slots`` fills a place; a template says ``{% slot "nav.jobs" %}``.
"""

from collections.abc import Callable

from common.hooks import SiteHooks


def contents(name: str) -> list[Callable]:
    """Return the renderers of that slot, lowest app first."""
    return [render for slots in SiteHooks.values_of("slots") for render in slots.get(name, ())]
