"""Plan the film of a story as it would be made now: what each scene shows, which transitions fit, what is missing."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from common.messages import build_message
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import ClipFile
from generation.providers.base import ClipRequest
from generation.providers.registry import clip_providers
from studio.films import messages as film_messages
from studio.models import FilmSettings, Scene, Story
from studio.render.errors import PlanRefused
from studio.render.fitting import Shortened, fit_joins
from studio.render.plan import Card, Format, Join, Piece, Plan, Shot
from studio.timeline.board import Panel, build_board, get_ruler_marks
from studio.timeline.film_settings import get_film_settings
from studio.timeline.scene_names import scene_name
from studio.timeline.scenes import prefetch_cast
from studio.timeline.transitions import get_wanted_join

CARD_COLOURS = {"dark": ("#101014", "#f4f1ea"), "light": ("#f4f1ea", "#1b1c20")}


@dataclass(frozen=True)
class Problem:
    """Why no film can be made now. ``remedy``: "animate", "write", "trim", "wait" or "music", the step that helps, or
    "".
    """

    code: str
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class Outdated:
    """A message about outdated scenes. ``remedy``: "animate", "quote", "board" or "wait", the step that helps."""

    message: str
    remedy: str


@dataclass
class FilmRow:
    """One scene or card of the film.

    ``place``: "scene", "title" or "end". ``panel``: the scene's panel, None for a title or end card. ``join``: the
    transition to the next row, None for the last row. ``wanted``: the frames that the user chose for ``join``.
    ``note``: why ``join`` is shorter than that. ``start``: the first frame in the film.
    """

    piece: Piece
    place: str = "scene"
    panel: Panel | None = None
    join: Join | None = None
    wanted: int = 0
    note: str = ""
    start: int = 0

    @property
    def name(self) -> str:
        if self.panel:
            return scene_name(self.panel.n)
        return build_message("title_card" if self.place == "title" else "end_card")

    @property
    def is_card(self) -> bool:
        return isinstance(self.piece, Card)

    @property
    def seconds(self) -> float:
        return max(0, self.piece.length) / MEZZANINE_FPS

    @property
    def own_frames(self) -> int:
        """Return how many frames after this row the next one begins, which is this row's width on the timeline."""
        return max(1, self.piece.length - (self.join.overlap if self.join else 0))

    @property
    def start_seconds(self) -> float:
        return self.start / MEZZANINE_FPS


@dataclass
class FilmPlan:
    """The film of a story as it would be made now. If there are no problems, ``render_plan`` can be merged."""

    story: Story
    settings: FilmSettings
    format: Format
    rows: list[FilmRow]
    problems: list[Problem] = field(default_factory=list)

    @property
    def scenes(self) -> list[FilmRow]:
        return [row for row in self.rows if row.panel]

    @property
    def joins(self) -> tuple[Join, ...]:
        return tuple(row.join for row in self.rows if row.join)

    @property
    def notes(self) -> list[str]:
        """Return messages about shortened transitions, replaced takes and empty scenes, which users may not expect."""
        found = [row.note for row in self.rows if row.note]
        trashed = [row.panel.n for row in self.scenes if row.panel.playing and row.panel.is_choice_in_trash]
        found += [film_messages.other_takes_message(trashed)] if trashed else []
        new = [row.panel.n for row in self.scenes if row.panel.hides_new_take]
        found += [film_messages.new_takes_message(new)] if new else []
        found += [film_messages.text_scenes_message(self.undrawn)] if self.undrawn else []
        return [*found, film_messages.empty_scenes_message(self.empty)] if self.empty else found

    @property
    def empty(self) -> list[int]:
        """Return the numbers of empty scenes, which show only a card with their number."""
        return [row.panel.n for row in self.scenes if row.is_card and not row.panel.scene.has_content]

    @property
    def undrawn(self) -> list[int]:
        """Return the numbers of scenes without a take, which show a card with their text."""
        return [row.panel.n for row in self.scenes if row.is_card and row.panel.scene.has_content]

    @property
    def finals(self) -> int:
        return sum(row.panel.is_final for row in self.scenes)

    @property
    def animatics(self) -> list[int]:
        """Return the numbers of scenes that show an animatic."""
        return [row.panel.n for row in self.scenes if row.panel.is_draft]

    @property
    def needs_drafts(self) -> bool:
        """Return whether a scene that shows its text could have a draft instead."""
        return any(row.panel.can_be_animated for row in self.scenes if row.is_card)

    @property
    def frames(self) -> int:
        return sum(max(0, row.piece.length) - (row.join.overlap if row.join else 0) for row in self.rows)

    @property
    def seconds(self) -> float:
        return self.frames / MEZZANINE_FPS

    @property
    def marks(self) -> list[dict]:
        return get_ruler_marks(self.frames)

    @cached_property
    def outdated(self) -> list[Outdated]:
        return find_outdated([row.panel for row in self.scenes])

    @property
    def is_waiting(self) -> bool:
        """Return whether the page should poll, because a take is being drawn or the music is being read."""
        is_being_drawn = any(row.panel.is_busy for row in self.scenes if row.is_card)
        remedies = {row.remedy for row in self.problems} | {row.remedy for row in self.outdated}
        return is_being_drawn or "wait" in remedies

    @cached_property
    def render_plan(self) -> Plan:
        """Return the film engine's plan, without paths of files, for calculations. Raises PlanRefused."""
        return Plan(self.format, tuple(row.piece for row in self.rows), self.joins)

    @property
    def is_ready(self) -> bool:
        return not self.problems


