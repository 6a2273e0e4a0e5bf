"""Describe how far the first film of a story is."""

from dataclasses import dataclass

from jobs.models import Job, State
from studio.films.plan import get_film_settings
from studio.models import Character, Film, FilmSettings, Run, Story
from studio.storyboard.board import Board, Panel, build_board

DRAWING_SHARE = 0.6  # of the whole progress; the rest is the merge
MAX_CHARACTERS = 24


@dataclass
class FirstFilm:
    """The newest run that makes a film of the story, and the newest film.

    ``state``: "drawing", "merging", "ready", "failed" (``failure`` says why), or "none" if nothing was requested.
    """

    story: Story
    board: Board
    run: Run | None
    film: Film | None
    settings: FilmSettings

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
        job = self.job
        if job is None:
            return "none"
        if job.is_active:
            return "drawing" if self._is_run_newest else "merging"
        return "ready" if not self._is_run_newest and self.film and self.film.is_ready else "failed"

    @property
    def is_active(self) -> bool:
        return self.state in ("drawing", "merging")

    @property
    def thousandths(self) -> int:
        job = self.job
        share = (job.progress if job else 0) / 1000
        done = DRAWING_SHARE * share if self.state == "drawing" else DRAWING_SHARE + (1 - DRAWING_SHARE) * share
        return round(1000 * done)

    @property
    def drawn(self) -> list[Panel]:
        return [panel for panel in self.board.panels if panel.playing]

    @property
    def failure(self) -> str:
        return self.job.error_public if self.job else ""

    @property
    def was_cancelled(self) -> bool:
        return self.job is not None and self.job.state == State.CANCELLED


def load_first_film(story: Story) -> FirstFilm:
    """Return the first film of a story, in a constant number of queries."""
    runs = Run.objects.filter(story=story, makes_film=True).select_related("job")
    films = Film.objects.shown().filter(story=story).select_related("job", "story").newest_first()
    return FirstFilm(
        story, build_board(story), runs.order_by("-created_at").first(), films.first(), get_film_settings(story)
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
