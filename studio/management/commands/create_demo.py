"""Create a demo account with clips in many styles and sizes, a story with characters, and its film."""

import secrets
import time

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import get_home
from accounts.models import User
from accounts.services import promote_first_user
from generation.clip_spec import ClipSpec
from generation.forms import ClipForm
from generation.services.clips import create_clips
from jobs.lifecycle import engine
from jobs.models import Job
from studio.breakdown.parser import parse_text
from studio.errors import StudioRefused
from studio.films import services as film_services
from studio.importing import services as import_services
from studio.models import Scene, Story
from studio.scenes import edits

EMAIL = "demo@example.com"
SHOTS = (
    {"prompt": "A girl on a hill at sunset, cherry petals in the wind, slow push-in"},
    {"prompt": "Night train along the sea under a huge moon", "style": "cel", "ratio": "21:9", "seconds": 6},
    {"prompt": "Portrait of a silver-haired girl with blue eyes, smiling, cherry blossoms", "ratio": "3:4"},
    {"prompt": "Rainy street at night, neon signs, a boy with a bicycle", "style": "cyberpunk", "ratio": "9:16"},
    {"prompt": "A shrine in the forest, lanterns, fireflies at dusk", "style": "watercolour"},
    {"prompt": "Snow field at dawn, a small child and a dog", "style": "hand_drawn", "ratio": "4:3"},
    {"prompt": "Mountains in the fog, a bird passes", "style": "ink_wash", "ratio": "1:1"},
    {"prompt": "City skyline in a storm, a woman on a rooftop", "style": "seinen"},
    {"prompt": "A boy runs across the school yard on a summer day", "style": "shonen"},
    {"prompt": "Two cats on a train platform at sunset", "style": "chibi", "ratio": "1:1"},
    {"prompt": "窗边的教室，清晨，樱花飘落"},
    {"prompt": "A hot air balloon over the sea at sunrise", "style": "three_d"},
)
STORY = """Title: The last summer train

EXT. HARBOUR - SUNSET

Lanterns along the water. MIKA, a girl with short black hair and a red scarf, waits at the rail.

REN
You came after all.

INT. NIGHT TRAIN - NIGHT

REN, a boy in a white shirt, sits beside MIKA. Rain on the window.

MIKA
It is the last one this summer.

EXT. SEA - DAWN

Gulls over the sea. A lighthouse, far away. MIKA looks out over the water.
"""
JOIN = {"join_kind": Scene.Join.CROSSFADE, "join_frames": 12}
MAX_WAIT_SECONDS = 600


class Command(BaseCommand):
    help = "Make a demo account with clips that are really drawn (about ten seconds each), a story and its film."

    def add_arguments(self, parser):
        parser.add_argument("--clips", type=int, default=len(SHOTS), help=f"how many, at most {len(SHOTS)}")
        parser.add_argument("--no-story", action="store_true", help="clips only")

    def handle(self, *, clips, no_story, **options):
        if User.objects.filter(email=EMAIL).exists():
            raise CommandError(f"{EMAIL} exists already. Delete that account first.")
        user = self._create_user()
        for n, shot in enumerate(SHOTS[:clips], 1):
            clip = self._request_clip(user, shot)
            engine.advance(clip.job_id)
            clip.job.refresh_from_db()
            self.stdout.write(f"{n:2}/{min(clips, len(SHOTS))}  {clip.job.get_state_display()}  {clip.title}")
        if not no_story:
            self._create_story(user)

    @transaction.atomic
    def _create_user(self) -> User:
        """Create the account. Its password is printed at once, since the rest of the command may be interrupted."""
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(EMAIL, password, name=_("Demo"))
        user.emailaddress_set.create(email=EMAIL, verified=True, primary=True)
        promote_first_user(user)  # otherwise the studio would have no administrator
        self.stdout.write(f"Sign in as {EMAIL} with the password {password}\n\n")
        return user

    def _request_clip(self, user, shot):
        form = ClipForm({"seconds": 5, **shot})
        if not form.is_valid():
            raise CommandError(f"{shot['prompt']}: {form.errors.as_text()}")
        spec = ClipSpec.from_form(form.cleaned_data)
        return create_clips(spec, workspace=get_home(user), by=user, idem_key=_new_key())[0]

    def _create_story(self, user):
        """Import a story, draw its animatics, add crossfades and make its film."""
        parsed, workspace = parse_text(STORY), get_home(user)
        story = import_services.import_scenes(
            workspace=workspace,
            by=user,
            shots=parsed.shots,
            people=parsed.people,
            title=parsed.title,
            idem_key=_new_key(),
        )
        self._run_jobs(workspace)
        for scene in story.scenes.order_by("position")[: len(parsed.shots) - 1]:
            edits.edit_scene(scene=scene, by=user, rev=scene.rev, changes=JOIN)
        try:
            film = film_services.request_film(story=Story.objects.get(pk=story.pk), by=user, idem_key=_new_key())
        except StudioRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self._run_jobs(workspace)
        film.job.refresh_from_db()
        self.stdout.write(f"       {film.job.get_state_display()}  {story.title} ({len(parsed.shots)})")

    def _run_jobs(self, workspace):
        """Run the steps of all active jobs of the workspace until none is left. Raises CommandError after a timeout."""
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while waiting := list(Job.objects.active().filter(workspace=workspace).values_list("pk", flat=True)):
            if time.monotonic() > deadline:
                raise CommandError(f"After {MAX_WAIT_SECONDS} s {len(waiting)} jobs are not done.")
            for pk in waiting:
                engine.advance(pk)
            time.sleep(0.1)


def _new_key() -> str:
    return secrets.token_urlsafe(12)
