"""Rows of the operators' page of providers: connections of the site, failures of the last day, models with prices."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.billing.money import unit_price
from generation.providers import catalogue, labels
from generation.providers.adapters.comfyui.uploads import STARTS
from generation.providers.base import Mode
from generation.providers.connections import health as connection_health
from generation.providers.models import Connection, ProviderModel
from generation.providers.registry import connectable_providers
from jobs.models import TERMINAL, Attempt, State
from jobs.states import GOOD_ENDS

MILLION = 1_000_000
LOOKS = {Connection.Health.GOOD: "done", Connection.Health.BROKEN: "fail", Connection.Health.UNTESTED: "new"}


@dataclass
class ModelRow:
    """A model as operators see it: prices as text, and the values of its form. ``prices`` has one line per price."""

    provider: str
    provider_label: str
    model: str
    label: str
    is_offered: bool
    is_changed: bool
    retired_on: Any
    price: str
    prices: list[tuple[str, str]]
    dated: Any
    source: str
    form_values: dict


@dataclass(frozen=True)
class ConnectionRow:
    """A connection of the site with the ``look`` and ``state`` of its tag."""

    connection: Connection
    look: str
    state: str
    problem: str


@dataclass
class ProviderRow:
    slug: str
    label: str
    connections: list[ConnectionRow] = field(default_factory=list)
    models: list[ModelRow] = field(default_factory=list)
    ended: int = 0
    failed: int = 0

    @property
    def unpriced(self) -> int:
        return len([model for model in self.models if not model.prices and model.price == ""])


def list_providers() -> list[ProviderRow]:
    """Return all providers but the built-in one; those with a connection of the studio's own come first."""
    rows = {
        slug: ProviderRow(slug, str(engine.label))
        for slug, engine in connectable_providers().items()
        if not engine.is_local
    }
    site = Connection.objects.filter(owner=None, workspace=None, deleted_at=None).order_by("label", "created_at")
    for connection in site:
        if connection.provider in rows:
            rows[connection.provider].connections.append(_build_connection(connection))
    for slug, ended, failed in _count_failures():
        if slug in rows:
            rows[slug].ended, rows[slug].failed = ended, failed
    changed = _load_changed_models()
    for row in rows.values():
        row.models = _list_models(row.slug, row.label, changed)
    return sorted(rows.values(), key=lambda row: (not row.connections, row.label.casefold()))


def find_model(slug: str, model: str) -> ModelRow | None:
    engine = connectable_providers().get(slug)
    if engine is None or engine.is_local:
        return None
    models = _list_models(slug, str(engine.label), _load_changed_models())
    return next((row for row in models if row.model == model), None)


def _build_connection(connection: Connection) -> ConnectionRow:
    look, state = LOOKS[Connection.Health(connection.health)], connection.get_health_display()
    if not connection.is_enabled:
        look, state = "off", _("Disabled")
    elif connection.paused_until and connection.paused_until > timezone.now():
        look, state = "fail", _("Paused")
    return ConnectionRow(connection, look, state, connection_health.describe(connection))


def _count_failures() -> list[tuple[str, int, int]]:
    """Return (provider, ended jobs, failed jobs) of the last day."""
    rows = Attempt.objects.filter(intent_at__gt=Now() - timedelta(days=1), job__state__in=TERMINAL)
    failed = Q(job__state__in=TERMINAL - GOOD_ENDS - {State.CANCELLED})
    counts = (
        rows.order_by()
        .values_list("provider")
        .annotate(ended=Count("job", distinct=True), failed=Count("job", distinct=True, filter=failed))
    )
    return list(counts)


def _load_changed_models() -> dict[tuple[str, str], ProviderModel]:
    return {(row.provider, row.model): row for row in ProviderModel.objects.order_by("position", "model")}


def _list_models(slug: str, label: str, changed: dict) -> list[ModelRow]:
    """Return the models of a provider with a models.toml, with those that an administrator withdrew."""
    if not (catalogue.FOLDER / slug.replace("-", "_") / "models.toml").exists():
        return []
    shipped = {facts["model"]: facts for facts in catalogue.built_in_models(slug)}
    own = {model: row for (provider, model), row in changed.items() if provider == slug}
    rows = []
    for model in [*shipped, *(model for model in own if model not in shipped)]:
        row = own.get(model)
        facts = catalogue.read_parameters(slug, row) if row else shipped[model]
        rows.append(_build_row(slug, label, facts, row))
    return rows


def _build_row(slug: str, label: str, facts: dict, row: ProviderModel | None) -> ModelRow:
    prices = facts.get("price", [])
    has_own_price = row is not None and (row.price_per_second is not None or row.price_per_clip is not None)
    sources = sorted({price.get("source", "") for price in prices} - {""})
    return ModelRow(
        provider=slug,
        provider_label=label,
        model=facts["model"],
        label=str(labels.translate_label(facts.get("label") or facts["model"])),
        is_offered=facts.get("is_offered", True),
        is_changed=row is not None,
        retired_on=facts.get("retired_on"),
        price=_summarise(facts),
        prices=[(_describe_price(price), _describe_cases(price)) for price in prices],
        dated=min((price["dated"] for price in prices if price.get("dated")), default=None),
        source=_("set by an administrator") if has_own_price else ", ".join(sources),
        form_values={
            "per_second": _to_currency(row.price_per_second if row else None),
            "per_clip": _to_currency(row.price_per_clip if row else None),
            "currency": (row.currency if row else "") or (prices[0].get("currency", "USD") if prices else "USD"),
            "dated": (row.price_dated if row else None) or timezone.localdate(),
            "is_offered": facts.get("is_offered", True),
        },
    )


def _to_currency(amount: int | None) -> Decimal | None:
    return None if amount is None else (Decimal(amount) / MILLION).normalize()


def _summarise(facts: dict) -> str:
    """Return the lowest and the highest price as text; "" if the price is not known."""
    if catalogue.is_free(facts):
        return _("free")
    prices = facts.get("price", [])
    parts = []
    for name, unit in (("per_second", _("%(price)s per second")), ("per_clip", _("%(price)s per clip"))):
        amounts = sorted({(price[name], price.get("currency", "USD")) for price in prices if price.get(name)})
        if amounts:
            texts = [unit_price(*amount) for amount in (amounts[0], amounts[-1])]
            parts.append(unit % {"price": texts[0] if texts[0] == texts[1] else "–".join(texts)})
    return " · ".join(parts)


def _describe_price(price: dict) -> str:
    currency = price.get("currency", "USD")
    units = {
        "per_second": _("%(price)s per second"),
        "per_clip": _("%(price)s per clip"),
        "per_picture": _("%(price)s per image"),
        "at_least": _("at least %(price)s"),
    }
    parts = [text % {"price": unit_price(price[name], currency)} for name, text in units.items() if price.get(name)]
    return " + ".join(parts) or _("free")


def _describe_cases(price: dict) -> str:
    """Return the cases that a price is for: size, length, mode, sound."""
    parts = []
    if "resolution" in price:
        parts.append(f"{price['resolution']}p")
    if "seconds" in price:
        parts.append(_("%(count)s s") % {"count": price["seconds"]})
    if "mode" in price:
        parts.append(str(STARTS[Mode(price["mode"])]))
    if "audio" in price:
        parts.append(_("with sound") if price["audio"] else _("without sound"))
    return " · ".join(parts) or _("all other cases")
