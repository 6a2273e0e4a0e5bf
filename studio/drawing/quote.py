"""The sheet before any spending: which scenes would be drawn, what each costs, what stands in the way."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial

from django.utils.translation import gettext as _

from accounts.billing import ledger
from generation.models import Clip
from studio.drawing.clip_request import estimate_take, get_provider, prefetch_cast
from studio.drawing.consent import CONNECTION, FINISHED_TAKES, NEWEST_TAKE, get_connection_id, get_mark, get_terms
from studio.drawing.continuity import NO_START, START_NOTES, Start, find_start, get_final_clips
from studio.drawing.providers import connected_providers
from studio.drawing.takes import get_existing_takes, get_shots, get_shown_takes, has_failed, is_missing, list_takes
from studio.models import Character, Scene, Shot, Story, Take

SELECTIONS = ("one", "all", "missing", "failed", "stale")


@dataclass
class QuoteRow:
    """``reasons`` say why it cannot be drawn, ``notes`` what is good to know of one that can; ``is_beyond`` that the
    cap ends before it. ``had`` are the final takes that it has already, ``terms`` what a yes is about beside
    the price, ``start`` what it goes on from."""

    scene: Scene
    price: int = 0
    currency: str = "USD"
    seconds: float = 0
    reasons: list[str] = field(default_factory=list)
    follows: bool = False
    is_over_cap: bool = False
    price_is_known: bool = True
    existing_takes: list[tuple] = field(default_factory=list)
    terms: dict = field(default_factory=dict)
    start: Start = NO_START

    @property
    def start_note(self) -> str:
        """What is good to know of its beginning, a name in BEGINNINGS, if anything."""
        if self.follows and not self.start.is_frame:
            return "new_start"
        return "other_frame" if self.start.is_frame and self.scene.first_frame_id else ""

    @property
    def notes(self) -> list[str]:
        return [str(START_NOTES[self.start_note])] if self.start_note else []

    @property
    def confirmed_price(self) -> int | None:
        """The price that a yes to it means; None where nobody can say it."""
        return self.price if self.price_is_known else None

    @property
    def shot_terms(self) -> dict:
        """What a shot stores of the consent; nothing for an animatic."""
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
        """currency → millionths for what would be drawn; currencies in which everything is free are left out."""
        totals: dict[str, int] = {}
        for row in self.shots:
            if row.price:
                totals[row.currency] = totals.get(row.currency, 0) + row.price
        return totals

    @property
    def seconds(self) -> float:
        return sum(row.seconds for row in self.shots)

    @property
    def has_continued_scenes(self) -> bool:
        """Some scene goes on from the one before: what to do without that one is the creator's choice."""
        return any(row.follows for row in self.rows)

    @property
    def price_is_known(self) -> bool:
        return all(row.price_is_known for row in self.shots)

    @property
    def mark(self) -> str:
        """What a confirmation sends back."""
        return get_mark(self.shots)


def load_scenes(story: Story, **only) -> list[Scene]:
    """The story's scenes in order (or those that ``only`` picks), with what a wish for a clip is made of."""
    rows = Scene.objects.filter(story=story, **only).shown().in_order()
    rows = rows.select_related("picture", "first_frame", "last_frame")
    found = list(prefetch_cast(rows).prefetch_related("characters__pictures__picture"))
    for each in found:
        each.story = story
    return found


@dataclass
class _QuoteState:
    """What rows are laid on. ``thrown`` are the busy scenes with something that goes on in the bin, ``coming`` those
    of which people will see something that is or will be drawn, ``spent`` what this sheet's cost together; ``ended``
    are the currencies whose cap was reached: the list ends there, also for what would cost less."""

    mode: str
    stops: bool
    there: set[str]
    caps: dict[str, int]
    busy: set
    thrown: set
    finals: dict
    existing_takes: dict
    connection_for: Callable[[str, str], str]
    coming: set = field(default_factory=set)
    spent: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)


def build_quote(
    story: Story, *, by, which: str, mode: str, on_failure: str = "", scene=None, caps=None, character=None
) -> Quote:
    """The sheet for ``which`` of the story's scenes; ``scene`` is the one. ``caps``: currency → most millionths.
    ``by`` is whose accounts at providers count; ``character`` keeps it to the scenes that it appears in."""
    scenes = load_scenes(story)
    wanted = _select_scenes(scenes, which, scene, character)
    if character is not None:
        wanted &= {each.pk for each in scenes if character in each.characters.all()}
    busy, coming = get_busy_scenes(story, Take.Purpose.FINAL), get_pending_scenes(story)
    stops = (on_failure or story.on_failure) == Story.OnFailure.STOP
    there = connected_providers(story.workspace, by)
    through = cache(partial(get_connection_id, by, story.workspace))  # asked for once for all its scenes
    table = _QuoteState(
        mode,
        stops,
        there,
        dict(caps or {}),
        busy,
        _busy_in_trash(busy),
        get_final_clips(story),
        get_existing_takes(wanted),
        through,
        coming,
    )
    rows = [_build_row(each, scenes[:n], table) for n, each in enumerate(scenes) if each.pk in wanted]
    return Quote(rows, table.caps)


