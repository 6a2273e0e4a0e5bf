"""What polls of film pages compare: the values of everything that the pages show while something is made."""

from jobs.views.polling import describe_jobs, read_shown
from studio.films.plan import FilmPlan
from studio.models import Film, Music
from studio.storyboard.polling import describe_panel, read_columns


def describe_film_plan(film_plan: FilmPlan, tracks: list[Music]) -> tuple:
    """Return the facts of a story's film and the tracks to choose from, with one query if the film has a track."""
    story, settings = film_plan.story, film_plan.settings
    panels = [describe_panel(row.panel) for row in film_plan.rows if row.panel]
    music = [(read_columns(track), track.job and read_shown(track.job)) for track in tracks]
    others = settings.music and settings.music.count_other_stories(story)
    return read_columns(story), read_columns(settings), panels, music, others


def describe_film(film: Film) -> tuple:
    """Return the facts of a film that was read with its story and job."""
    return read_columns(film), read_columns(film.story), describe_jobs([film.job], has_stories=False)
