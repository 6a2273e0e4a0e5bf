"""Apply administrators' overrides (``ProviderOverride``) to the traits that adapters declare.

All rows are read in one query and cached for a few seconds, so that thousands of polls add no queries.
"""

import time
from dataclasses import replace
from threading import Lock

from generation.providers.models import ProviderOverride
from generation.providers.traits import Billing, ProviderTraits

CACHE_SECONDS = 5.0  # every process sees a change within this time
SAME_NAMES = ("is_busy_refusal", "concurrency", "per_minute")  # fields that ProviderTraits names alike
_reading = Lock()
_cache: dict[str, tuple[float, dict[str, dict]]] = {}


def override_traits(slug: str, declared: ProviderTraits) -> ProviderTraits:
    changes = _changes_of(slug)
    return replace(declared, **changes) if changes else declared


def apply_row(declared: ProviderTraits, row: ProviderOverride | None) -> ProviderTraits:
    """Return the declared traits with the overrides of one row, which may not be in the cache yet."""
    return replace(declared, **_changes(row)) if row else declared


def clear_cache() -> None:
    """Clear this process's cache after a change."""
    _cache.clear()


def _changes_of(slug: str) -> dict:
    """Return the overridden values of a provider. One thread reads the rows; others wait for its result."""
    cached = _cache.get("all")
    if cached is None or time.monotonic() - cached[0] > CACHE_SECONDS:
        with _reading:
            newest = _cache.get("all")
            if newest is None or newest is cached:  # otherwise another thread has read the rows meanwhile
                rows = ProviderOverride.objects.all()
                newest = _cache["all"] = (time.monotonic(), {row.provider: _changes(row) for row in rows})
            cached = newest
    return cached[1].get(slug, {})


def _changes(row: ProviderOverride) -> dict:
    """Return the overridden values by their names in ProviderTraits."""
    changes = {name: getattr(row, name) for name in SAME_NAMES if getattr(row, name) is not None}
    if row.is_busy_refusal is False:
        changes["is_busy_unclear"] = True
    if row.billing:
        changes["billing"] = Billing(row.billing)
    if row.deadline_minutes is not None:
        changes["deadline"] = row.deadline_minutes * 60.0
    return changes
