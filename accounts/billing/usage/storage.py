"""Measure what a workspace keeps in storage, by kind."""

from accounts.billing.hooks import BillingHooks
from accounts.models import Workspace
from common.cache import remember

CACHE_SECONDS = 300  # the sums read a row per file


def build_key(workspace: Workspace) -> str:
    return f"storage-use:{workspace.pk}"


def measure_workspace(workspace: Workspace) -> list[tuple]:
    """Return (lazy name, bytes) of each kind of all apps, largest first. The figures may be five minutes old."""

    def measure_all() -> list[tuple]:
        return [pair for measure in BillingHooks.values_of("storage_use") for pair in measure(workspace).items()]

    found = remember(build_key(workspace), measure_all, CACHE_SECONDS)
    return sorted(found, key=lambda pair: pair[1], reverse=True)
