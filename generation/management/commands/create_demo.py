"""A lived-in studio to look at: a person, and clips that were really drawn, in many styles and shapes."""

import secrets

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.access import home_of
from accounts.models import User
from generation.forms import ClipForm
from generation.services import request_clips
from jobs import engine

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


class Command(BaseCommand):
    help = "Make a demo account with clips that are really drawn (about ten seconds each)."

    def add_arguments(self, parser):
        parser.add_argument("--clips", type=int, default=len(SHOTS), help=f"how many, at most {len(SHOTS)}")

    def handle(self, *, clips, **options):
        if User.objects.filter(email=EMAIL).exists():
            raise CommandError(f"{EMAIL} is here already. Erase that account first to make it again.")
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(EMAIL, password, name=_("Demo"))
        user.emailaddress_set.create(email=EMAIL, verified=True, primary=True)
        for n, shot in enumerate(SHOTS[:clips], 1):
            clip = self._ask(user, shot)
            engine.advance(clip.job_id)
            clip.job.refresh_from_db()
            self.stdout.write(f"{n:2}/{min(clips, len(SHOTS))}  {clip.job.get_state_display()}  {clip.title}")
        self.stdout.write(f"\nSign in as {EMAIL} with the password {password}")

    def _ask(self, user, shot):
        form = ClipForm({"seconds": 5, **shot})
        if not form.is_valid():
            raise CommandError(f"{shot['prompt']}: {form.errors.as_text()}")
        values = form.cleaned_data | {"picture": None, "continues": None}
        key = secrets.token_urlsafe(12)
        return request_clips(workspace=home_of(user), by=user, asked=values, idem_key=key)[0]
