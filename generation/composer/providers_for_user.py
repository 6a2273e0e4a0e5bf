"""Which providers a user can use in a workspace: built in, connected, and those that need a connection first."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from common.messages import Message, build_message, join_messages
from generation.providers import catalogue
from generation.providers.base import Capability, Mode, Provider
from generation.providers.connections import health as connection_health
from generation.providers.models import Connection
from generation.providers.registry import clip_providers, connectable_providers, language_providers, providers


@dataclass(frozen=True)
class Offer:
    """A provider with the ``connections`` that the user may use, and the chosen ``connection``. Connections are nearest
    first: the user's own, then the workspace's, then the site's."""

    engine: Provider
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
    def problem(self) -> str:
        """Return why a clip may fail or wait now. Only the owner of a connection sees the provider's own message."""
        connection = self.connection
        is_paused = connection and connection.paused_until and connection.paused_until > timezone.now()
        if not (is_paused or (connection and connection.health == Connection.Health.BROKEN)):
            return ""
        return connection_health.describe(connection, is_brief=connection.owner_id is None)

    @property
    def labelled_connections(self) -> list[tuple[Connection, str]]:
        return [(row, f"{row.label} · {get_owner_label(row)}") for row in self.connections]


def get_owner_label(connection: Connection) -> str:
    if connection.owner_id:
        return _("personal")
    return connection.workspace.name if connection.workspace_id else _("the studio’s own")


def list_usable_connections(user, workspace) -> list[Connection]:
    """Return the connections that the user may use in the workspace, nearest first, with one query."""
    rows = Connection.objects.usable_by(user, workspace).preferred()
    return list(rows.select_related("workspace"))


def filter_picture_readers(connections: list[Connection]) -> list[Connection]:
    """Return the connections to language models that read pictures."""
    engines = language_providers()
    return [row for row in connections if row.provider in engines and engines[row.provider].reads_pictures(row.facts)]


def list_provider_labels() -> list[tuple[str, str]]:
    """Return (slug, label) of all installed providers of clips."""
    return [(slug, str(engine.label)) for slug, engine in clip_providers().items()]


def find_usable_connections(by, workspace, slug: str, model: str):
    """Return the connections that this user may use for the model in the workspace, nearest first.

    A workflow uploaded in a workspace only runs on the workspace's own connections.
    """
    rows = Connection.objects.usable_by(by, workspace).filter(provider=slug).preferred()
    return rows.belonging_to(workspace) if is_workspace_model(slug, model, workspace) else rows


def is_workspace_model(slug: str, model: str, workspace) -> bool:
    engine = clip_providers().get(slug)
    return bool(engine and model) and engine.is_workspace_model(model, workspace)


def no_connection_message(slug: str, model: str, workspace) -> Message:
    """Return why there is no usable connection, and what to do about it."""
    code = "workflow_not_connected" if is_workspace_model(slug, model, workspace) else "not_connected"
    engine = clip_providers().get(slug)
    return join_messages(build_message(code, provider=engine.label if engine else slug), build_message("not_started"))


def find_repeat_offer(clip, by) -> Offer | None:
    """Return the offer for one more take: the clip's provider, with the clip's connection or the nearest one the user
    may use.

    The offer has no connection if the user may use none. Returns None if the provider is no longer installed.
    """
    engine = clip_providers().get(clip.provider)
    if engine is None or engine.is_local:
        return Offer(engine) if engine else None
    usable = clip.__dict__.get("connections")  # which a failed clip has for its retry button
    if usable is None:
        rows = find_usable_connections(by, clip.workspace, clip.provider, clip.model)
        usable = rows.select_related("workspace")
    usable = tuple(usable)
    same = next((connection for connection in usable if connection.pk == clip.connection_id), None)
    return Offer(engine, usable, same or (usable[0] if usable else None))


def get_clip_provider_label(clip) -> str:
    """Return the provider's label; for a clip with effects, the labels of the source's provider and of the effects."""
    if not clip.has_effects:
        return _get_engine_text(clip.provider, "label")
    source_label = _get_engine_text(clip.source_provider, "label") if clip.source_provider else _("Uploaded video")
    if clip.is_upload:
        return source_label
    return f"{source_label} · {_get_engine_text(clip.provider, 'label')}"


def is_installed(clip) -> bool:
    """Return whether the clip's provider is still installed: without it no more takes can be made."""
    return clip.provider in clip_providers()


def supports_seed(clip) -> bool:
    """Return whether the clip's model uses the seed: False for an uploaded video, True for an unknown model."""
    if clip.is_upload:
        return False
    engine = clip_providers().get(clip.provider)
    try:
        capability = engine.capability(clip.model) if engine else None
    except KeyError:
        capability = catalogue.find_withdrawn(clip.provider, clip.model)
    return capability is None or capability.has_seed


def get_clip_byline(clip) -> str:
    """Return the provider's byline; for a clip with effects, the bylines of the source and of the effects."""
    if not clip.has_effects:
        return _get_engine_text(clip.provider, "byline")
    source_byline = (
        _get_engine_text(clip.source_provider, "byline")
        if clip.source_provider
        else _("uploaded video, not generated by this studio")
    )
    if clip.is_upload:
        return source_byline
    return f"{source_byline} · {_get_engine_text(clip.provider, 'byline')}"


def get_provider_label(slug: str) -> str:
    """Return the label of an installed provider; an empty string for others."""
    engine = (clip_providers() | connectable_providers()).get(slug)
    return str(engine.label) if engine else ""


def _get_engine_text(slug: str, attribute: str) -> str:
    engine = clip_providers().get(slug)
    return str(getattr(engine, attribute)) if engine else slug


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
