"""Fill a database with many made-up people, clips and jobs, to measure pages with them. Never on a real site."""

import random
import uuid
from datetime import timedelta
from io import BytesIO
from itertools import batched

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from PIL import Image

from accounts.models import Membership, Role, User, Workspace
from common.database.bulk import insert_rows
from common.search import storage
from generation.library.documents import describe
from generation.models import Clip, ClipFile, Favourite
from generation.providers import styles
from jobs.models import Job, State
from studio.models import Scene, Story, Take

BATCH = 2000  # rows of one statement
OWNER = "owner@load.example"
SHARES = {State.READY: 90, State.FAILED: 5, State.CANCELLED: 4, State.RUNNING: 1}  # percent of the jobs
PROVIDERS = ("animatic", "kling", "runway", "luma", "minimax", "vidu")
SECONDS = (2, 4, 5, 5, 5, 8, 10, 12)
CLIPS_PER_STORY, SCENES = 400, 8
TAKES_PER_STORY = 40
SUBJECTS = ("a girl", "two cats", "an old robot", "the keeper", "一位少女", "两只猫", "少女", "灯台守", "子猫")
PLACES = (
    "on a hill",
    "under neon signs",
    "in a ramen shop",
    "by the sea",
    "在雨巷里",
    "在山丘上",
    "夕焼けの丘で",
    "港町で",
)
ACTIONS = (
    "lets a lantern go",
    "takes the train",
    "opens an umbrella",
    "放飞天灯",
    "等末班车",
    "傘をひらく",
    "空を見る",
)
BEGINS, MIDDLES = "bdfgklmnprst", ("ala", "ero", "imu", "oto")
ENDS = ("gyn", "mar", "lex", "dor", "vin", "quist", "berg", "tosh")
RARE = tuple(f"{begin}{middle}{end}" for begin in BEGINS for middle in MIDDLES for end in ENDS)


