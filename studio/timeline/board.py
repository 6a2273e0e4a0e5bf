"""Build the storyboard: every scene with its takes, what it shows and its state, in a constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from uuid import UUID
from zlib import crc32

from django.db.models import Case, F, OuterRef, Subquery, UUIDField, When
from django.utils.translation import gettext as _

from generation.media import storage
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip, ClipFile, load_files
from generation.services.remedies import needs_edit
from jobs.estimates.times import add_times
from jobs.models import Job
from studio.models import Scene, Shot, Story, Take
from studio.timeline.scenes import get_recipe, load_shown_scenes
from studio.timeline.takes import get_failure, get_shots, get_shown_take, has_failed, is_missing, list_takes
from studio.timeline.transitions import CUT, Join, fit_transitions

RULER_STEPS = (1, 2, 3, 6, 12, 30, 60, 300)  # seconds between two marks
MAX_MARKS = 24
COVER_KINDS = (ClipFile.Kind.POSTER, ClipFile.Kind.PREVIEW)


@dataclass
class Panel:
    """One scene on the storyboard, with its takes.

    ``shot``: its waiting shot in a run, if any. ``refused``: its newest shot, if that ended without a clip. ``join``:
    the transition to the next scene, shortened to fit.
    """

    scene: Scene
    takes: list[Take] = field(default_factory=list)  # newest first, without those in the trash
    shot: Shot | None = None
    refused: Shot | None = None
    join: Join = CUT

    @property
    def n(self) -> int:
        return self.scene.position

    @property
    def key(self) -> str:
        """Return the beginning of the scene's id, which tells it from the others of its story."""
        return self.scene.pk.hex[:8]

    @cached_property
    def mark(self) -> str:
        """Return a digest of the rows that the panel shows, which pages send back to get the panels that changed."""
        takes = [(take.pk, take.clip.job.rev, take.stale_since, take.is_new) for take in self.takes]
        rows = (self.scene.rev, self.n, takes, self.shot and self.shot.pk, self.refused and self.refused.pk)
        return f"{crc32(repr((*rows, self.join, self.sketched and self.sketched.pk)).encode()):x}"

    @property
    def looks_like(self) -> str:
        """Return a text that changes with the panel's look on the storyboard while the scene is not being drawn."""
        names = [character.name for character in self.scene.characters.all()]
        outdated = (self.has_older_text, self.playing and self.playing.stale_characters)
        poster = self.playing.clip.file(ClipFile.Kind.POSTER) if self.playing else None
        link = storage.create_link(poster.key) if poster else ""  # a new one every few minutes
        return repr((self.scene.pk.hex, self.mark, names, outdated, link))

    @cached_property
    def playing(self) -> Take | None:
        """Return the take that the scene shows, None if none is ready.

        This is the chosen take or, while it is in the trash, the newest final one; otherwise the newest animatic, or
        the newest take.
        """
        ready = [take for take in self.takes if take.clip.is_ready]
        chosen = get_shown_take(self.scene, ready)
        animatic = next((take for take in ready if take.purpose == Take.Purpose.ANIMATIC), None)
        return chosen or animatic or next(iter(ready), None)

    @cached_property
    def is_final(self) -> bool:
        """Return whether the scene shows a final take that somebody chose."""
        return self.playing is not None and self.playing.is_final

    @cached_property
    def is_draft(self) -> bool:
        return self.playing is not None and self.playing.purpose == Take.Purpose.ANIMATIC

    @cached_property
    def new_take(self) -> Take | None:
        """Return the newest new take, which the scene shows only if it has no other; None if there is none."""
        return next((take for take in self.takes if take.is_new and take.clip.is_ready), None)

    @property
    def hides_new_take(self) -> bool:
        return self.new_take is not None and self.new_take != self.playing

    @cached_property
    def current_take(self) -> Take | None:
        """Return the newest unfinished take, a final one rather than an animatic; None if there is none."""
        busy = [take for take in self.takes if take.clip.job.is_active]
        return next((take for take in busy if take.purpose == Take.Purpose.FINAL), None) or next(iter(busy), None)

    @cached_property
    def finals(self) -> list[Take]:
        return [take for take in self.takes if take.purpose == Take.Purpose.FINAL]

    @cached_property
    def has_failed(self) -> bool:
        """Return whether the newest final take failed or was refused, and no final take is being drawn."""
        return not self.is_drawing_final and has_failed(self.finals, self.refused)

    @property
    def failure_reason(self) -> str:
        """Return why the newest final take failed or was refused; "" if it did not."""
        found = self._failure
        return found.reason if isinstance(found, Shot) else found.clip.job.error_public if found else ""

    @property
    def failed_job(self) -> Job | None:
        """Return the job of the newest final take if it failed."""
        found = self._failure
        return found.clip.job if isinstance(found, Take) else None

    @property
    def needs_edit(self) -> bool:
        """Return whether the provider refused the newest final take, so that it would refuse the same text again."""
        return self.failed_job is not None and needs_edit(self.failed_job)

    @cached_property
    def _failure(self) -> Take | Shot | None:
        return None if self.is_drawing_final else get_failure(self.finals, self.refused)

    @property
    def is_drawing_final(self) -> bool:
        is_waiting = self.shot is not None and self.shot.run.purpose == Take.Purpose.FINAL
        return is_waiting or (self.current_take is not None and self.current_take.purpose == Take.Purpose.FINAL)

    @cached_property
    def state(self) -> str:
        """Return the state of the scene: "draft", "wait", "work", "fail", "done", "animatic" or "new"."""
        if self.current_take:
            job = self.current_take.clip.job
            return "wait" if job.state == "queued" or job.waits_at_provider else "work"
        if self.shot:
            return "wait"
        if self.is_final:
            return "done"
        if self.has_failed:
            return "fail"
        if self.playing is None:
            return "draft"
        return "animatic" if self.is_draft else "new"

    @cached_property
    def sketched(self) -> Clip | None:
        """Return the draft whose frame the scene shows while it is drawn; None for a scene with a final take."""
        shows_final = self.playing is not None and not self.is_draft
        clip = self.current_take.clip if self.current_take and not shows_final else None
        return clip if clip and clip.file(ClipFile.Kind.SKETCH) else None

    @property
    def badge(self) -> str:
        """Return the badge on the scene's picture; "" for a final take."""
        if self.is_final:
            return ""
        if self.playing:
            return _("Draft") if self.is_draft else _("New take")
        if self.is_blocked:
            return _("Paused")
        if self.is_busy:
            return _("Being drawn")
        return _("Drawing failed") if self.has_failed else _("Not drawn yet")

    @property
    def is_choice_in_trash(self) -> bool:
        """Return whether the chosen take is in the trash."""
        return bool(self.scene.chosen_id) and all(take.pk != self.scene.chosen_id for take in self.takes)

    @property
    def is_busy(self) -> bool:
        return bool(self.current_take or self.shot)

    @property
    def is_blocked(self) -> bool:
        """Return whether the newest unfinished take waits until somebody does something."""
        return self.current_take is not None and self.current_take.clip.job.is_blocked

    @cached_property
    def has_older_text(self) -> bool:
        """Return whether the take that the scene shows was drawn from an older text."""
        take = self.playing
        return bool(take and take.recipe and take.recipe != get_recipe(self.scene, take.purpose))

    @property
    def is_stale(self) -> bool:
        """Return whether the take that the scene shows has an earlier look of a character."""
        return self.playing is not None and self.playing.is_stale

    @property
    def can_be_drawn(self) -> bool:
        """Return whether the scene can be drawn now, as a draft or a final take."""
        return self.scene.has_content and not self.scene.is_locked and not self.is_busy

    @cached_property
    def can_be_animated(self) -> bool:
        """Return whether draw_animatics would draw an animatic of the scene: it shows nothing, or an older text."""
        if self.is_busy or not self.scene.has_content:
            return False
        return self.playing is None or (
            self.is_draft and self.has_older_text and not self.scene.is_locked and not self._has_current_animatic
        )

    @property
    def _has_current_animatic(self) -> bool:
        now = get_recipe(self.scene, Take.Purpose.ANIMATIC)
        animatics = [take for take in self.takes if take.purpose == Take.Purpose.ANIMATIC and take.clip.is_ready]
        return any(take.recipe == now for take in animatics)

    @property
    def frames(self) -> int:
        """Return the length of the scene after trimming, in frames."""
        length = self.playing.clip.frames if self.playing else 0
        length = length or self.scene.seconds * MEZZANINE_FPS
        return max(1, length - self.scene.trim_in - self.scene.trim_out)

    @property
    def seconds(self) -> float:
        return self.frames / MEZZANINE_FPS

    @property
    def own_frames(self) -> int:
        """Return how many frames after this scene the next one begins, which is this scene's width on the timeline."""
        return max(1, self.frames - self.join.overlap)


