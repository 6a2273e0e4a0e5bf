"""What the apps above contribute to jobs (common.hooks)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.hooks import Hooks


@dataclass(frozen=True, kw_only=True)
class JobHooks(Hooks):
    """What one app contributes: kinds of jobs, and what pages show of them."""

    kinds: Mapping[str, Any] = field(default_factory=dict)
    """Name → jobs.registry.JobKind."""

    cards: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    """Kind of job → ``render(job)``, which returns an <article class="job" id="job-…">, or ""."""

    card_loaders: Mapping[str, Callable[[list], None]] = field(default_factory=dict)
    """Kind of job → ``load(jobs)``, which reads what the cards of these jobs need, in a few queries."""

    pictures: Mapping[str, Callable[[list], dict]] = field(default_factory=dict)
    """Kind of job → ``pictures(jobs)``, which returns ``{job id: safe HTML}`` with an <img>, in about one query."""

    stories: Callable[[list], dict] | None = None
    """Return ``{job id: jobs.registry.JobStory}`` of those of the jobs whose story exists, in about one query."""

    event_messages: Mapping[str, Any] = field(default_factory=dict)
    """Code of an event's reason ``code|first|second`` → lazy text with {0}, {1}."""

    jobs_awaited_by_erasure: Callable[[Any], Any] | None = None
    """Return a query of other users' unfinished jobs that need something of that user until they end."""
