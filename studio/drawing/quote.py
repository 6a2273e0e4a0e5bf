"""Build the quote before a run: which scenes would be drawn, their prices, and why others cannot be drawn."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from django.conf import settings
from django.db.models import Value
from django.utils.translation import gettext as _

from accounts.billing.exchange import RateUnknown, convert
from accounts.billing.money import money
from accounts.billing.refusals import CREDIT
from accounts.billing.spender import Spender
from generation.models import Clip
from generation.offers.durations import get_usual_seconds
from generation.providers.base import Estimate
from generation.providers.models import Connection
from studio.drawing.clip_request import estimate_take, get_provider, get_purpose
from studio.drawing.coherence import list_continuous
from studio.drawing.consent import (
    CONNECTION,
    FINISHED_TAKES,
    find_site_connections,
    get_connection_id,
    get_mark,
    get_terms,
)
from studio.drawing.continuity import NO_START, START_NOTES, Start, find_start, get_final_clips
from studio.models import Scene, Shot, Story, Take
from studio.scenes.providers import connected_providers
from studio.timeline.scenes import load_scenes
from studio.timeline.takes import (
    NEWEST_TAKE,
    filter_stale,
    get_existing_takes,
    get_shots,
    get_shown_takes,
    has_failed,
    is_missing,
    list_takes,
)

SELECTIONS = ("one", "all", "missing", "failed", "stale")


@dataclass
class QuoteRow:
    """One scene of a quote.

    ``price``: millionths of ``currency``. ``seconds``: how long drawing usually takes. ``reasons``: why the scene
    cannot be drawn. ``is_blocked``: no provider can draw it, because of the scene itself. ``follows``: it is to start
    on the last frame of another scene, ``start``. ``is_over_cap``: the spending limit is reached before it.
    ``existing_takes``: its final takes, including those in the trash. ``terms``: what is confirmed besides the price.
    """

    scene: Scene
    price: int = 0
    currency: str = "USD"
    seconds: float = 0
    reasons: list[str] = field(default_factory=list)
    follows: bool = False
    is_over_cap: bool = False
    price_is_known: bool = True
    is_blocked: bool = False
    existing_takes: list[tuple] = field(default_factory=list)
    terms: dict = field(default_factory=dict)
    start: Start = NO_START

    @property
    def start_note(self) -> str:
        """Return the key in START_NOTES of the note about the scene's start, "" for none."""
        if self.follows and not self.start.is_frame:
            return "new_start"
        return "other_frame" if self.start.is_frame and self.scene.first_frame_id else ""

    @property
    def notes(self) -> list[str]:
        return [str(START_NOTES[self.start_note])] if self.start_note else []

    @property
    def confirmed_price(self) -> int | None:
        """Return the price to which a confirmation consents; None if it is unknown."""
        return self.price if self.price_is_known else None

    @property
    def shot_terms(self) -> dict:
        """Return the terms that a shot stores, with the existing takes; {} for an animatic."""
        finished = [pk for pk, _job, is_ready, _is_deleted in self.existing_takes if is_ready]
        newest = self.existing_takes[-1][0] if self.existing_takes else 0
        return self.terms and self.terms | {FINISHED_TAKES: finished, NEWEST_TAKE: newest}

    @property
    def is_included(self) -> bool:
        return not self.reasons and not self.is_over_cap