@dataclass
class Board:
    story: Story
    panels: list[Panel]
    has_run: bool  # whether a run is active

    @property
    def frames(self) -> int:
        """Return the length of the whole story, with transitions, in frames."""
        return sum(panel.own_frames for panel in self.panels)

    @property
    def seconds(self) -> float:
        return self.frames / MEZZANINE_FPS

    @property
    def marks(self) -> list[dict]:
        return get_ruler_marks(self.frames)

    @property
    def has_lines(self) -> bool:
        return any(panel.scene.line for panel in self.panels)

    @cached_property
    def final_percent(self) -> int:
        """Return the percentage of the story's length that shows final takes."""
        total = sum(panel.frames for panel in self.panels)
        return 100 * sum(panel.frames for panel in self.panels if panel.is_final) // total if total else 0

    @property
    def finals(self) -> int:
        return sum(panel.is_final for panel in self.panels)

    @property
    def drawn(self) -> list[Panel]:
        """Return the scenes that show a take, of which a film can be made."""
        return [panel for panel in self.panels if panel.playing]

    @property
    def drafts(self) -> list[Panel]:
        """Return the scenes that show a draft."""
        return [panel for panel in self.drawn if panel.is_draft]

    @property
    def blank(self) -> list[Panel]:
        """Return the scenes that show no take, of which the reel shows the text."""
        return [panel for panel in self.panels if panel.playing is None]

    @property
    def missing(self) -> list[Panel]:
        """Return the scenes with content that have no finished final take, and none that is being drawn."""
        rows = [panel for panel in self.panels if panel.scene.has_content and not panel.is_drawing_final]
        return [panel for panel in rows if is_missing(panel.finals)]

    @property
    def with_new_takes(self) -> list[Panel]:
        """Return the scenes that have a new take and are not locked."""
        return [panel for panel in self.panels if panel.new_take and not panel.scene.is_locked]

    @property
    def failures(self) -> list[Panel]:
        return [panel for panel in self.panels if panel.has_failed]

    @property
    def animatable(self) -> list[Panel]:
        """Return the scenes for which draw_animatics would draw an animatic."""
        return [panel for panel in self.panels if panel.can_be_animated]

    @property
    def busy(self) -> list[Panel]:
        return [panel for panel in self.panels if panel.is_busy]

    @property
    def being_drawn(self) -> list[Panel]:
        return [panel for panel in self.busy if not panel.is_blocked]

    @property
    def is_busy(self) -> bool:
        return self.has_run or any(panel.is_busy for panel in self.panels)