def _build_row(scene: Scene, earlier: list[Scene], table: _QuoteState) -> QuoteRow:
    row = QuoteRow(scene, reasons=_scene_reasons(scene, table) or _connection_reasons(scene, table.there))
    row.existing_takes = table.existing_takes.get(scene.pk, [])
    if row.reasons:
        return row
    row.follows = is_continued(scene, table.mode, Take.Purpose.FINAL)
    start = row.start = _find_start(earlier, table) if row.follows else NO_START
    continues = start.is_frame or start.is_missing
    estimate, row.reasons = estimate_take(scene, purpose=Take.Purpose.FINAL, continues=continues, before=start.clip)
    if estimate is None:
        return row
    row.price, row.currency, row.seconds = estimate.price, estimate.currency, estimate.seconds
    row.price_is_known = getattr(estimate, "is_known", True)
    if table.caps and not row.price_is_known:
        row.reasons = [_("The price is not known, so your spending limit cannot be applied.")]
        return row
    if start.is_missing and not (row.price and row.currency in table.ended):
        row.reasons = [
            _("The previous scene has no final take to start from. Draw that one first, or continue without it.")
        ]
        return row
    row.terms = _terms(row, table)
    _apply_cap(row, table)
    return row


def _terms(row: QuoteRow, table: _QuoteState) -> dict:
    terms = get_terms(row.scene, follows=row.follows, connection="", price_is_known=row.price_is_known)
    return terms | {CONNECTION: table.connection_for(terms["provider"], terms["model"])}


def _find_start(earlier: list[Scene], table: _QuoteState) -> Start:
    return find_start(reversed(earlier), finals=table.finals, coming=table.coming, stops=table.stops)


def _apply_cap(row: QuoteRow, table: _QuoteState) -> None:
    """Within the cap, or beyond it: then everything after it that costs something is too."""
    spent = table.spent.get(row.currency, 0) + row.price
    is_over = row.currency in table.caps and spent > table.caps[row.currency]
    row.is_over_cap = is_over or bool(row.price and row.currency in table.ended)
    if row.is_over_cap:
        table.ended.add(row.currency)
        return
    table.spent[row.currency] = spent
    table.coming.add(row.scene.pk)


def _scene_reasons(scene: Scene, table: _QuoteState) -> list[str]:
    if scene.pk in table.thrown:
        return [_("A take of this scene that is in the trash is still being drawn.")]
    if scene.pk in table.busy:
        return [_("This scene is already being drawn.")]
    if scene.is_locked:
        return [_("This scene is locked.")]
    if not scene.has_words:
        return [_("This scene is empty.")]
    return []


def _connection_reasons(scene: Scene, there: set[str]) -> list[str]:
    engine, _model = get_provider(scene, Take.Purpose.FINAL)
    if engine is None or engine.is_local or engine.slug in there:
        return []
    return [_("%(provider)s is not connected. Add its key under Connections.") % {"provider": engine.label}]


def is_continued(scene: Scene, mode: str, purpose: str) -> bool:
    """Whether the scene starts on the last frame of the one before it. Animatics are drawn on their own, at once."""
    if purpose == Take.Purpose.ANIMATIC or scene.position == 1:
        return False
    return scene.follows or mode == Story.Mode.COHERENT


def _select_scenes(scenes: list[Scene], which: str, scene, character) -> set:
    if which == "one":
        return {scene.pk}
    if which == "all":
        return {each.pk for each in scenes}
    takes = list_takes(scenes).filter(purpose=Take.Purpose.FINAL)
    if which == "stale":  # final takes that show somebody as they looked before
        shown = [take.pk for take in get_shown_takes(scenes).values() if take]
        stale = filter_stale(takes, character).filter(pk__in=shown)
        return set(stale.values_list("scene_id", flat=True))
    finals = defaultdict(list)
    for take in takes:
        finals[take.scene_id].append(take)
    if which == "missing":
        return {each.pk for each in scenes if is_missing(finals[each.pk])}
    _waiting, refused = get_shots(scenes)
    return {each.pk for each in scenes if has_failed(finals[each.pk], refused.get(each.pk))}


def filter_stale(takes, character: Character | None = None):
    """Those of ``takes`` that show somebody, or this character, as they looked before. One that shows two who have
    changed counts for each of them, and is drawn anew for both at once."""
    stale = takes.exclude(stale_since=None)
    if character is None:
        return stale
    changed = character.looks_changed_at
    return stale.filter(created_at__lt=changed) if changed else stale.none()


def get_busy_scenes(story: Story, purpose: str) -> set:
    """Scenes that have been asked for and are neither done nor given up; also with what goes on in the bin, where it
    may be too late to stop it before it is paid."""
    return {scene for scene, _thrown_at in _unfinished(story, purpose)}


def get_pending_scenes(story: Story) -> set:
    """Those of them with a final take on its way that people will see: no scene goes on from what lies in the bin."""
    return {scene for scene, thrown_at in _unfinished(story, Take.Purpose.FINAL) if thrown_at is None}


def _unfinished(story: Story, purpose: str) -> list[tuple]:
    """(scene id, when what goes on there was thrown into the bin) for each take and shot that has not ended."""
    takes = Take.objects.filter(scene__story=story, purpose=purpose, clip__in=Clip.objects.unfinished())
    shots = Shot.objects.filter(run__story=story, run__purpose=purpose, state__in=Shot.OPEN)
    shots = shots.exclude(state=Shot.State.ASKED, clip=None)  # its clip was removed for good
    return [each for rows in (takes, shots) for each in rows.values_list("scene_id", "clip__deleted_at")]


def _busy_in_trash(busy: set) -> set:
    """Those of these scenes a final take of which goes on in the bin: nobody sees there that it does."""
    rows = Take.objects.filter(scene__in=busy, purpose=Take.Purpose.FINAL).exclude(clip__deleted_at=None)
    return set(rows.filter(clip__in=Clip.objects.unfinished()).values_list("scene_id", flat=True)) if busy else set()


def get_shortfall(story: Story, sheet: Quote) -> dict[str, int]:
    """currency → what is left to spend, only where it is less than the total."""
    left = {currency: ledger.get_balance(story.workspace, currency) for currency in sheet.totals}
    return {name: left[name] for name, total in sheet.totals.items() if left[name] is not None and left[name] < total}
