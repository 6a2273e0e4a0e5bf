"""Create a story from an idea, and chain what exists: a run that draws the animatics, then the request of the film."""

from django.db import transaction

from jobs import services as jobs
from jobs.models import Job
from studio.characters.services import change_character
from studio.director import services as directions
from studio.drawing.services import draw_animatics
from studio.films.services import request_film
from studio.importing.services import import_scenes
from studio.models import Character, Run, Story, Take
from studio.parsing.drafts import ParsedText
from studio.stories.services import change_story, create_story


def create_from_idea(*, workspace, by, found: ParsedText, idem_key: str, **fields) -> Story:
    """Create a story of the scenes and characters that were found, and make its first film. Returns the story.

    ``fields``: columns of the story. A second call with the same ``idem_key`` returns the story of the first one.
    """
    own = {"title": found.title} | {name: value for name, value in fields.items() if value}
    return import_scenes(
        workspace=workspace,
        by=by,
        shots=found.shots,
        people=found.people,
        idem_key=idem_key,
        makes_film=True,
        mood=found.mood,
        **own,
    )


@transaction.atomic
def write_from_idea(*, workspace, by, idea: str, count: int, connection, idem_key: str, **fields) -> Story:
    """Create a story whose scenes a language model writes, and make its first film. Returns the story.

    ``count``: about how many scenes. ``fields``: columns of the story. The model gets three requests, one after the
    other. A second call with the same ``idem_key`` returns the story of the first one.
    """
    jobs.lock_workspace(workspace)
    key = f"{directions.KEY}{idem_key}"
    if job := Job.objects.filter(workspace=workspace, kind="director", idem_key=key).first():
        return Story.objects.get(directions=job.params["direction"])
    title = " ".join(idea.split())[:60]
    own = {name: value for name, value in fields.items() if value}
    story = create_story(workspace=workspace, by=by, title=title, synopsis=idea[:2000], **own)
    directions.start_direction(
        story=story, by=by, idea=idea, count=count, connection=connection, idem_key=idem_key, makes_film=True
    )
    return story


@transaction.atomic
def make_first_film(*, story: Story, by, idem_key: str) -> None:
    """Draw the animatics that are missing, and request the film when they are drawn.

    Raises NoFilm if nothing is to be drawn and no film can be made.
    """
    jobs.lock_workspace(story.workspace)
    if draw_animatics(story=story, by=by, idem_key=f"first-film-{idem_key}", makes_film=True):
        return
    active = Run.objects.filter(story=story, purpose=Take.Purpose.ANIMATIC, job__in=Job.objects.active())
    if not active.update(makes_film=True):
        request_film(story=story, by=by, idem_key=f"film-{idem_key}")


@transaction.atomic
def change_style(*, story: Story, by, style: str, idem_key: str, makes_film: bool) -> None:
    """Change the style of the story and draw its drafts again; ``makes_film``: the film is made again, too."""
    jobs.lock_workspace(story.workspace)
    story = change_story(story=story, by=by, changes={"style": style})
    if makes_film:
        make_first_film(story=story, by=by, idem_key=idem_key)
    else:
        draw_animatics(story=story, by=by, idem_key=f"style-{idem_key}")


@transaction.atomic
def change_looks(*, story: Story, by, looks: list[tuple[Character, dict]], idem_key: str) -> None:
    """Change how characters look (``kind`` and ``colours``), draw their scenes again, and make the film again."""
    jobs.lock_workspace(story.workspace)
    for character, changes in looks:
        change_character(character=character, by=by, changes=changes)
    make_first_film(story=story, by=by, idem_key=idem_key)