def get_format(story: Story, settings: FilmSettings) -> Format:
    """Return the format of the film, with the story's aspect ratio and the resolution in ``settings``."""
    return Format(*ClipRequest("", story.ratio, 1, settings.resolution, 0).size)


def build_film_plan(story: Story, settings: FilmSettings | None = None) -> FilmPlan:
    """Return the plan of the whole film, built in a constant number of queries."""
    settings = settings or get_film_settings(story)
    scenes = list(prefetch_cast(Scene.objects.filter(story=story).shown().in_order()))
    for scene in scenes:
        scene.story = story
    panels = build_board(story, scenes=scenes).panels
    film_plan = FilmPlan(story, settings, get_format(story, settings), _build_rows(panels, settings))
    _fit_transitions(film_plan)
    film_plan.problems = _find_problems(film_plan, panels)
    return film_plan


def _build_rows(panels: list[Panel], settings: FilmSettings) -> list[FilmRow]:
    is_any_drawn = any(panel.playing for panel in panels)  # no film is made of cards alone
    pieces = [
        _build_text_card(panel, settings) if is_any_drawn and not panel.playing else _build_shot(panel, settings)
        for panel in panels
    ]
    rows = [FilmRow(piece, panel=panel) for piece, panel in zip(pieces, panels, strict=True)]
    if not rows:
        return []
    if settings.title_text:
        rows.insert(0, FilmRow(_build_card(settings, "title"), "title"))
    if settings.end_text:
        rows.append(FilmRow(_build_card(settings, "end"), "end"))
    return rows


def _build_shot(panel: Panel, settings: FilmSettings) -> Shot:
    """Return the scene as a shot without the path of its file."""
    clip = panel.playing.clip if panel.playing else None
    file = clip.file(ClipFile.Kind.MEZZANINE) if clip else None
    engine = clip_providers().get(clip.provider) if clip else None
    is_ambient = bool(engine and engine.is_local)  # animatics have no dialogue
    scene = panel.scene
    return Shot(
        Path(),
        file.sha256 if file else "",
        clip.frames if clip else scene.seconds * MEZZANINE_FPS,
        trim_in=scene.trim_in,
        trim_out=scene.trim_out,
        sound=scene.sound if settings.has_scene_sound else Scene.Sound.MUTED,
        gain=float(scene.gain),
        fit=settings.fit,
        title=get_chapter_title(scene),
        is_ambient=is_ambient,
    )


def _is_blank(panel: Panel) -> bool:
    """Return whether the scene has no take and nothing from which one could be drawn."""
    return not (panel.playing or panel.is_busy or panel.scene.has_content)


def _build_text_card(panel: Panel, settings: FilmSettings) -> Card:
    """Return the card with the scene's number and text that is shown for a scene without a take."""
    name = scene_name(panel.n)
    return Card(name, get_chapter_title(panel.scene), panel.frames, *CARD_COLOURS[settings.paper], title=name)


def get_chapter_title(scene: Scene) -> str:
    """Return the beginning of the scene's prompt, line or place, as the name of its chapter."""
    return Truncator(" ".join((scene.prompt or scene.line or scene.place_name).split())).chars(80)


def _build_card(settings: FilmSettings, place: str) -> Card:
    paper, ink = CARD_COLOURS[settings.paper]
    text, subtitle, seconds = (getattr(settings, f"{place}_{part}") for part in ("text", "subtitle", "seconds"))
    return Card(text, subtitle, seconds * MEZZANINE_FPS, paper, ink, title=text)