POSTER, VIDEO = "load/poster.webp", "load/clip.mp4"
PICTURE_FACTS = {"key": POSTER, "content_type": "image/webp", "sha256": "-", "bytes": 100, "width": 480, "height": 270}
VIDEO_FACTS = PICTURE_FACTS | {"key": VIDEO, "content_type": "video/mp4"}
FILES = {
    ClipFile.Kind.POSTER: PICTURE_FACTS,
    ClipFile.Kind.POSTER_LARGE: PICTURE_FACTS,
    ClipFile.Kind.MEZZANINE: VIDEO_FACTS,
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--people", type=int, default=2000)
        parser.add_argument("--clips", type=int, default=100_000)
        parser.add_argument("--jobs", type=int, default=300_000, help="of which each clip has one")
        parser.add_argument("--owner-share", type=float, default=0.5, help="share of the first person")
        parser.add_argument("--without-search", action="store_true", help="write no search documents")

    def handle(self, *, people, clips, jobs, owner_share, without_search, **options):
        if User.objects.exclude(email__endswith="@load.example").exists():
            raise CommandError("This database has real users. Seed an empty one.")
        self.random, self.now = random.Random(20), timezone.now()
        self.share = owner_share
        _store_files()
        workspaces = self._add_people(people)
        self.words: set[tuple[uuid.UUID, str]] = set()
        with storage.rebuilt_index():
            for numbers in batched(range(max(jobs, clips)), BATCH):
                rows = self._add_jobs(numbers, workspaces)
                made = self._add_clips(rows[: max(0, clips - numbers[0])])
                if not without_search:
                    self._add_documents(made)
            self._add_stories(workspaces[0])
        self.stdout.write(f"{people} people, {clips} clips, {jobs} jobs. The largest owner is {OWNER}.")

    def _add_people(self, count: int) -> list[Workspace]:
        emails = [OWNER, *(f"person{n}@load.example" for n in range(1, count))]
        users = User.objects.bulk_create(
            (User(email=email, name=email.partition("@")[0].title(), password="!") for email in emails),  # noqa: S106
            batch_size=BATCH,
        )
        homes = Workspace.objects.bulk_create(
            (Workspace(name=user.name, home_of=user) for user in users), batch_size=BATCH
        )
        Membership.objects.bulk_create(
            (Membership(workspace=home, user=home.home_of, role=Role.OWNER) for home in homes), batch_size=BATCH
        )
        return homes

    def _add_jobs(self, numbers, workspaces: list[Workspace]) -> list[Job]:
        states = self.random.choices(list(SHARES), list(SHARES.values()), k=len(numbers))
        jobs = [self._build_job(n, state, workspaces) for n, state in zip(numbers, states, strict=True)]
        insert_rows(jobs)
        return jobs

    def _build_job(self, number: int, state: str, workspaces: list[Workspace]) -> Job:
        is_owners = self.random.random() < self.share
        workspace = workspaces[0] if is_owners or len(workspaces) == 1 else self.random.choice(workspaces[1:])
        at = self.now - timedelta(seconds=60 * number)
        ended = None if state == State.RUNNING else at + timedelta(seconds=self.random.randrange(5, 300))
        pk = uuid.UUID(int=self.random.getrandbits(128), version=4)
        prompt = " ".join(self.random.choice(words) for words in (SUBJECTS, PLACES, ACTIONS, RARE))
        return Job(
            id=pk,
            workspace=workspace,
            created_by=workspace.home_of,
            kind="clip",
            title=prompt[:120],
            idem_key=f"{number}",
            provider=self.random.choice(PROVIDERS),
            request_hash="-",
            state=state,
            created_at=at,
            started_at=at,
            finished_at=ended,
            next_run_at=at + timedelta(days=3650),
            page=f"/clips/{pk}/",
        )

    def _add_clips(self, jobs: list[Job]) -> list[Clip]:
        clips = [self._build_clip(job) for job in jobs]
        insert_rows(clips)
        ready = [clip for clip in clips if clip.ready_at]
        insert_rows([ClipFile(clip=clip, kind=kind, **facts) for clip in ready for kind, facts in FILES.items()])
        insert_rows([Favourite(user=clip.created_by, clip=clip) for clip in ready[::50]])
        return clips

    def _add_documents(self, clips: list[Clip]) -> None:
        facts = ((clip.pk, clip.workspace_id, clip.title, clip.prompt, clip.style, clip.provider) for clip in clips)
        storage.load("clip", {pk: describe(*rest) for pk, *rest in facts}, self.words)

    def _build_clip(self, job: Job) -> Clip:
        return Clip(
            id=job.pk,
            workspace=job.workspace,
            created_by=job.created_by,
            job=job,
            title=job.title,
            prompt=job.title,
            provider=job.provider,
            style=self.random.choice(list(styles.NAMES)),
            seed=1,
            ratio=self.random.choice(Clip.Ratio.values),
            seconds=self.random.choice(SECONDS),
            created_at=job.created_at,
            ready_at=job.finished_at if job.state == State.READY else None,
            width=1280,
            height=720,
            frames=120,
            bytes=sum(facts["bytes"] for facts in FILES.values()) if job.state == State.READY else 0,
        )

    def _add_stories(self, workspace: Workspace) -> None:
        """Add stories whose takes are some of the newest clips of the largest owner."""
        rows = Clip.objects.filter(workspace=workspace).order_by("-created_at").values_list("pk", flat=True)
        for number, ids in enumerate(batched(rows.iterator(BATCH), CLIPS_PER_STORY)):
            story = Story.objects.create(workspace=workspace, title=f"Story {number} {self.random.choice(RARE)}")
            scenes = Scene.objects.bulk_create(
                Scene(
                    story=story, position=n + 1, prompt=f"{self.random.choice(SUBJECTS)} {self.random.choice(PLACES)}"
                )
                for n in range(SCENES)
            )
            Take.objects.bulk_create(
                Take(scene=scenes[n % SCENES], clip_id=pk) for n, pk in enumerate(ids[:TAKES_PER_STORY])
            )
            Job.objects.filter(pk__in=ids[:TAKES_PER_STORY]).update(story_id=story.pk)


def _store_files() -> None:
    """Store one picture and one video, which all clips share."""
    picture = BytesIO()
    Image.effect_noise((480, 270), 40).convert("RGB").save(picture, "WEBP", quality=20)
    video = (settings.BASE_DIR / "static/demo/hill.mp4").read_bytes()
    for key, content in ((POSTER, picture.getvalue()), (VIDEO, video)):
        if not storages["clips"].exists(key):
            storages["clips"].save(key, ContentFile(content))
