"""Save and delete overrides of a provider. Each change is atomic, audited and applied to clips in progress."""

from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from accounts import audit
from generation.providers import overrides
from generation.providers.models import ProviderOverride
from generation.providers.registry import providers
from jobs.models import Job, State


def save_override(row: ProviderOverride, *, by, fields) -> None:
    """Save the row; other processes see the change within seconds. ``fields`` names the changed columns."""
    with _applied(row.provider):
        row.save()
        audit.record(
            by=by, verb="override.changed", target=row.provider, values={name: getattr(row, name) for name in fields}
        )


def delete_override(row: ProviderOverride, *, by) -> None:
    with _applied(row.provider):
        row.delete()
        audit.record(by=by, verb="override.deleted", target=row.provider)


@contextmanager
def _applied(slug: str):
    """Shift the deadlines of running jobs by the change of the provider's deadline, then clear the cache."""
    with transaction.atomic():
        before = _deadline(slug)
        yield
        if difference := _deadline(slug) - before:
            running = Job.objects.filter(provider=slug, state=State.RUNNING).exclude(deadline_at=None)
            running.update(deadline_at=F("deadline_at") + timedelta(seconds=difference))
    overrides.clear_cache()


def _deadline(slug: str) -> float:
    """Return after how many seconds a clip that the provider accepted is given up."""
    engine = providers().get(slug)
    if engine is None or engine.is_local:
        return 0.0
    return overrides.apply_row(engine.declared, ProviderOverride.objects.filter(provider=slug).first()).deadline
