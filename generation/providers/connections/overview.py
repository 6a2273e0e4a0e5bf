"""Connections as pages show them, with masked secrets, in a constant number of queries."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.permissions import MANAGE, ROLE_PERMISSIONS
from generation.providers.connections import health as connection_health
from generation.providers.connections import keys, test_job
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers
from jobs.models import Job

STATE_CLASSES = {
    Connection.Health.UNTESTED: "new",
    Connection.Health.GOOD: "done",
    Connection.Health.BROKEN: "fail",
}


@dataclass(frozen=True)
class Row:
    """``mask`` is None when this install cannot open the keys; ``test`` the job that is looking just now.

    Who may only draw with it hears whether it works, and nothing of its key, its address or what the provider said.
    """

    connection: Connection
    engine: object
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
        """It works, but the last test found it busy or in trouble."""
        return self.connection.health == Connection.Health.GOOD and bool(self.connection.last_error)

    @property
    def trouble(self) -> str:
        return connection_health.describe(self.connection) if self.can_change else ""

    @property
    def address(self) -> str:
        return self.connection.base_url if self.can_change else ""


def build_rows(connections, user) -> list[Row]:
    """In the order given; ``connections`` were already found to be the person's to see."""
    found = list(connections)
    masks, tests, engines = keys.mask_keys(found), test_job.running_tests(found), connectable_providers()
    managed = _managed_workspace_ids(user) if any(each.workspace_id for each in found) else set()
    can_change = {each.pk: each.owner_id == user.pk or each.workspace_id in managed for each in found}
    return [
        Row(
            each, engines.get(each.provider), masks[each.pk] if can_change[each.pk] else keys.HIDDEN,
            tests.get(each.pk), can_change[each.pk],
        )
        for each in found
    ]  # fmt: skip


def _managed_workspace_ids(user) -> set:
    roles = [role for role, held in ROLE_PERMISSIONS.items() if MANAGE in held]
    return set(Membership.objects.filter(user=user, role__in=roles).values_list("workspace_id", flat=True))


def owner_choices(user, personal_words: str) -> list[tuple]:
    """(value, words) of those whose a new account of this person may be: their own, and workspaces they manage."""
    roles = [role for role, held in ROLE_PERMISSIONS.items() if MANAGE in held]
    memberships = Membership.objects.filter(user=user, role__in=roles).select_related("workspace")
    return [("", personal_words), *((str(each.workspace_id), each.workspace.name) for each in memberships)]


def list_connectable_providers() -> list:
    """Every engine that needs an account, by name."""
    engines = [engine for engine in connectable_providers().values() if not engine.is_local]
    return sorted(engines, key=lambda engine: str(engine.label).casefold())
