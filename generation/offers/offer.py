"""What a user can choose in a workspace: built-in providers, connected ones, and those that need a connection."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from generation.offers.connections import find_usable_connections, get_owner_label
from generation.providers.base import Capability, Mode
from generation.providers.connections import health as connection_health
from generation.providers.models import Connection
from generation.providers.registry import AnyProvider, clip_providers, providers


@dataclass(frozen=True)
class Offer:
    """A provider with the ``connections`` that the user may use, and the chosen ``connection``. Connections are nearest
    first: the user's own, then the workspace's, then the site's."""

    engine: AnyProvider
    connections: tuple[Connection, ...] = ()
    connection: Connection | None = None

    @property
    def is_ready(self) -> bool:
        return self.engine.is_local or self.connection is not None

    @property
    def is_own(self) -> bool:
        """Return whether the provider bills the user's or the workspace's account, and not the site's."""
        return self.connection is not None and self.connection.scope != "site"

    @property
    def is_paused(self) -> bool:
        """Return whether nothing is sent through the connection now, so that a requested clip waits."""
        paused_until = self.connection.paused_until if self.connection else None
        return paused_until is not None and paused_until > timezone.now()

    @property
    def pause_note(self) -> str:
        """Return what the pause of the connection means for a clip that is requested now; "" if it is not paused."""
        if not self.is_paused:
            return ""
        return _("The connection to %(provider)s is paused. What you start now waits until it can be sent.") % {
            "provider": self.engine.label
        }

    @property
    def problem(self) -> str:
        """Return why a clip may fail or wait now. Only the owner of a connection sees the provider's own message."""
        connection = self.connection
        if connection is None:
            return ""
        if not self.is_paused and connection.health != Connection.Health.BROKEN:
            return ""
        return connection_health.describe(connection, is_brief=connection.owner_id is None)

    @property
    def labelled_connections(self) -> list[tuple[Connection, str]]:
        return [(row, f"{row.label} · {get_owner_label(row)}") for row in self.connections]


def find_repeat_offer(clip, by) -> Offer | None:
    """Return the offer for one more take: the clip's provider, with the clip's connection or the nearest one the user
    may use.

    The offer has no connection if the user may use none. Returns None if the provider is no longer installed.
    """
    engine = clip_providers().get(clip.provider)
    if engine is None or engine.is_local:
        return Offer(engine) if engine else None
    if clip.connections is None:
        rows = find_usable_connections(by, clip.workspace, clip.provider, clip.model).select_related("workspace")
    usable = tuple(rows if clip.connections is None else clip.connections)
    same = next((connection for connection in usable if connection.pk == clip.connection_id), None)
    return Offer(engine, usable, same or (usable[0] if usable else None))


def build_offers(connections) -> list[Offer]:
    """Return an offer for every installed provider, local ones first."""
    offers = []
    for slug, engine in providers().items():
        usable = () if engine.is_local else tuple(row for row in connections if row.provider == slug)
        offers.append(Offer(engine, usable, usable[0] if usable else None))
    return sorted(offers, key=lambda offer: not offer.engine.is_local)


def get_default_settings(connections) -> dict:
    """Return provider, connection, model and style of the user's default connection; an empty dict without one."""
    default = next((row for row in connections if row.is_default and row.provider in providers()), None)
    if default is None:
        return {}
    settings = {"provider": default.provider, "connection": default.pk, "model": default.default_model}
    return settings | ({"style": default.default_style} if default.default_style else {})


def find_offer(offers: list[Offer], workspace, mode: Mode) -> tuple[Offer, Capability] | None:
    """Return the first usable provider that supports the mode, and its first current model that does."""
    for offer in offers:
        models = offer.engine.capabilities_in(workspace) if offer.is_ready else ()
        for capability in models:
            if mode in capability.modes and not capability.is_retired:
                return offer, capability
    return None