def _fit_transitions(film_plan: FilmPlan) -> None:
    wanted = [_get_wanted_join(row, film_plan.settings) for row in film_plan.rows[:-1]]
    fitted, shortened = fit_joins([row.piece for row in film_plan.rows], wanted)
    at = 0
    for row, join in zip(film_plan.rows, [*fitted, None], strict=True) if film_plan.rows else ():
        row.start, row.join = at, join
        at += max(0, row.piece.length) - (join.overlap if join else 0)
    for row, join in zip(film_plan.rows, wanted, strict=False):
        row.wanted = join.frames
    for shortened_join in shortened:
        film_plan.rows[shortened_join.join].note = _format_shortened_note(shortened_join, film_plan.rows)


def _format_shortened_note(shortened_join: Shortened, rows: list[FilmRow]) -> str:
    return film_messages.shortened_message(shortened_join.wanted, shortened_join.given, rows[shortened_join.piece].name)


def _get_wanted_join(row: FilmRow, settings: FilmSettings) -> Join:
    kind, frames = settings.title_join, settings.title_join_frames
    if row.panel:
        kind, frames = row.panel.scene.join_kind, row.panel.scene.join_frames
    return get_wanted_join(kind, frames)


def _find_problems(film_plan: FilmPlan, panels: list[Panel]) -> list[Problem]:
    found = []
    is_any_drawn = any(panel.playing for panel in panels)
    idle = [] if is_any_drawn else panels
    busy = [panel.n for panel in idle if panel.is_busy]
    blank = [panel.n for panel in idle if _is_blank(panel)]
    rest = [panel.n for panel in idle if panel.n not in {*busy, *blank}]
    if busy:
        found.append(Problem("busy", film_messages.being_drawn_message(busy), "wait"))
    if blank:
        found.append(Problem("blank", film_messages.not_written_message(blank), "write"))
    if rest:
        found.append(Problem("not_drawn", film_messages.not_drawn_message(rest), "animate"))
    found += _find_clip_problems(film_plan) + _find_music_problems(film_plan.settings)
    return found or _find_plan_problems(film_plan)


def _find_clip_problems(film_plan: FilmPlan) -> list[Problem]:
    """Return a problem for each scene whose clip belongs to another workspace or has no file."""
    found = []
    for row in film_plan.scenes:
        clip = row.panel.playing.clip if row.panel.playing else None
        if clip and clip.workspace_id != film_plan.story.workspace_id:
            found.append(Problem("foreign", film_messages.refusal_message("foreign", where=row.name)))
        elif clip and not row.piece.sha256:
            found.append(Problem("missing", film_messages.refusal_message("missing", where=row.name)))
    return found


def _find_music_problems(settings: FilmSettings) -> list[Problem]:
    music = settings.music
    if music is None:
        return []
    if music.workspace_id != settings.story.workspace_id:
        return [Problem("foreign", film_messages.refusal_message("music"), "music")]
    if music.is_ready:
        return []
    if music.job and music.job.is_active:
        return [Problem("music_busy", _("The music is still being read. Make the film when it is ready."), "wait")]
    return [Problem("music", _("The music could not be read. Choose another track, or none."), "music")]


def _find_plan_problems(film_plan: FilmPlan) -> list[Problem]:
    try:
        film_plan.render_plan  # noqa: B018 - a plan that can be built can be merged
    except PlanRefused as refusal:
        where = film_plan.rows[refusal.piece].name if refusal.piece is not None and refusal.code != "empty" else ""
        remedy = "trim" if refusal.code in ("trimmed_away", "too_long_join", "joins") else ""
        return [Problem(refusal.code, film_messages.refusal_message(refusal.code, where=where), remedy)]
    return []


def find_outdated(panels: list[Panel]) -> list[Outdated]:
    """Return the outdated scenes, with one message for all scenes that have the same cause and the same remedy."""
    found: dict[tuple, list[int]] = {}
    for panel in panels:
        if panel.is_stale:
            found.setdefault((film_messages.earlier_look_message, _get_remedy(panel, "quote")), []).append(panel.n)
        elif panel.has_older_text:
            found.setdefault((film_messages.older_text_message, _get_remedy(panel, "board")), []).append(panel.n)
    return [Outdated(format_message(numbers), remedy) for (format_message, remedy), numbers in found.items()]


def _get_remedy(panel: Panel, otherwise: str) -> str:
    if panel.is_busy:
        return "wait"
    return "animate" if panel.can_be_animated else otherwise
