"""Change the price of a provider's model and whether it is offered, for operators who think in currency."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts import audit
from generation.providers import catalogue
from generation.providers.models import Connection, ProviderModel

MILLION = 1_000_000


@transaction.atomic
def change_model(
    slug: str,
    model: str,
    *,
    by,
    per_second: Decimal | None,
    per_clip: Decimal | None,
    currency: str,
    dated: date | None,
    is_offered: bool,
) -> None:
    """Set one price for all lengths and sizes of the model, or the built-in prices again if both amounts are None.

    Other processes see the change within seconds. Jobs that were agreed to keep their price.
    """
    row, _created = ProviderModel.objects.select_for_update().get_or_create(provider=slug, model=model)
    has_price = per_second is not None or per_clip is not None
    row.price_per_second, row.price_per_clip = _to_millionths(per_second), _to_millionths(per_clip)
    row.currency, row.price_dated = (currency, dated) if has_price else ("", None)
    row.is_offered = is_offered
    row.save()
    if row.changes() == {"is_offered": True} and is_built_in(slug, model):
        row.delete()
    facts = {"per_second": row.price_per_second, "per_clip": row.price_per_clip, "currency": row.currency}
    audit.record(by=by, verb="model.changed", target=f"{slug}/{model}", is_offered=is_offered, **facts)
    transaction.on_commit(catalogue.clear_cache)


def list_currencies() -> set[str]:
    """Return the currencies of the prices of all models that the studio's own connections lead to."""
    slugs = Connection.objects.usable_by(None, None).order_by().values_list("provider", flat=True).distinct()
    priced = [slug for slug in slugs if (catalogue.FOLDER / slug.replace("-", "_") / "models.toml").exists()]
    models = [facts for slug in priced for facts in catalogue.list_models(slug)]
    return {row.get("currency", "USD") for facts in models for row in facts.get("price", ())}


def is_built_in(slug: str, model: str) -> bool:
    return any(facts["model"] == model for facts in catalogue.built_in_models(slug))


def _to_millionths(amount: Decimal | None) -> int | None:
    return None if amount is None else int((amount * MILLION).to_integral_value())
