"""Publish clips of the made-up people of seed_load, to measure the gallery with many works. Never on a real site."""

import math
import random
import uuid
from datetime import timedelta
from itertools import batched

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User, Workspace
from common.database.bulk import BATCH, insert_rows
from common.search import storage
from gallery.explore.documents import describe
from gallery.models import Profile, Tag, Work, WorkTag
from gallery.works.score import SECONDS_PER_POINT
from generation.models import Clip

PERIOD = timedelta(minutes=5)  # between two works
LICENCES = (Work.Licence.RESERVED, Work.Licence.RESERVED, Work.Licence.BY, Work.Licence.BY_NC_SA, Work.Licence.CC0)
TAGS = ("anime", "rain", "sea", "night", "水墨", "少女", "夕焼け", "猫", *(f"tag{n}" for n in range(300)))
TAGS_PER_WORK = 3


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--works", type=int, default=100_000)

    def handle(self, *, works, **options):
        if User.objects.exclude(email__endswith="@load.example").exists():
            raise CommandError("This database has real users. Seed an empty one.")
        before = Work.objects.count()
        self.random, self.now = random.Random(before), timezone.now()
        self.workspaces = self._add_profiles()
        self.tags = self._add_tags()
        self.words: set[tuple[uuid.UUID, str]] = set(storage.SearchWord.objects.values_list("scope", "word"))
        clips = Clip.objects.filter(work=None, ready_at__isnull=False).order_by("-created_at", "-id")[:works]
        with storage.rebuilt_index():
            for batch in batched(list(clips), BATCH):
                self._add_works(batch, before)
                before += len(batch)
        self.stdout.write(f"{Work.objects.count()} works of {len(self.workspaces)} profiles.")

    def _add_profiles(self) -> dict[uuid.UUID, Workspace]:
        """Give everybody a profile, and an account that is old enough to react to works."""
        User.objects.update(date_joined=self.now - timedelta(days=30))
        missing = Workspace.objects.filter(profile=None, home_of__isnull=False).values_list("pk", "home_of__name")
        insert_rows([Profile(workspace_id=pk, handle=name.lower()) for pk, name in missing])
        rows = Workspace.objects.filter(profile__isnull=False).select_related("home_of", "profile")
        return {workspace.pk: workspace for workspace in rows}

    def _add_tags(self) -> list[Tag]:
        Tag.objects.bulk_create([Tag(name=name) for name in TAGS], ignore_conflicts=True)
        rows = {tag.name: tag for tag in Tag.objects.filter(name__in=TAGS)}
        return [rows[name] for name in TAGS]

    def _add_works(self, clips, before: int) -> None:
        works = [self._build_work(clip, before + number) for number, clip in enumerate(clips)]
        tags = [self._choose_tags() for _work in works]
        insert_rows(works)
        insert_rows(
            [
                WorkTag(work=work, tag=tag, published_at=work.published_at)
                for work, chosen in zip(works, tags, strict=True)
                for tag in chosen
            ]
        )
        documents = {
            work.pk: describe(work, [tag.name for tag in chosen]) for work, chosen in zip(works, tags, strict=True)
        }
        storage.load("work", documents, self.words)

    def _choose_tags(self) -> list[Tag]:
        """Return different tags, of which the first ones are the most frequent."""
        last = len(self.tags)
        chosen = {int(last ** self.random.random()) - 1 for _attempt in range(TAGS_PER_WORK)}
        return [self.tags[number] for number in sorted(chosen)]

    def _build_work(self, clip: Clip, number: int) -> Work:
        at = self.now - PERIOD * number
        likes = int(self.random.paretovariate(0.9)) - 1
        likes, plays = min(likes, 50_000), likes * self.random.randrange(5, 40)
        points = math.log2(1 + 3 * likes + math.sqrt(plays))
        return Work(
            workspace=self.workspaces[clip.workspace_id],
            published_by_id=clip.created_by_id,
            kind=Work.Kind.CLIP,
            clip=clip,
            visibility=Work.Visibility.PUBLIC,
            title=clip.title,
            language="en",
            prompt=clip.prompt,
            shows_prompt=self.random.random() < 0.5,
            licence=self.random.choice(LICENCES),
            style=clip.style,
            allows_remix=self.random.random() < 0.5,
            ratio=clip.ratio,
            seconds=clip.seconds,
            width=clip.width,
            height=clip.height,
            credits={"providers": [clip.provider]},
            created_at=at,
            published_at=at,
            like_count=likes,
            play_count=plays,
            score=points + at.timestamp() / SECONDS_PER_POINT,
        )
