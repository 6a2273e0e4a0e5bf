"""Build the rows of connections for pages, with masked secrets, in a constant number of queries."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.permissions import MANAGE, can
from accounts.viewer import Viewer
from generation.providers.connections import health as connection_health
from generation.providers.connections import keys, test_job
from generation.providers.models import Connection
from generation.providers.registry import AnyProvider, connectable_providers
from jobs.models import Job

STATE_CLASSES: dict[str, str] = {
    Connection.Health.UNTESTED: "new",
    Connection.Health.GOOD: "done",
    Connection.Health.BROKEN: "fail",
}


@dataclass(frozen=True)
class Row:
    """A connection for the page. ``mask`` is None if its keys cannot be decrypted; ``test`` is the running test, if
    any.

    Users who may not change the connection see whether it works, but not its key, its address or the provider's
    message.
    """

    connection: Connection
    engine: AnyProvider | None
    mask: dict | None
    test: Job | None
    can_change: bool

    @property
    def provider(self) -> str:
        return str(self.engine.label) if self.engine else self.connection.provider

    @property
    def look(self) -> str:
        if self.test:
            return "work"
        if not self.connection.is_enabled:
            return "off"
        return "wait" if self.is_busy else STATE_CLASSES.get(self.connection.health, "wait")

    @property
    def state(self):
        if self.test:
            return _("Testing")
        if not self.connection.is_enabled:
            return _("Disabled")
        return _("Busy at the last check") if self.is_busy else self.connection.get_health_display()

    @property
    def is_busy(self) -> bool:
        """Return whether the connection works, but the last test found the provider busy or failing."""
        return self.connection.health == Connection.Health.GOOD and bool(self.connection.last_error)

    @property
    def trouble(self) -> str:
        return connection_health.describe(self.connection) if self.can_change else ""

    @property
    def address(self) -> str:
        return self.connection.base_url if self.can_change else ""


def build_rows(connections, viewer: Viewer) -> list[Row]:
    """Return a row for each connection. The viewer must be allowed to see all of them."""
    rows = list(connections)
    masks, tests, engines = keys.mask_keys(rows), test_job.running_tests(rows), connectable_providers()
    can_change = {row.pk: row.owner_id == viewer.pk or can(viewer, MANAGE, row.workspace_id) for row in rows}
    return [
        Row(
            row,
            engines.get(row.provider),
            masks[row.pk] if can_change[row.pk] else keys.HIDDEN,
            tests.get(row.pk),
            can_change[row.pk],
        )
        for row in rows
    ]


def owner_choices(viewer: Viewer, personal_label: str) -> list[tuple[str, str]]:
    """Return (value, label) of possible owners of a new connection: the user, and the workspaces that they manage."""
    workspaces = [row for row in viewer.workspaces if can(viewer, MANAGE, row)]
    return [("", personal_label), *((str(row.pk), row.name) for row in workspaces)]


def list_connectable_providers() -> list:
    """Return all providers that need a connection, sorted by name."""
    engines = [engine for engine in connectable_providers().values() if not engine.is_local]
    return sorted(engines, key=lambda engine: str(engine.label).casefold())
