"""The provider of a run: which one is offered first, and what each of them costs, takes and can do for the scenes."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.billing.money import describe_total
from accounts.billing.spender import Spender
from generation.models import Clip
from generation.offers.connections import list_usable_connections
from generation.offers.durations import describe_failures, describe_wait, get_usual_seconds
from generation.offers.offer import Offer, build_offers
from generation.providers.base import Capability, Mode
from generation.providers.registry import providers
from studio.drawing.clip_request import ANIMATIC, estimate_take
from studio.models import Scene, Story, Take
from studio.scenes.providers import find_model, get_models

type Engine = tuple[str, str]  # slug of a provider, and a model; an empty model is the provider's default one


@dataclass
class PickerRow:
    """A provider as a choice for the ``scenes`` of a run.

    ``totals``: currency → millionths. ``seconds``: until the last take is there. ``drawable``: how many of the scenes
    the provider can draw; ``reason``: why not the others. ``after``: what the price leaves to spend.
    """

    offer: Offer
    capability: Capability
    is_chosen: bool
    count: int
    drawable: int = 0
    seconds: float = 0
    totals: dict[str, int] = field(default_factory=dict)
    price_is_known: bool = True
    reason: str = ""
    after: str = ""

    @property
    def is_draft(self) -> bool:
        return self.offer.engine.slug == ANIMATIC

    @property
    def price(self) -> str:
        if not self.drawable:
            return "—"
        return describe_total(self.totals, is_known=self.price_is_known)

    @property
    def wait(self) -> str:
        """Return the expected time in words, or that the connection is paused."""
        return _("connection paused") if self.offer.is_paused else describe_wait(self.seconds)

    @property
    def failures(self) -> str:
        """Return the share of the model's clips that failed today, in words, or ""."""
        return describe_failures(self.offer.engine, self.capability.model)

    @property
    def abilities(self) -> str:
        return describe_abilities(self.capability)


def describe_abilities(capability: Capability) -> str:
    """Return what a model can do in a few words: "first frame, last frame · up to 10 s · up to 1080p · sound"."""
    modes = {
        Mode.PICTURE: _("first frame"),
        Mode.FIRST_LAST: _("last frame"),
        Mode.REFERENCES: _("reference images"),
    }
    parts = [", ".join(label for mode, label in modes.items() if mode in capability.modes) or _("text only")]
    parts.append(_("up to %(n)s s") % {"n": max(capability.seconds)})
    parts.append(_("up to %(n)sp") % {"n": max(capability.resolutions)})
    return " · ".join(parts + ([_("sound")] if capability.has_audio else []))


def list_offers(story: Story, by, connections=None) -> list[Offer]:
    """Return all providers, with the connections that the user may use in the story's workspace."""
    return build_offers(list_usable_connections(by, story.workspace) if connections is None else connections)


def choose_engine(
    story: Story, scenes: Sequence[Scene], offers: list[Offer], engines: list[Engine], *, one: bool = False
) -> Engine:
    """Return the first of ``engines`` that can draw any of the scenes; the first of all if none can."""
    for engine in engines:
        if is_usable(story, engine, offers) and _can_draw(story, scenes, engine, one=one):
            return engine
    return engines[0]


def list_engines(story: Story, offers: list[Offer], by, scene: Scene | None = None) -> list[Engine]:
    """Return the providers for final takes in the order in which they are offered: the scene's own, the story's own,
    the one that the user used last in the workspace, that of the default connection, and the nearest ones; at last the
    animatic, which draws drafts."""
    engines = [(scene.provider, scene.model)] if scene is not None and scene.provider else []
    if story.provider != ANIMATIC:
        engines.append((story.provider, story.model))
    ready = [offer for offer in offers if offer.connection and get_models(offer.engine, story)]
    if len(ready) > 1 and not engines:
        engines += _find_last_engine(story, by, ready)
    ready.sort(key=lambda offer: not offer.connection.is_default)
    return [*engines, *((offer.engine.slug, "") for offer in ready), (ANIMATIC, "")]


def _find_last_engine(story: Story, by, ready: list[Offer]) -> list[Engine]:
    """Return provider and model of the newest clip that the user requested through one of these connections."""
    usable = [connection.pk for offer in ready for connection in offer.connections]
    clips = Clip.objects.filter(workspace=story.workspace_id, created_by=by, connection__in=usable)
    return list(clips.order_by("-created_at").values_list("provider", "model")[:1])


def _can_draw(story: Story, scenes: Sequence[Scene], engine: Engine, *, one: bool) -> bool:
    """Return whether the provider can draw any of the scenes, so that its choice makes sense."""
    with drawn_with(story, scenes, engine, one=one):
        return not scenes or any(estimate_take(row, purpose=Take.Purpose.FINAL)[0] is not None for row in scenes)