@dataclass
class Quote:
    rows: list[QuoteRow]
    caps: dict[str, int]

    @property
    def shots(self) -> list[QuoteRow]:
        return [row for row in self.rows if row.is_included]

    @property
    def totals(self) -> dict[str, int]:
        """Return currency → total price in millionths, without currencies in which everything is free."""
        totals: dict[str, int] = {}
        for row in self.shots:
            if row.price:
                totals[row.currency] = totals.get(row.currency, 0) + row.price
        return totals

    @property
    def seconds(self) -> float:
        return sum(row.seconds for row in self.shots)

    @property
    def is_draft(self) -> bool:
        """Return whether all scenes that would be drawn become drafts."""
        purposes = {get_purpose(row.scene, Take.Purpose.FINAL) for row in self.shots}
        return purposes == {Take.Purpose.ANIMATIC}

    @property
    def has_continued_scenes(self) -> bool:
        return any(row.follows for row in self.rows)

    @property
    def price_is_known(self) -> bool:
        return all(row.price_is_known for row in self.shots)

    @property
    def unpriced_models(self) -> list[tuple[str, str]]:
        """Return (provider, model) of each model in it whose price is not known."""
        return sorted({(row.terms["provider"], row.terms["model"]) for row in self.shots if not row.price_is_known})

    def find_connection(self, provider: str, model: str) -> Connection | None:
        """Return the connection through which the quote would use the model."""
        ids = {
            row.terms[CONNECTION]
            for row in self.shots
            if (row.terms["provider"], row.terms["model"]) == (provider, model)
        }
        return Connection.objects.filter(pk__in=ids - {""}).first()

    @property
    def mark(self) -> str:
        """Return the digest of the quote that a confirmation must send back."""
        return get_mark(self.shots)


@dataclass
class _QuoteState:
    """The values from which the rows of a quote are built, and its running totals.

    ``busy``: scenes of which a final take is being drawn. ``busy_drafts``: those of which a draft is.
    ``busy_in_trash``: those of ``busy`` whose take is in the trash. ``finals``: scene id → final clip. ``pending``:
    scenes that are being drawn, or are in the quote so far. ``exhausted``: currencies whose cap was reached; no later
    scene is drawn in them, even if it costs less.
    """

    mode: str
    stops: bool
    connected: set[str]
    caps: dict[str, int]
    busy: set
    busy_drafts: set
    busy_in_trash: set
    finals: dict
    existing_takes: dict
    connection_for: Callable[[str, str], str]
    pending: set = field(default_factory=set)
    spent: dict[str, int] = field(default_factory=dict)
    exhausted: set[str] = field(default_factory=set)


def build_quote(
    story: Story,
    *,
    by,
    which: str,
    mode: str,
    on_failure: str = "",
    scene=None,
    caps=None,
    character=None,
    engine=None,
    connected: set[str] | None = None,
) -> Quote:
    """Build the quote for a selection of the story's scenes.

    ``engine``: provider and model that are not stored yet; of the scene if ``which`` is "one", else of the story.

    ``which``: one of SELECTIONS; ``scene``: the scene for "one". ``character``: only scenes with this character.
    ``caps``: currency → maximum total in millionths. ``by``: the user whose connections are used.
    ``connected``: the providers of these, if they are known.
    """
    scenes = load_scenes(story)
    wanted = _select_scenes(scenes, which, scene, character)
    if engine:
        _apply_engine(engine, [row for row in scenes if row.pk in wanted] if which == "one" else [story])
    if character is not None:
        wanted &= {scene.pk for scene in scenes if character in scene.characters.all()}
    rows = [row for row in scenes if row.pk in wanted]
    has_drafts = any(get_purpose(row, Take.Purpose.FINAL) == Take.Purpose.ANIMATIC for row in rows)
    unfinished = _list_unfinished(story, Take.Purpose.FINAL)
    stops = (on_failure or story.on_failure) == Story.OnFailure.STOP
    connected = connected_providers(story.workspace, by) if connected is None else connected
    find_connection = cache(partial(get_connection_id, by, story.workspace))
    state = _QuoteState(
        mode,
        stops,
        connected,
        dict(caps or {}),
        {scene for scene, _is_take, _trashed_at in unfinished},
        get_busy_scenes(story, Take.Purpose.ANIMATIC) if has_drafts else set(),
        {scene for scene, is_take, trashed_at in unfinished if is_take and trashed_at},
        get_final_clips(story),
        get_existing_takes(wanted),
        find_connection,
        _get_pending(unfinished),
    )
    rows = [_build_row(scene, scenes[:n], state) for n, scene in enumerate(scenes) if scene.pk in wanted]
    return Quote(rows, state.caps)


