"""Which engines a person can draw with where they are: built in, connected, and those that only need an account."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from generation.providers import catalogue
from generation.providers.base import Capability, Mode, Provider
from generation.providers.connections import health as connection_health
from generation.providers.models import Connection
from generation.providers.registry import connectables, makers, providers


@dataclass(frozen=True)
class Offer:
    """``connections`` are the accounts that may be used for it, the nearest first; ``connection`` the one that is."""

    engine: Provider
    connections: tuple[Connection, ...] = ()
    connection: Connection | None = None

    @property
    def is_ready(self) -> bool:
        return self.engine.is_local or self.connection is not None

    @property
    def is_own(self) -> bool:
        """Whether the person or their workspace pays the provider, and not the site."""
        return self.connection is not None and self.connection.scope != "site"

    @property
    def trouble(self) -> str:
        """Why nothing may come of it just now. The provider's own words are for whoever owns the account."""
        account = self.connection
        is_paused = account and account.paused_until and account.paused_until > timezone.now()
        if not (is_paused or (account and account.health == Connection.Health.BROKEN)):
            return ""
        return connection_health.describe(account, is_brief=account.owner_id is None)

    @property
    def accounts(self) -> list[tuple[Connection, str]]:
        return [(each, f"{each.label} · {whose(each)}") for each in self.connections]


def whose(connection: Connection) -> str:
    if connection.owner_id:
        return _("only mine")
    return connection.workspace.name if connection.workspace_id else _("the studio’s own")


def usable_connections(user, workspace) -> list[Connection]:
    """The accounts that this visitor may draw with where they are, nearest first. One query."""
    rows = Connection.objects.usable_by(user, workspace).preferred()
    return list(rows.select_related("workspace"))


def connections_for(by, workspace, slug: str, model: str):
    """Return the connections that this user may use for the model in the workspace, nearest first.

    Every selection of a connection uses it: a workflow uploaded in a workspace only gets the workspace's own ones.
    """
    rows = Connection.objects.usable_by(by, workspace).filter(provider=slug).preferred()
    return rows.belonging_to(workspace) if is_workspace_model(slug, model, workspace) else rows


def is_workspace_model(slug: str, model: str, workspace) -> bool:
    engine = makers().get(slug)
    return bool(engine and model) and engine.is_workspace_model(model, workspace)


def no_connection_message(slug: str, model: str, workspace) -> str:
    """Why there is no account to go through, and what to do about it."""
    if is_workspace_model(slug, model, workspace):
        words = _(
            "A workflow uploaded in a workspace only runs on connections of that workspace. Add a %(provider)s "
            "connection to it. Nothing was started."
        )
    else:
        words = _("%(provider)s is not connected. Add its key under Connections. Nothing was started.")
    return words % {"provider": _told(slug, "label")}


def repeat_offer(clip, by) -> Offer | None:
    """The engine of a clip that one more take would go to, through the same account, or the nearest of theirs where
    that is not to be had any more; without an account when there is none. None for an engine that is gone."""
    engine = makers().get(clip.provider)
    if engine is None or engine.is_local:
        return Offer(engine) if engine else None
    mine = tuple(connections_for(by, clip.workspace, clip.provider, clip.model).select_related("workspace"))
    same = next((each for each in mine if each.pk == clip.connection_id), None)
    return Offer(engine, mine, same or (mine[0] if mine else None))


def maker_name(clip) -> str:
    """Who made it, by name; where effects lie over a film, whose film it is comes first."""
    if not clip.has_effects:
        return _told(clip.provider, "label")
    whose_film = _told(clip.drawn_by, "label") if clip.drawn_by else _("Uploaded video")
    return f"{whose_film} · {_told(clip.provider, 'label')}"


def is_installed(clip) -> bool:
    """Whether this install still has the engine that made it; without it nothing more is made the same way."""
    return clip.provider in makers()


def supports_seed(clip) -> bool:
    """Whether its seed says anything: most models elsewhere take none. Of one that is gone, nobody knows."""
    engine = makers().get(clip.provider)
    try:
        able = engine.capability(clip.model) if engine else None
    except KeyError:
        able = catalogue.withdrawn(clip.provider, clip.model)
    return able is None or able.has_seed


def clip_byline(clip) -> str:
    """Who made it, as its page says it. Nobody but this studio lays effects over a film."""
    if not clip.has_effects:
        return _told(clip.provider, "byline")
    whose_film = _told(clip.drawn_by, "byline") if clip.drawn_by else _("uploaded video, not generated by this studio")
    return f"{whose_film} · {_told(clip.provider, 'byline')}"


def provider_name(slug: str) -> str:
    """Of whatever an account can be connected to or a clip was made by; empty where this install has it no more."""
    engine = (makers() | connectables()).get(slug)
    return str(engine.label) if engine else ""


def _told(slug: str, what: str) -> str:
    engine = makers().get(slug)
    return str(getattr(engine, what)) if engine else slug


def offers(connections) -> list[Offer]:
    """Every engine of this install, those of this machine first."""
    made = []
    for slug, engine in providers().items():
        mine = () if engine.is_local else tuple(each for each in connections if each.provider == slug)
        made.append(Offer(engine, mine, mine[0] if mine else None))
    return sorted(made, key=lambda offer: not offer.engine.is_local)


def default_settings(connections) -> dict:
    """What Create begins with where an account was made the default: its provider, model and style."""
    account = next((each for each in connections if each.is_default and each.provider in providers()), None)
    if account is None:
        return {}
    start = {"provider": account.provider, "connection": account.pk, "model": account.default_model}
    return start | ({"style": account.default_style} if account.default_style else {})


def find_video_offer(offers: list[Offer], workspace) -> tuple[Offer, Capability] | None:
    """The first engine that can be used now and draws a video anew, with its model."""
    for offer in offers:
        models = offer.engine.capabilities_in(workspace) if offer.is_ready else ()
        for capability in models:
            if Mode.VIDEO in capability.modes and not capability.is_retired:
                return offer, capability
    return None
