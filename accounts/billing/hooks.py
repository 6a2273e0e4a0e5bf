"""What the apps above contribute to plans, limits and usage (common.hooks)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.hooks import Hooks


@dataclass(frozen=True, kw_only=True)
class BillingHooks(Hooks):
    """What one app contributes: providers, what is used of limits, and what jobs made."""

    list_providers: Callable[[], Iterable[tuple[str, str]]] | None = None
    """Return (slug, label) of the installed providers that jobs may have."""

    provider_label: Callable[[str], str] | None = None
    """Return the label of the provider with that slug, or ""."""

    price_currencies: Callable[[], Iterable[str]] | None = None
    """Return the currencies of the prices that the site pays to providers."""

    storage_use: Callable[[Any], Mapping] | None = None
    """Return ``{lazy name of a kind: bytes}`` of what the app keeps in a workspace."""

    limit_uses: Mapping[str, Callable[[Any], int]] = field(default_factory=dict)
    """Name of a limit (accounts.billing.limits) → ``count(workspace)``, how much of the limit a workspace uses."""

    largest_files: Callable[[Any, int], Iterable[tuple[str, str, int]]] | None = None
    """``(workspace, limit)`` returns (title, URL, bytes) of the largest things the app keeps, largest first."""

    seconds_made: Mapping[str, Any] = field(default_factory=dict)
    """"clip" or "film" → expression of the seconds of the clip or film that a row's job made, by the row's ``job_id``;
    null if it made none. Usage is summed with it in the database."""

    kept_jobs: Callable[[Any, Any], Iterable[Any]] | None = None
    """``(workspace, since)`` returns the ids of the jobs of clips that are finished since that time and that the app
    uses: in a scene, a film, a published work."""

    describe_jobs: Callable[[Any, list], dict] | None = None
    """``(viewer, ids)`` returns ``{job id: (title, path)}`` of those of the jobs that the viewer may see."""

    describe_stories: Callable[[Any, list], dict] | None = None
    """``(viewer, ids)`` returns ``{story id: (title, path)}`` of those of the stories that the viewer may see."""

    stories_of_user: Callable[[Any], Iterable[tuple[str, str]]] | None = None
    """Return (id, title) of the stories that a user changed last."""
