"""Named places in templates that apps above fill, so that templates below need not know those apps.

An app's ``ready()`` calls ``fill("nav.jobs", render)``; a template says ``{% slot "nav.jobs" %}``.
"""

from collections import defaultdict
from collections.abc import Callable

_slots: dict[str, list[Callable]] = defaultdict(list)


def fill(name: str, render: Callable) -> None:
    """``render(context)`` gives safe HTML, or an empty string for nothing."""
    if render not in _slots[name]:
        _slots[name].append(render)


def contents(name: str) -> list[Callable]:
    return list(_slots[name])
