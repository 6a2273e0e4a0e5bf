"""Create rows as workers would have left them, without their files, for pages that take long to reach."""

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
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from tests.browser import seed_looks

CHAPTERS = [{"n": 1, "place": "scene", "title": "Scene 1", "start": 0, "end": 120}]
MADE_FROM = [{"n": 1, "title": "Scene 1", "purpose": "empty", "frames": 120, "join": "", "join_frames": 0}]
CARD = {"kind": "card", "place": "scene", "text": "Scene 1", "subtitle": "", "frames": 120, "paper": "#101014",
        "ink": "#f4f1ea", "n": 1}  # fmt: skip

SHOTS = [
    {"place": "beach", "time": "dawn", "who": ["Aki"], "action": "A kite goes up.", "line": "Higher!", "seconds": 4},
    {"place": "cliff", "time": "night", "who": [], "action": "The kite is a star.", "line": "", "seconds": 5},
]  # fmt: skip
CHOSEN = {"concept": "Two sisters learn to let go of a kite, and of each other.", "shots": SHOTS}
DIRECTED = [
    {"requested_step": "concept", "proposal": {"title": "The kite", "concept": CHOSEN["concept"]}},
    {"requested_step": "shots", "concept": CHOSEN["concept"], "proposal": {"shots": SHOTS}},
    {
        "requested_step": "prompts",
        "proposal": {"prompts": ["Dawn over the beach, wide", "Night, slow tilt up"]},
        **CHOSEN,
    },
    {"requested_step": "prompts", "response": '{"prompts": ["Dawn over the', "state": "failed", **CHOSEN},
    {"requested_step": "prompts", "response": '{"prompts": ["Dawn over the', "state": "running", **CHOSEN},
]


@transaction.atomic  # no worker sees a job before it has ended
def studio_pages(email: str) -> None:
    """Print the paths of all pages of this user's Story Studio, and of those that a viewer may open, as JSON."""
    user = User.objects.get(email=email)
    home = user.workspaces.get()
    story = story_services.create_story(workspace=home, by=user, title="The last summer train")
    for prompt in ("a girl on a hill", "a dog by the sea", ""):
        scene = scene_services.add_scene(story=story, by=user, prompt=prompt)
    edits.edit_scene(scene=scene, by=user, rev=scene.rev, changes={"line": "It always comes at four"})
    aki = character_services.add_character(workspace=home, story=story, by=user, name="Aki", kind="person")
    deleted = story_services.create_story(workspace=home, by=user, title="Deleted")
    story_services.delete_story(story=deleted, by=user)
    one, two, failed = (_film(story, user, n, state) for n, state in enumerate(("ready", "ready", "failed"), 1))
    job = _job(home, user, "clip", "ready")
    clip = Clip.objects.create(workspace=home, job=job, title="a fox", prompt="a fox", seed=1, ready_at=timezone.now())
    names = ("story", "settings", "draw", "film", "story_characters", "director", "import_into_story")
    pages = [reverse(f"studio:{name}", args=[story.pk]) for name in names]
    pages += [reverse(f"studio:{name}", args=[scene.pk]) for name in ("scene", "history")]
    pages += [reverse(f"studio:{name}") for name in ("stories", "new", "import_text", "characters")]
    pages += [one.get_absolute_url(), failed.get_absolute_url(), f"{one.get_absolute_url()}?with={two.pk}"]
    pages += [reverse("studio:character", args=[aki.pk]), deleted.get_absolute_url()]
    pages += [reverse("studio:use", args=[clip.pk]), f"{reverse('studio:stories')}?shelf=bin"]
    pages += [_create_directed(home, user, **facts) for facts in DIRECTED]
    drawing = story_services.create_story(workspace=home, by=user, title="On its way")
    scene_services.add_scene(story=drawing, by=user, prompt="a ship")
    film = _film(drawing, user, 1, "running")
    seed_looks.add_running_scenes(drawing, user, _job)
    pages += [film.get_absolute_url(), *(reverse(f"studio:{name}", args=[drawing.pk]) for name in ("story", "film"))]
    shared, quotes = seed_looks.create_scene_in_every_state(home, user, _job, _film)
    print(json.dumps([[*pages, *shared, *quotes], [*shared, deleted.get_absolute_url()]]))  # noqa: T201 - the test reads it


def _job(home, user, kind: str, state: str) -> Job:
    job = jobs.submit(workspace=home, by=user, kind=kind, title=kind, params={}, idem_key=uuid.uuid4().hex)
    why = "Part of the film was frozen, so it was not kept." if state == "failed" else ""
    ended = {"finished_at": timezone.now(), "error_public": why}
    running = {"lease_until": timezone.now() + timedelta(days=1), "lease_owner": "nobody", "progress": 420}
    Job.objects.filter(pk=job.pk).update(state=state, **(running if state == "running" else ended))
    return job


def _create_directed(home, user, **facts) -> str:
    """Return the path of the director's page of a story that is at one of its three steps."""
    story = story_services.create_story(workspace=home, by=user, title="A story with a director")
    state = facts.pop("state", "ready")
    job = _job(home, user, "director", state)
    Direction.objects.create(story=story, created_by=user, job=job, idea="Two sisters and a kite", count=2, **facts)
    return reverse("studio:director", args=[story.pk])


def _film(story, user, version: int, state: str) -> Film:
    plan = {"format": {"width": 1280, "height": 720}, "levelled": True, "fit": "pad", "pieces": [CARD], "joins": [],
            "music": None, "notes": ["Scene 1 plays as a card."]}  # fmt: skip
    plan["pieces"] = [CARD | {"scene": str(story.scenes.first().pk), "frames": 100 + version}]
    ready = timezone.now() if state == "ready" else None
    return Film.objects.create(
        story=story, created_by=user, version=version, name="For the festival", plan=plan, made_from=MADE_FROM,
        chapters=CHAPTERS, frames=120, width=1280, height=720, key=f"films/{version}.mp4", bytes=1000, ready_at=ready,
        job=_job(story.workspace, user, "film", state),
    )  # fmt: skip