def get_ruler_marks(frames: int) -> list[dict]:
    """Return the marks of the ruler above a timeline of ``frames`` frames: second, and frames to the next mark."""
    length = frames / MEZZANINE_FPS
    step = next((step for step in RULER_STEPS if length / step <= MAX_MARKS), RULER_STEPS[-1]) * MEZZANINE_FPS
    starts = range(0, frames, step)
    return [{"at": start // MEZZANINE_FPS, "length": min(step, frames - start)} for start in starts]


def build_board(story: Story, *, scenes=None) -> Board:
    """Return the board of the story; with ``scenes``, only the panels of these scenes, without transitions and runs."""
    rows = load_shown_scenes(story) if scenes is None else scenes
    takes = defaultdict(list)
    for take in load_takes(rows):
        takes[take.scene_id].append(take)
    waiting, refused = get_shots(rows)
    panels = [Panel(row, takes[row.pk], waiting.get(row.pk), refused.get(row.pk)) for row in rows]
    add_times([panel.current_take.clip.job for panel in panels if panel.current_take])
    if scenes is not None:
        return Board(story, panels, has_run=False)
    fit_transitions(panels)
    has_run = rows[0].has_active_run if rows else Job.objects.active().filter(run__story=story).exists()
    return Board(story, panels, has_run)


def build_panel(scene: Scene) -> Panel:
    """Return the panel of a scene, which may be in the trash."""
    scenes = load_shown_scenes(scene.story, pk=scene.pk) or [scene]
    return build_board(scene.story, scenes=scenes).panels[0]


def load_takes(scenes) -> list[Take]:
    """Return the takes of these scenes, newest first, loaded with clips, jobs and files."""
    takes = list(list_takes(scenes))
    load_files([take.clip for take in takes])
    return takes


def annotate_first_clip(stories):
    """Annotate stories with ``first_clip``: the id of the clip of the first scene that shows one, or None."""
    takes = Take.objects.filter(scene__story=OuterRef("pk"), scene__deleted_at=None).shown()
    rank = Case(
        When(scene__chosen=F("pk"), then=0),
        When(purpose=Take.Purpose.FINAL, is_new=False, scene__chosen__clip__deleted_at__isnull=False, then=1),
        When(purpose=Take.Purpose.ANIMATIC, then=2),
        default=3,
    )
    first = takes.exclude(clip__ready_at=None).order_by("scene__position", rank, "-pk")
    return stories.annotate(first_clip=Subquery(first.values("clip_id")[:1], output_field=UUIDField()))


@dataclass(frozen=True)
class Cover:
    """What the tile of a story shows of a clip."""

    clip_id: UUID
    colour: str
    poster: str = ""  # key of the file, "" if there is none
    preview: str = ""


def get_covers(stories) -> dict[UUID, Cover]:
    """Return story id → its cover, or its first clip. ``stories``: rows with ``first_clip``."""
    wanted = {story.pk: (story.cover_id, story.first_clip) for story in stories}
    covers = _read_covers([pk for pair in wanted.values() for pk in pair if pk])
    return {
        story: covers.get(cover) or covers[fallback]
        for story, (cover, fallback) in wanted.items()
        if {cover, fallback} & covers.keys()
    }


def _read_covers(ids) -> dict[UUID, Cover]:
    """Return clip id → cover, for the clips outside the trash, in one query."""
    rows = ClipFile.objects.filter(clip__in=ids, clip__deleted_at=None) if ids else ClipFile.objects.none()
    covers: dict[UUID, Cover] = {}
    for clip_id, colour, kind, key in rows.values_list("clip_id", "clip__colour", "kind", "key"):
        cover = covers.setdefault(clip_id, Cover(clip_id, colour))
        if kind in COVER_KINDS:
            covers[clip_id] = replace(cover, **{kind: key})
    return covers