def is_usable(story: Story, engine: Engine, offers: list[Offer]) -> bool:
    """Return whether the user can choose this provider and model for the story."""
    offer = next((offer for offer in offers if offer.engine.slug == engine[0] and offer.is_ready), None)
    capability = find_model(offer.engine, engine[1], story) if offer else None
    return capability is not None and not capability.is_retired


@contextmanager
def drawn_with(story: Story, scenes: Sequence[Scene], engine: Engine, *, one: bool = False) -> Iterator[None]:
    """Let the story, or with ``one`` the only scene, have another provider for the time of the block. Saves nothing."""
    rows = list(scenes) if one else [story]
    before = [(row.provider, row.model) for row in rows]
    for row in rows:
        row.provider, row.model = engine
    try:
        yield
    finally:
        for row, engine in zip(rows, before, strict=True):
            row.provider, row.model = engine


def build_row(
    story: Story, scenes: Sequence[Scene], offers: list[Offer], engine: Engine, *, is_chosen: bool, one: bool = False
) -> PickerRow | None:
    """Return the row of a usable provider for these scenes; None if the provider has no such model.

    Scenes with a provider of their own that cannot be used are not counted as drawable.
    """
    usable = {offer.engine.slug: offer for offer in offers if offer.is_ready}
    offer = usable[engine[0]]
    capability = find_model(offer.engine, engine[1], story)
    if capability is None:
        return None
    row = PickerRow(offer, capability, is_chosen, len(scenes))
    longest, own = 0.0, 0
    with drawn_with(story, scenes, engine, one=one):
        for scene in scenes:
            if scene.provider and scene.provider not in usable:
                continue
            estimate, reasons = estimate_take(scene, purpose=Take.Purpose.FINAL)
            if estimate is None:
                row.reason = row.reason or reasons[0]
                continue
            row.drawable += 1
            row.price_is_known &= estimate.is_known
            if estimate.price:
                row.totals[estimate.currency] = row.totals.get(estimate.currency, 0) + estimate.price
            if (scene.provider or engine[0]) == engine[0]:
                own += 1
                longest = max(longest, get_usual_seconds(offer.engine, capability.model, estimate))
    row.seconds = longest * count_rounds(offer, own)
    return row


def count_rounds(offer: Offer, takes: int) -> int:
    """Return how many takes are drawn one after the other, as the connection's concurrency allows."""
    if offer.engine.is_local:
        return takes
    own = offer.connection.concurrency if offer.connection else None
    return math.ceil(takes / (own or offer.engine.traits.concurrency))


def build_picker(
    story: Story, scenes: Sequence[Scene], offers: list[Offer], chosen: Engine, *, one: bool = False
) -> dict:
    """Return the ``rows`` of all usable providers, the ``chosen`` row with its ``models``, and the ``unconnected``."""
    rows = []
    for offer in offers:
        is_chosen = offer.engine.slug == chosen[0]
        if offer.is_ready and get_models(offer.engine, story):
            model = chosen[1] if is_chosen else get_default_model(offer)
            row = build_row(story, scenes, offers, (offer.engine.slug, model), is_chosen=is_chosen, one=one)
            rows += [row] if row else []
    found = next((row for row in rows if row.is_chosen), None)
    models = [model for model in get_models(found.offer.engine, story) if not model.is_retired] if found else []
    return {
        "rows": sorted(rows, key=lambda row: (row.is_draft, not row.is_chosen)),
        "chosen": found,
        "models": models,
        "unconnected": [offer for offer in offers if not offer.is_ready],
    }


def build_final_row(story: Story, scenes: Sequence[Scene], by, connections=None) -> PickerRow | None:
    """Return the row of the provider that is offered first for final takes; None if only drafts can be drawn."""
    offers = list_offers(story, by, connections) if scenes else []
    engine = choose_engine(story, scenes, offers, list_engines(story, offers, by)) if offers else ("", "")
    offer = next((offer for offer in offers if offer.engine.slug == engine[0] and offer.is_ready), None)
    if offer is None or engine[0] == ANIMATIC:
        return None
    row = build_row(story, scenes, offers, engine, is_chosen=True)
    if row and not offer.is_own:
        row.after = Spender(story.workspace, by, story_id=story.pk).describe_after_sum(row.totals)
    return row


def get_default_model(offer: Offer) -> str:
    return offer.connection.default_model if offer.connection else ""


def clean_engine(slug: str, model: str, story: Story) -> Engine | None:
    """Return the provider and its model by their names in a form; a model of another provider counts as the default."""
    engine = providers().get(slug)
    if engine is None:
        return None
    return (slug, model) if find_model(engine, model, story) else (slug, "")