def _apply_engine(engine: tuple[str, str], rows: Sequence[Scene | Story]) -> None:
    for row in rows:
        row.provider, row.model = engine


def _build_row(scene: Scene, earlier: list[Scene], state: _QuoteState) -> QuoteRow:
    row = QuoteRow(scene, reasons=_find_scene_reasons(scene, state))
    row.is_blocked = bool(row.reasons)
    row.reasons = row.reasons or _find_connection_reasons(scene, state.connected)
    row.existing_takes = state.existing_takes.get(scene.pk, [])
    if row.reasons:
        return row
    continued = list_continued(scene, state.mode, Take.Purpose.FINAL, earlier)
    row.follows = bool(continued)
    start = row.start = _find_start(continued, state)
    continues = start.is_frame or start.is_missing
    estimate, row.reasons = estimate_take(scene, purpose=Take.Purpose.FINAL, continues=continues, before=start.clip)
    if estimate is None:
        return row
    row.price, row.currency = estimate.price, estimate.currency
    row.seconds = _get_usual_seconds(scene, estimate)
    row.price_is_known = getattr(estimate, "is_known", True)
    if state.caps and not row.price_is_known:
        row.reasons = [_("The price is not known, so your spending limit cannot be applied.")]
        return row
    if start.is_missing and not (row.price and row.currency in state.exhausted):
        row.reasons = [
            _("The previous scene has no final take to start from. Draw that one first, or continue without it.")
        ]
        return row
    row.terms = _build_terms(row, state)
    _apply_cap(row, state)
    return row


def _get_usual_seconds(scene: Scene, estimate: Estimate) -> float:
    engine, capability = get_provider(scene, Take.Purpose.FINAL)
    return get_usual_seconds(engine, capability.model, estimate)


def _build_terms(row: QuoteRow, state: _QuoteState) -> dict:
    terms = get_terms(row.scene, follows=row.follows, connection="", price_is_known=row.price_is_known)
    return terms | {CONNECTION: state.connection_for(terms["provider"], terms["model"])}


def _find_start(continued: list[Scene], state: _QuoteState) -> Start:
    return find_start(continued, finals=state.finals, pending=state.pending, stops=state.stops)


def _apply_cap(row: QuoteRow, state: _QuoteState) -> None:
    """Add the row's price to the total of its currency, or mark the row as over the cap.

    After the first such row, all rows that cost money in that currency are over the cap.
    """
    spent = state.spent.get(row.currency, 0) + row.price
    is_over = row.currency in state.caps and spent > state.caps[row.currency]
    row.is_over_cap = is_over or bool(row.price and row.currency in state.exhausted)
    if row.is_over_cap:
        state.exhausted.add(row.currency)
        return
    state.spent[row.currency] = spent
    state.pending.add(row.scene.pk)


def _find_scene_reasons(scene: Scene, state: _QuoteState) -> list[str]:
    if scene.pk in state.busy_in_trash:
        return [_("A take of this scene that is in the trash is still being drawn.")]
    is_draft = get_purpose(scene, Take.Purpose.FINAL) == Take.Purpose.ANIMATIC
    if scene.pk in state.busy or (is_draft and scene.pk in state.busy_drafts):
        return [_("This scene is already being drawn.")]
    if scene.is_locked:
        return [_("This scene is locked.")]
    if not scene.has_content:
        return [_("This scene is empty.")]
    return []


def _find_connection_reasons(scene: Scene, connected: set[str]) -> list[str]:
    engine, _model = get_provider(scene, Take.Purpose.FINAL)
    if engine is None or engine.is_local or engine.slug in connected:
        return []
    return [_("%(provider)s is not connected. Add its key under Connections.") % {"provider": engine.label}]


