"""Create the rows of finished and running jobs without their files."""

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
ACCEPTED = {"concept": "Two sisters learn to let go of a kite, and of each other.", "shots": SHOTS}
DIRECTIONS = [
    {"requested_step": "concept", "proposal": {"title": "The kite", "concept": ACCEPTED["concept"]}},
    {"requested_step": "shots", "concept": ACCEPTED["concept"], "proposal": {"shots": SHOTS}},
    {
        "requested_step": "prompts",
        "proposal": {"prompts": ["Dawn over the beach, wide", "Night, slow tilt up"]},
        **ACCEPTED,
    },
    {"requested_step": "prompts", "response": '{"prompts": ["Dawn over the', "state": "failed", **ACCEPTED},
    {"requested_step": "prompts", "response": '{"prompts": ["Dawn over the', "state": "running", **ACCEPTED},
]


@transaction.atomic  # so that no worker takes a job
def print_story_pages(email: str) -> None:
    """Create stories of a user. Print the paths of their pages, and of those that a viewer may open, as JSON."""
    user = User.objects.get(email=email)
    home = user.workspaces.get()
    story = story_services.create_story(workspace=home, by=user, title="The last summer train")
    for prompt in ("a girl on a hill", "a dog by the sea", ""):
        scene = scene_services.add_scene(story=story, by=user, prompt=prompt)
    edits.edit_scene(scene=scene, by=user, rev=scene.rev, changes={"line": "It always comes at four"})
    aki = character_services.add_character(workspace=home, story=story, by=user, name="Aki", kind="person")
    deleted = story_services.create_story(workspace=home, by=user, title="Deleted")
    story_services.delete_story(story=deleted, by=user)
    first, second, failed = (
        _create_film(story, user, n, state) for n, state in enumerate(("ready", "ready", "failed"), 1)
    )
    job = _create_job(home, user, "clip", "ready")
    clip = Clip.objects.create(workspace=home, job=job, title="a fox", prompt="a fox", seed=1, ready_at=timezone.now())
    names = ("story", "settings", "draw", "film", "story_characters", "director", "import_into_story")
    pages = [reverse(f"studio:{name}", args=[story.pk]) for name in names]
    pages += [reverse(f"studio:{name}", args=[scene.pk]) for name in ("scene", "history")]
    pages += [reverse(f"studio:{name}") for name in ("stories", "new", "import_text", "characters")]
    pages += [first.get_absolute_url(), failed.get_absolute_url(), f"{first.get_absolute_url()}?with={second.pk}"]
    pages += [reverse("studio:character", args=[aki.pk]), deleted.get_absolute_url()]
    pages += [reverse("studio:use", args=[clip.pk]), f"{reverse('studio:stories')}?shelf=bin"]
    pages += [_create_directed(home, user, **fields) for fields in DIRECTIONS]
    running_story = story_services.create_story(workspace=home, by=user, title="In progress")
    scene_services.add_scene(story=running_story, by=user, prompt="a ship")
    film = _create_film(running_story, user, 1, "running")
    seed_looks.add_running_scenes(running_story, user, _create_job)
    pages += [
        film.get_absolute_url(),
        *(reverse(f"studio:{name}", args=[running_story.pk]) for name in ("story", "film")),
    ]
    directed = story_services.create_story(workspace=home, by=user, title="By hand", style="storyboard")
    scene = scene_services.add_scene(story=directed, by=user, prompt="a witch gives a letter to a cat in the library")
    pages.append(reverse("studio:direct", args=[scene.pk]))
    shared, quotes = seed_looks.create_scene_in_every_state(home, user, _create_job, _create_film)
    print(json.dumps([[*pages, *shared, *quotes], [*shared, deleted.get_absolute_url()]]))  # noqa: T201 - read by the test


def add_clips(email: str, count: int) -> None:
    """Create finished clips of a user, one a minute, named after their number, without files."""
    user = User.objects.get(email=email)
    home, now = user.workspaces.get(), timezone.now()
    times = [now - timedelta(minutes=n) for n in range(count)]
    rows = [
        Job(workspace=home, created_by=user, kind="clip", title=f"Clip {n}", state="ready", created_at=time,
            finished_at=time, idem_key=uuid.uuid4().hex)
        for n, time in enumerate(times)
    ]  # fmt: skip
    Job.objects.bulk_create(rows)
    ratios = ("16:9", "9:16", "1:1")
    Clip.objects.bulk_create(
        Clip(workspace=home, created_by=user, job=job, title=job.title, prompt=job.title, seed=1, ratio=ratios[n % 3],
             created_at=job.created_at, ready_at=now)
        for n, job in enumerate(rows)
    )  # fmt: skip


def _create_job(home, user, kind: str, state: str) -> Job:
    job = jobs.submit(workspace=home, by=user, kind=kind, title=kind, params={}, idem_key=uuid.uuid4().hex)
    reason = "Part of the film was frozen, so it was not kept." if state == "failed" else ""
    ended_fields = {"finished_at": timezone.now(), "error_text": reason}
    running_fields = {"lease_until": timezone.now() + timedelta(days=1), "lease_owner": "nobody", "progress": 420}
    Job.objects.filter(pk=job.pk).update(state=state, **(running_fields if state == "running" else ended_fields))
    return job


def _create_directed(home, user, **fields) -> str:
    """Create a story at a step of the director. Returns the path of the director's page."""
    story = story_services.create_story(workspace=home, by=user, title="A story with a director")
    state = fields.pop("state", "ready")
    job = _create_job(home, user, "director", state)
    Direction.objects.create(story=story, created_by=user, job=job, idea="Two sisters and a kite", count=2, **fields)
    return reverse("studio:director", args=[story.pk])


def _create_film(story, user, version: int, state: str) -> Film:
    plan = {"format": {"width": 1280, "height": 720}, "levelled": True, "fit": "pad", "pieces": [CARD], "joins": [],
            "music": None, "notes": ["Scene 1 plays as a card."]}  # fmt: skip
    plan["pieces"] = [CARD | {"scene": str(story.scenes.first().pk), "frames": 100 + version}]
    ready = timezone.now() if state == "ready" else None
    return Film.objects.create(
        story=story, created_by=user, version=version, name="For the festival", plan=plan, made_from=MADE_FROM,
        chapters=CHAPTERS, frames=120, width=1280, height=720, key=f"films/{version}.mp4", bytes=1000, ready_at=ready,
        job=_create_job(story.workspace, user, "film", state),
    )  # fmt: skip
