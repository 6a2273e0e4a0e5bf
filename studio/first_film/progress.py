"""Describe how far the first film of a story is."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, OuterRef

from jobs.models import Job, State
from studio.director.progress import Draft, describe_failure, read_draft
from studio.director.prompts import STEPS
from studio.director.services import get_newest_direction
from studio.models import Character, Direction, Film, FilmSettings, Run, Story
from studio.timeline.board import Board, Panel, build_board
from studio.timeline.film_settings import get_joined_film_settings

DRAWING_SHARE = 0.6  # of the whole progress; the rest is the merge
MAX_CHARACTERS = 24
HAS_DIRECTIONS = Exists(Direction.objects.filter(story=OuterRef("pk")))  # of a story, as has_directions


@dataclass
class FirstFilm:
    """The newest run that makes a film of the story, the newest film, and the newest direction.

    ``state``: "writing" (by a language model), "unwritten" (it failed; ``failure`` says why), "drawing", "merging",
    "ready", "failed", or "none" if nothing was requested.
    """

    story: Story
    board: Board
    run: Run | None
    film: Film | None
    settings: FilmSettings
    direction: Direction | None

    @property
    def job(self) -> Job | None:
        """Return the job that is at work, or that ended last."""
        if self.run and (self.run.job_id and self._is_run_newest):
            return self.run.job
        return self.film.job if self.film else None

    @property
    def _is_run_newest(self) -> bool:
        if self.run is None or self.run.job is None:
            return False
        if self.film is None or self.run.job.is_active:
            return True
        return self.run.film_id is None and self.run.created_at > self.film.created_at

    @property
    def state(self) -> str:
        if self.direction and self.direction.makes_film and not self.board.panels:
            return "writing" if self.direction.job and self.direction.job.is_active else "unwritten"
        job = self.job
        if job is None:
            return "none"
        if job.is_active:
            return "drawing" if self._is_run_newest else "merging"
        return "ready" if not self._is_run_newest and self.film and self.film.is_ready else "failed"

    @property
    def is_active(self) -> bool:
        return self.state in ("writing", "drawing", "merging")

    @cached_property
    def draft(self) -> Draft:
        """Return what the language model has written so far."""
        return read_draft(self.direction) if self.direction else Draft()

    @property
    def step(self) -> int:
        """Return the number of the requested step of the direction, from 1."""
        return STEPS.index(self.direction.requested_step) + 1 if self.direction else 0

    @property
    def written_thousandths(self) -> int:
        """Return the progress of the language model over all steps."""
        job = self.direction.job if self.direction else None
        return round((1000 * (self.step - 1) + (job.progress if job else 0)) / len(STEPS))

    @property
    def writer(self) -> str:
        """Return the name of the language model that wrote the scenes; "" if rules did."""
        direction = self.direction
        return direction.connection.label if direction and direction.shots and direction.connection else ""

    @property
    def thousandths(self) -> int:
        if self.state == "drawing":
            return round(DRAWING_SHARE * sum(map(_get_progress, self.board.panels)) / max(1, len(self.board.panels)))
        return round(1000 * DRAWING_SHARE + (1 - DRAWING_SHARE) * (self.job.progress if self.job else 0))

    @property
    def drawn(self) -> list[Panel]:
        return [panel for panel in self.board.panels if panel.playing and not panel.is_busy]

    @property
    def failure(self) -> str:
        if self.state == "unwritten":
            return describe_failure(self.direction) if self.direction.job else ""
        return self.job.error_public if self.job else ""

    @property
    def was_cancelled(self) -> bool:
        return self.job is not None and self.job.state == State.CANCELLED


def _get_progress(panel: Panel) -> int:
    """Return how far the drawing of a scene is, in thousandths."""
    if panel.current_take:
        return panel.current_take.clip.job.progress
    return 1000 if panel.playing and not panel.shot else 0


def load_first_film(story: Story) -> FirstFilm:
    """Return the first film of a story, in a constant number of queries."""
    has_directions = getattr(story, "has_directions", True)
    runs = Run.objects.filter(story=story, makes_film=True).select_related("job")
    films = Film.objects.shown().filter(story=story).select_related("job", "story").newest_first()
    newest_run = runs.order_by("-created_at").first()
    return FirstFilm(
        story,
        build_board(story),
        newest_run,
        films.first(),
        get_joined_film_settings(story),
        get_newest_direction(story) if has_directions else None,
    )


def list_recurring(story: Story, board: Board) -> list[Character]:
    """Return the story's own people, animals and objects that appear in at least two scenes, as mentioned."""
    counts: dict = {}
    for panel in board.panels:
        for character in panel.scene.characters.all():  # prefetched
            counts.setdefault(character.pk, [character, 0])[1] += 1
    found = [character for character, count in counts.values() if count > 1 and character.kind != Character.Kind.PLACE]
    text = "\n".join(panel.scene.prompt for panel in board.panels).casefold()
    found.sort(key=lambda character: text.find(character.name.casefold()))
    return [character for character in found if character.story_id == story.pk][:MAX_CHARACTERS]
