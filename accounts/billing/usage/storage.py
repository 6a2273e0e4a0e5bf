"""Measure what a workspace keeps in storage, by kind."""

from django.core.cache import cache

from accounts.billing.hooks import BillingHooks
from accounts.models import Workspace

CACHE_SECONDS = 300  # the sums read a row per file


def build_key(workspace: Workspace) -> str:
    return f"storage-use:{workspace.pk}"


def measure_workspace(workspace: Workspace) -> list[tuple]:
    """Return (lazy name, bytes) of each kind of all apps, largest first. The figures may be five minutes old."""
    key = build_key(workspace)
    if (found := cache.get(key)) is None:
        found = [pair for measure in BillingHooks.values_of("storage_use") for pair in measure(workspace).items()]
        cache.set(key, found, CACHE_SECONDS)
    return sorted(found, key=lambda pair: pair[1], reverse=True)
