"""Warn on the health page about broken connections of the site, which everybody's clips may wait for."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from generation.providers.connections import health as connection_health
from generation.providers.models import Connection


def describe_broken() -> Iterator[str]:
    """Yield a sentence for each broken connection of the site."""
    site = Connection.objects.filter(owner=None, workspace=None, is_enabled=True, deleted_at=None)
    for connection in site.filter(health=Connection.Health.BROKEN).order_by("label", "created_at"):
        facts = {"connection": connection.label, "error": connection_health.describe(connection)}
        yield (
            _("The studio’s own connection “%(connection)s” does not work, and jobs that use it are waiting: %(error)s")
            % facts
        )
