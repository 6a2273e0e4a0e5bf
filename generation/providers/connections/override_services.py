"""Deeds on what operators know of a provider: all or nothing, and written into the audit log with what it says now."""

from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from accounts import audit
from generation.providers import overrides
from generation.providers.models import ProviderManners
from generation.providers.registry import providers
from jobs.models import Job, State


def keep(row: ProviderManners, *, by, fields) -> None:
    """In effect at once in this process, in every other within seconds. ``fields`` are those that changed."""
    with _in_effect(row.provider):
        row.save()
        told = {name: getattr(row, name) for name in fields}
        audit.record(by=by, verb="manners.changed", target=row.provider, told=told)


def drop(row: ProviderManners, *, by) -> None:
    with _in_effect(row.provider):
        row.delete()
        audit.record(by=by, verb="manners.dropped", target=row.provider)


@contextmanager
def _in_effect(slug: str):
    """What is being made gets the longer or shorter time too: it was given the old one when it was accepted."""
    with transaction.atomic():
        before = _deadline(slug)
        yield
        if more := _deadline(slug) - before:
            made = Job.objects.filter(provider=slug, state=State.RUNNING).exclude(deadline_at=None)
            made.update(deadline_at=F("deadline_at") + timedelta(seconds=more))
    overrides.forget()


def _deadline(slug: str) -> float:
    engine = providers().get(slug)
    if engine is None or engine.is_local:
        return 0.0
    return overrides.over(engine.declared, ProviderManners.objects.filter(provider=slug).first()).deadline
