"""Pages that take long to come by: rows as workers would have left them, without their files."""

import json
import uuid
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from generation.models import Clip
from jobs import services as jobs
from jobs.models import Job
from studio.characters import services as character_services
from studio.models import Direction, Film
from studio.scenes import edit_services as scene_edit_services
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from tests.browser import looks

CHAPTERS = [{"n": 1, "place": "scene", "title": "Scene 1", "start": 0, "end": 120}]
MADE_FROM = [{"n": 1, "title": "Scene 1", "purpose": "empty", "frames": 120, "join": "", "join_frames": 0}]
CARD = {"kind": "card", "place": "scene", "text": "Scene 1", "subtitle": "", "frames": 120, "paper": "#101014",
        "ink": "#f4f1ea", "n": 1}  # fmt: skip

SHOTS = [
    {"place": "beach", "time": "dawn", "who": ["Aki"], "action": "A kite goes up.", "line": "Higher!", "seconds": 4},
    {"place": "cliff", "time": "night", "who": [], "action": "The kite is a star.", "line": "", "seconds": 5},
]  # fmt: skip
KEPT = {"concept": "Two sisters learn to let go of a kite, and of each other.", "shots": SHOTS}
DIRECTED = [
    {"asked": "concept", "proposal": {"title": "The kite", "concept": KEPT["concept"]}},
    {"asked": "shots", "concept": KEPT["concept"], "proposal": {"shots": SHOTS}},
    {"asked": "prompts", "proposal": {"prompts": ["Dawn over the beach, wide", "Night, slow tilt up"]}, **KEPT},
    {"asked": "prompts", "heard": '{"prompts": ["Dawn over the', "state": "failed", **KEPT},
    {"asked": "prompts", "heard": '{"prompts": ["Dawn over the', "state": "running", **KEPT},
]


@transaction.atomic  # no worker sees a job before it has ended
def studio_pages(email: str) -> None:
    """Prints the paths of all pages of this person's Story Studio, and of those that whoever may only look sees."""
    person = User.objects.get(email=email)
    home = person.workspaces.get()
    story = story_services.create_story(workspace=home, by=person, title="The last summer train")
    for words in ("a girl on a hill", "a dog by the sea", ""):
        scene = scene_services.add_scene(story=story, by=person, prompt=words)
    scene_edit_services.edit_scene(scene=scene, by=person, rev=scene.rev, changes={"line": "It always comes at four"})
    aki = character_services.add_character(workspace=home, story=story, by=person, name="Aki", kind="person")
    gone = story_services.create_story(workspace=home, by=person, title="Thrown away")
    story_services.delete_story(story=gone, by=person)
    one, two, failed = (_film(story, person, n, state) for n, state in enumerate(("ready", "ready", "failed"), 1))
    job = _job(home, person, "clip", "ready")
    clip = Clip.objects.create(workspace=home, job=job, title="a fox", prompt="a fox", seed=1, ready_at=timezone.now())
    names = ("story", "settings", "draw", "film", "story_characters", "director", "bring_into")
    found = [reverse(f"studio:{name}", args=[story.pk]) for name in names]
    found += [reverse(f"studio:{name}", args=[scene.pk]) for name in ("scene", "history")]
    found += [reverse(f"studio:{name}") for name in ("stories", "new", "bring", "characters")]
    found += [one.get_absolute_url(), failed.get_absolute_url(), f"{one.get_absolute_url()}?with={two.pk}"]
    found += [reverse("studio:character", args=[aki.pk]), gone.get_absolute_url()]
    found += [reverse("studio:use", args=[clip.pk]), f"{reverse('studio:stories')}?shelf=bin"]
    found += [_directed(home, person, **how) for how in DIRECTED]
    coming = story_services.create_story(workspace=home, by=person, title="On its way")
    scene_services.add_scene(story=coming, by=person, prompt="a ship")
    film = _film(coming, person, 1, "running")
    looks.being_drawn(coming, person, _job)
    found += [film.get_absolute_url(), *(reverse(f"studio:{name}", args=[coming.pk]) for name in ("story", "film"))]
    seen, sheets = looks.every_look(home, person, _job, _film)
    print(json.dumps([[*found, *seen, *sheets], [*seen, gone.get_absolute_url()]]))  # noqa: T201 - the walk reads it


def _job(home, person, kind: str, state: str) -> Job:
    job = jobs.submit(workspace=home, by=person, kind=kind, title=kind, params={}, idem_key=uuid.uuid4().hex)
    why = "Part of the film was frozen, so it was not kept." if state == "failed" else ""
    ended = {"finished_at": timezone.now(), "error_public": why}
    held = {"lease_until": timezone.now() + timedelta(days=1), "lease_owner": "nobody", "progress": 420}
    Job.objects.filter(pk=job.pk).update(state=state, **(held if state == "running" else ended))
    return job


def _directed(home, person, **how) -> str:
    """The director's page of a story that stands at some point of its three steps."""
    story = story_services.create_story(workspace=home, by=person, title="A story with a director")
    state = how.pop("state", "ready")
    job = _job(home, person, "director", state)
    Direction.objects.create(story=story, created_by=person, job=job, idea="Two sisters and a kite", count=2, **how)
    return reverse("studio:director", args=[story.pk])


def _film(story, person, version: int, state: str) -> Film:
    plan = {"format": {"width": 1280, "height": 720}, "levelled": True, "fit": "pad", "pieces": [CARD], "joins": [],
            "music": None, "notes": ["Scene 1 plays as a card."]}  # fmt: skip
    plan["pieces"] = [CARD | {"scene": str(story.scenes.first().pk), "frames": 100 + version}]
    ready = timezone.now() if state == "ready" else None
    return Film.objects.create(
        story=story, created_by=person, version=version, name="For the festival", plan=plan, made_from=MADE_FROM,
        chapters=CHAPTERS, frames=120, width=1280, height=720, key=f"films/{version}.mp4", bytes=1000, ready_at=ready,
        job=_job(story.workspace, person, "film", state),
    )  # fmt: skip
