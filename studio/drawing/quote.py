"""The sheet before any spending: which scenes would be drawn, what each costs, what stands in the way."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial

from django.utils.translation import gettext as _

from accounts.billing import ledger
from generation.models import Clip
from studio.drawing.clip_request import engine_of, looked_at, with_cast
from studio.drawing.consent import CONNECTION, FINISHED_TAKES, NEWEST_TAKE, connection_for, mark_of, terms_of
from studio.drawing.continuity import BEGINNINGS, ON_ITS_OWN, Start, finals_of, start_of
from studio.drawing.providers import connected
from studio.drawing.takes import chosen_in, had_by, has_failed, is_missing, shots_of, takes_newest_first
from studio.models import Character, Scene, Shot, Story, Take

WHICH = ("one", "all", "missing", "failed", "stale")


@dataclass
class Row:
    """``reasons`` say why it cannot be drawn, ``notes`` what is good to know of one that can; ``is_beyond`` that the
    cap ends before it. ``had`` are the final takes that it has already, ``terms`` what a yes is about beside
    the price, ``start`` what it goes on from."""

    scene: Scene
    price: int = 0
    currency: str = "USD"
    seconds: float = 0
    reasons: list[str] = field(default_factory=list)
    follows: bool = False
    is_beyond: bool = False
    price_is_known: bool = True
    had: list[tuple] = field(default_factory=list)
    terms: dict = field(default_factory=dict)
    start: Start = ON_ITS_OWN

    @property
    def begins(self) -> str:
        """What is good to know of its beginning, a name in BEGINNINGS, if anything."""
        if self.follows and not self.start.is_frame:
            return "anew"
        return "off_its_frame" if self.start.is_frame and self.scene.first_frame_id else ""

    @property
    def notes(self) -> list[str]:
        return [str(BEGINNINGS[self.begins])] if self.begins else []

    @property
    def agreed(self) -> int | None:
        """The price that a yes to it means; None where nobody can say it."""
        return self.price if self.price_is_known else None

    @property
    def kept_terms(self) -> dict:
        """What a shot stores of the consent; nothing for an animatic."""
        finished = [pk for pk, _job, is_ready, _is_deleted in self.had if is_ready]
        newest = self.had[-1][0] if self.had else 0
        return self.terms and self.terms | {FINISHED_TAKES: finished, NEWEST_TAKE: newest}

    @property
    def is_in(self) -> bool:
        return not self.reasons and not self.is_beyond


@dataclass
class Sheet:
    rows: list[Row]
    caps: dict[str, int]

    @property
    def shots(self) -> list[Row]:
        return [row for row in self.rows if row.is_in]

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
    def has_followers(self) -> bool:
        """Some scene goes on from the one before: what to do without that one is the creator's choice."""
        return any(row.follows for row in self.rows)

    @property
    def price_is_known(self) -> bool:
        return all(row.price_is_known for row in self.shots)

    @property
    def mark(self) -> str:
        """What a confirmation sends back."""
        return mark_of(self.shots)


def scenes_with_all(story: Story, **only) -> list[Scene]:
    """The story's scenes in order (or those that ``only`` picks), with what a wish for a clip is made of."""
    rows = Scene.objects.filter(story=story, **only).shown().in_order()
    rows = rows.select_related("picture", "first_frame", "last_frame")
    found = list(with_cast(rows).prefetch_related("characters__pictures__picture"))
    for each in found:
        each.story = story
    return found


@dataclass
class _Table:
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
    had: dict
    connection_for: Callable[[str, str], str]
    coming: set = field(default_factory=set)
    spent: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)


def lay(
    story: Story, *, by, which: str, mode: str, on_failure: str = "", scene=None, caps=None, character=None
) -> Sheet:
    """The sheet for ``which`` of the story's scenes; ``scene`` is the one. ``caps``: currency → most millionths.
    ``by`` is whose accounts at providers count; ``character`` keeps it to the scenes that it appears in."""
    scenes = scenes_with_all(story)
    wanted = _wanted(scenes, which, scene, character)
    if character is not None:
        wanted &= {each.pk for each in scenes if character in each.characters.all()}
    busy, coming = in_the_making(story, Take.Purpose.FINAL), coming_in(story)
    stops = (on_failure or story.on_failure) == Story.OnFailure.STOP
    there = connected(story.workspace, by)
    through = cache(partial(connection_for, by, story.workspace))  # asked for once for all its scenes
    table = _Table(
        mode, stops, there, dict(caps or {}), busy, _thrown(busy), finals_of(story), had_by(wanted), through, coming
    )
    rows = [_row(each, scenes[:n], table) for n, each in enumerate(scenes) if each.pk in wanted]
    return Sheet(rows, table.caps)


def _row(scene: Scene, earlier: list[Scene], table: _Table) -> Row:
    row = Row(scene, reasons=_own_reasons(scene, table) or _not_connected(scene, table.there))
    row.had = table.had.get(scene.pk, [])
    if row.reasons:
        return row
    row.follows = is_following(scene, table.mode, Take.Purpose.FINAL)
    start = row.start = _start(earlier, table) if row.follows else ON_ITS_OWN
    continues = start.is_frame or start.is_missing
    estimate, row.reasons = looked_at(scene, purpose=Take.Purpose.FINAL, continues=continues, before=start.clip)
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
    _count(row, table)
    return row


