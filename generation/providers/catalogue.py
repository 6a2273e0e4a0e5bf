"""Which models each provider offers: what ships with the studio (``adapters/<provider>/models.toml``), under what an
operator changed in the admin (``ProviderModel``). Models rot within months, so they are facts to edit, not code.

A price is a list of rows; the first that fits a request counts: per clip plus per second, in millionths.
"""

import time
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from generation.providers import labels
from generation.providers.base import Capability, ClipRequest, Estimate, Mode
from generation.providers.models import ProviderModel
from generation.providers.traits import Recovery, Stopping

FOLDER = Path(__file__).parent / "adapters"
CACHE_SECONDS = 15.0  # an operator's change is seen by every process within this time
FACTS = (
    "label", "has_seed", "has_negative_prompt", "has_audio", "prompt_limit", "picture_bytes", "picture_least",
    "picture_most", "picture_shape", "references_most", "video_seconds", "ratio_follows_picture", "retired_on",
    "is_free", "framed_seconds", "has_progress",
)  # fmt: skip
SETTINGS = frozenset({"seed", "negative_prompt", "audio"})
ROWS_SECONDS = 5.0
_facts_cache: dict[str, tuple[float, list[dict]]] = {}
_capability_cache: dict[tuple, tuple[list[dict], tuple[Capability, ...]]] = {}
_row_cache: dict[str, tuple[float, dict[str, list[ProviderModel]]]] = {}


def capabilities(slug: str, settings: frozenset = SETTINGS) -> tuple[Capability, ...]:
    """The models on offer, the default one first; retired ones too, which say so. Made once of the same facts and in
    each language, since thousands of polls ask. ``settings``: those that the adapter can send, whatever a row says."""
    facts, place = list_models(slug), (slug, settings, get_language())
    of, made = _capability_cache.get(place, (None, ()))
    if of is not facts:
        made = tuple(_limit_settings(build_capability(each), settings) for each in facts)
        _capability_cache[place] = (facts, made)
    return made


def find_withdrawn(slug: str, model: str) -> Capability | None:
    """A model that an operator took out: it is offered to nobody, and what was begun with it goes on."""
    row = next((each for each in _read_rows().get(slug, ()) if each.model == model), None)
    return build_capability(_read_facts(slug, row)) if row else None


def _limit_settings(able: Capability, settings: frozenset) -> Capability:
    return replace(able, **{f"has_{name}": getattr(able, f"has_{name}") and name in settings for name in SETTINGS})


def build_capability(facts: dict) -> Capability:
    return Capability(
        model=facts["model"],
        modes=frozenset(Mode(mode) for mode in facts["modes"]),
        ratios=tuple(facts["ratios"]),
        seconds=tuple(facts["seconds"]),
        resolutions=tuple(facts["resolutions"]),
        picture_kinds=tuple(facts.get("picture_kinds", ())),
        recovery=Recovery(facts["recovery"]) if "recovery" in facts else None,
        stopping=Stopping(facts["stopping"]) if "stopping" in facts else None,
        never=tuple((each["seconds"], each["resolution"]) for each in facts.get("never", ())),
        **{name: facts[name] for name in FACTS if name in facts}
        | {"label": labels.translate_label(facts.get("label", facts["model"])), "is_free": is_free(facts)},
    )


def is_free(facts: dict) -> bool:
    """Nothing it makes costs anything: so it says itself, or every price that is known of it is nothing."""
    amounts = [row.get(name, 0) for row in facts.get("price", ()) for name in ("per_clip", "per_second")]
    return not any(amounts) if amounts else bool(facts.get("is_free"))


def estimate(slug: str, request: ClipRequest) -> Estimate:
    """The upper bound of one take's price and its usual wait. Not known, when no row fits: then zero is held."""
    facts = next((each for each in list_models(slug) if request.model in ("", each["model"])), {})
    wait = float(facts.get("wait", 120))
    for row in facts.get("price", ()):
        if _is_price_of(row, request):
            price = row.get("per_clip", 0) + row.get("per_second", 0) * request.seconds
            return Estimate(price, row.get("currency", "USD"), wait, dated=row.get("dated"))
    return Estimate(0, "USD", wait, is_known=bool(facts.get("is_free")))


def _is_price_of(row: dict, request: ClipRequest) -> bool:
    asked = {
        "resolution": request.resolution,
        "seconds": request.seconds,
        "mode": str(request.mode),
        "audio": bool(request.options.get("audio")),
    }
    return all(row[name] == value for name, value in asked.items() if name in row)


def list_models(slug: str) -> list[dict]:
    """Facts of every model on offer, as in models.toml, with the operators' changes laid over them."""
    at, found = _facts_cache.get(slug, (float("-inf"), []))
    if time.monotonic() - at > CACHE_SECONDS - ROWS_SECONDS:
        found = _merge_rows(slug)
        _facts_cache[slug] = (time.monotonic(), found)
    return found


def clear_cache(slug: str = "") -> None:
    """Read again at the next question: an operator changed something in this process."""
    _facts_cache.pop(slug, None) if slug else _facts_cache.clear()
    _row_cache.clear()


def _merge_rows(slug: str) -> list[dict]:
    known = {facts["model"]: facts for facts in built_in_models(slug)}
    known |= {row.model: _read_facts(slug, row) for row in _read_rows().get(slug, ())}
    return [facts for facts in known.values() if facts.get("is_offered", True)]


def _read_facts(slug: str, row: ProviderModel) -> dict:
    """Of a model that ships and was changed, or of one that an operator added after the pattern of the first."""
    base = next((facts for facts in built_in_models(slug) if facts["model"] == row.model), None)
    return (base or dict(built_in_models(slug)[0], model=row.model, label=row.model, price=[])) | row.changes()


def _read_rows() -> dict[str, list[ProviderModel]]:
    """What operators said, by provider: one question for all of them, since a page shows all of them."""
    at, found = _row_cache.get("all", (float("-inf"), {}))
    if time.monotonic() - at > ROWS_SECONDS:
        found = {}
        for row in ProviderModel.objects.order_by("position", "model"):
            found.setdefault(row.provider, []).append(row)
        _row_cache["all"] = (time.monotonic(), found)
    return found


@cache
def built_in_models(slug: str) -> tuple[dict, ...]:
    """What models.toml of the provider says. Dates of prices and retirements are dates."""
    path = FOLDER / slug.replace("-", "_") / "models.toml"
    return tuple(tomllib.loads(path.read_text(encoding="utf-8"))["model"])