def list_continued(scene: Scene, mode: str, purpose: str, earlier: Sequence[Scene]) -> list[Scene]:
    """Return the scenes on whose last frame the scene may start, nearest first; none if it starts on its own.

    ``earlier``: the scenes before it, in order, with their characters. Drafts start on their own, and in a coherent run
    each scene at another place or with other people, unless its author chose that it follows.
    """
    if scene.position == 1 or get_purpose(scene, purpose) == Take.Purpose.ANIMATIC:
        return []
    if scene.follows:
        return list(reversed(earlier))
    return list_continuous(scene, earlier) if mode == Story.Mode.COHERENT else []


def _select_scenes(scenes: list[Scene], which: str, scene, character) -> set:
    if which == "one":
        return {scene.pk}
    if which == "all":
        return {scene.pk for scene in scenes}
    takes = list_takes(scenes).filter(purpose=Take.Purpose.FINAL)
    if which == "stale":  # scenes whose final take shows an earlier look
        shown = [take.pk for take in get_shown_takes(scenes).values() if take]
        stale = filter_stale(takes, character).filter(pk__in=shown)
        return set(stale.values_list("scene_id", flat=True))
    finals = defaultdict(list)
    for take in takes:
        finals[take.scene_id].append(take)
    if which == "missing":
        return {scene.pk for scene in scenes if is_missing(finals[scene.pk])}
    _waiting, refused = get_shots(scenes)
    return {scene.pk for scene in scenes if has_failed(finals[scene.pk], refused.get(scene.pk))}


def get_busy_scenes(story: Story, purpose: str) -> set:
    """Return the ids of scenes that are being drawn, including those whose unfinished take is in the trash."""
    return {scene for scene, _is_take, _trashed_at in _list_unfinished(story, purpose)}


def get_pending_scenes(story: Story) -> set:
    """Return the ids of scenes whose final take is being drawn, without takes in the trash, which are not continued."""
    return _get_pending(_list_unfinished(story, Take.Purpose.FINAL))


def _get_pending(unfinished: list[tuple]) -> set:
    return {scene for scene, _is_take, trashed_at in unfinished if trashed_at is None}


def _list_unfinished(story: Story, purpose: str) -> list[tuple]:
    """Return (scene id, is a take, when the clip was moved to the trash or None) for each unfinished take and shot."""
    takes = Take.objects.filter(scene__story=story, purpose=purpose, clip__in=Clip.objects.unfinished())
    shots = Shot.objects.filter(run__story=story, run__purpose=purpose, state__in=Shot.OPEN)
    shots = shots.exclude(state=Shot.State.SUBMITTED, clip=None)  # its clip was deleted permanently
    rows = [
        found.order_by().values_list("scene_id", Value(is_take), "clip__deleted_at")
        for found, is_take in ((takes, 1), (shots, 0))
    ]
    return list(rows[0].union(rows[1], all=True))


def describe_spending(story: Story, quote: Quote, by) -> dict[str, str]:
    """Return ``shortfall``: why the balance or a cap cannot pay for what the site would pay of the quote, ``lacks``:
    CREDIT if that is the balance, and ``after``: what the quote leaves. Each is "" if it does not apply.

    Scenes that users' own accounts pay for need nothing of it.
    """
    spender, spending = Spender(story.workspace, by, story_id=story.pk), {"shortfall": "", "lacks": "", "after": ""}
    if not quote.totals or spender.spendable is None:
        return spending
    paying = find_site_connections()
    totals: dict[str, int] = {}
    for row in quote.shots:
        if row.terms.get(CONNECTION, "") in paying:
            totals[row.currency] = totals.get(row.currency, 0) + row.price
    try:
        needed = sum(convert(total, currency).amount for currency, total in totals.items())
    except RateUnknown as refusal:
        return spending | {"shortfall": str(refusal)}
    if needed <= spender.spendable.left:
        return spending | {"after": spender.describe_after(needed, settings.SITE_CURRENCY)}
    left = {"left": money(spender.spendable.left, settings.SITE_CURRENCY)}
    shortfall = _("Only %(left)s is left. Draw fewer scenes, or set a lower limit.") % left
    return spending | {"shortfall": shortfall, "lacks": "" if spender.spendable.use else CREDIT}