def _terms(row: Row, table: _Table) -> dict:
    terms = terms_of(row.scene, follows=row.follows, connection="", price_is_known=row.price_is_known)
    return terms | {CONNECTION: table.connection_for(terms["provider"], terms["model"])}


def _start(earlier: list[Scene], table: _Table) -> Start:
    return start_of(reversed(earlier), finals=table.finals, coming=table.coming, stops=table.stops)


def _count(row: Row, table: _Table) -> None:
    """Within the cap, or beyond it: then everything after it that costs something is too."""
    spent = table.spent.get(row.currency, 0) + row.price
    is_over = row.currency in table.caps and spent > table.caps[row.currency]
    row.is_beyond = is_over or bool(row.price and row.currency in table.ended)
    if row.is_beyond:
        table.ended.add(row.currency)
        return
    table.spent[row.currency] = spent
    table.coming.add(row.scene.pk)


def _own_reasons(scene: Scene, table: _Table) -> list[str]:
    if scene.pk in table.thrown:
        return [_("A take of this scene that is in the trash is still being drawn.")]
    if scene.pk in table.busy:
        return [_("This scene is already being drawn.")]
    if scene.is_locked:
        return [_("This scene is locked.")]
    if not scene.has_words:
        return [_("This scene is empty.")]
    return []


def _not_connected(scene: Scene, there: set[str]) -> list[str]:
    engine, _model = engine_of(scene, Take.Purpose.FINAL)
    if engine is None or engine.is_local or engine.slug in there:
        return []
    return [_("%(provider)s is not connected. Add its key under Connections.") % {"provider": engine.label}]


def is_following(scene: Scene, mode: str, purpose: str) -> bool:
    """Whether the scene starts on the last frame of the one before it. Animatics are drawn on their own, at once."""
    if purpose == Take.Purpose.ANIMATIC or scene.position == 1:
        return False
    return scene.follows or mode == Story.Mode.COHERENT


def _wanted(scenes: list[Scene], which: str, scene, character) -> set:
    if which == "one":
        return {scene.pk}
    if which == "all":
        return {each.pk for each in scenes}
    takes = takes_newest_first(scenes).filter(purpose=Take.Purpose.FINAL)
    if which == "stale":  # final takes that show somebody as they looked before
        shown = [take.pk for take in chosen_in(scenes).values() if take]
        stale = out_of_date(takes, character).filter(pk__in=shown)
        return set(stale.values_list("scene_id", flat=True))
    finals = defaultdict(list)
    for take in takes:
        finals[take.scene_id].append(take)
    if which == "missing":
        return {each.pk for each in scenes if is_missing(finals[each.pk])}
    _waiting, refused = shots_of(scenes)
    return {each.pk for each in scenes if has_failed(finals[each.pk], refused.get(each.pk))}


def out_of_date(takes, character: Character | None = None):
    """Those of ``takes`` that show somebody, or this character, as they looked before. One that shows two who have
    changed counts for each of them, and is drawn anew for both at once."""
    stale = takes.exclude(stale_since=None)
    if character is None:
        return stale
    changed = character.looks_changed_at
    return stale.filter(created_at__lt=changed) if changed else stale.none()


def in_the_making(story: Story, purpose: str) -> set:
    """Scenes that have been asked for and are neither done nor given up; also with what goes on in the bin, where it
    may be too late to stop it before it is paid."""
    return {scene for scene, _thrown_at in _going(story, purpose)}


def coming_in(story: Story) -> set:
    """Those of them with a final take on its way that people will see: no scene goes on from what lies in the bin."""
    return {scene for scene, thrown_at in _going(story, Take.Purpose.FINAL) if thrown_at is None}


def _going(story: Story, purpose: str) -> list[tuple]:
    """(scene id, when what goes on there was thrown into the bin) for each take and shot that has not ended."""
    takes = Take.objects.filter(scene__story=story, purpose=purpose, clip__in=Clip.objects.unfinished())
    shots = Shot.objects.filter(run__story=story, run__purpose=purpose, state__in=Shot.OPEN)
    shots = shots.exclude(state=Shot.State.ASKED, clip=None)  # its clip was removed for good
    return [each for rows in (takes, shots) for each in rows.values_list("scene_id", "clip__deleted_at")]


def _thrown(busy: set) -> set:
    """Those of these scenes a final take of which goes on in the bin: nobody sees there that it does."""
    rows = Take.objects.filter(scene__in=busy, purpose=Take.Purpose.FINAL).exclude(clip__deleted_at=None)
    return set(rows.filter(clip__in=Clip.objects.unfinished()).values_list("scene_id", flat=True)) if busy else set()


def purse(story: Story, sheet: Sheet) -> dict[str, int]:
    """currency → what is left to spend, only where it is less than the total."""
    left = {currency: ledger.get_balance(story.workspace, currency) for currency in sheet.totals}
    return {name: left[name] for name, total in sheet.totals.items() if left[name] is not None and left[name] < total}
