"""Works: clips, films and story templates that somebody published."""

import uuid
from secrets import token_urlsafe

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace, in_workspaces_of
from common import secrets
from common.search.changes import IndexedQuerySet
from gallery.models.remix import StoryTemplate
from generation.models import Clip
from studio.models import Film

# The author made the work public, and no operator took it down or looks at it first.
IS_LISTED = Q(visibility="public", state="shown")


def make_code() -> str:
    """Return 11 random URL-safe characters (66 bits): nobody finds a work by guessing."""
    return token_urlsafe(9)[:11]


def make_share_token() -> str:
    """Return 43 random URL-safe characters (256 bits), the secret of the link to an unlisted work."""
    return token_urlsafe(32)


class WorkQuerySet(IndexedQuerySet):
    indexed_fields = frozenset(
        {"workspace", "visibility", "state", "title", "description", "style", "shows_prompt", "prompt"}
    )

    def visible_to(self, user):
        """Return the works of the user's own workspaces, in every state. For what others see: gallery.access."""
        return self.filter(in_workspaces_of(user))

    def with_share_token(self, token: str):
        """Keep the unlisted work that the token opens."""
        digests = secrets.list_digests({"share": token})
        return self.filter(share_digest__in=digests, visibility=Work.Visibility.UNLISTED)

    def available(self):
        """Keep works whose clip or film is ready and neither in the trash nor deleted, of authors whose account is not
        being closed."""
        clip = Q(kind=Work.Kind.CLIP, clip__deleted_at=None, clip__ready_at__isnull=False)
        film = Q(
            kind=Work.Kind.FILM,
            film__deleted_at=None,
            film__ready_at__isnull=False,
            film__story__deleted_at=None,
        )
        template = Q(kind=Work.Kind.TEMPLATE, template__isnull=False)
        return self.filter(clip | film | template, workspace__home_of__closing_at=None)

    def listed(self):
        """Keep works that lists may show to everybody who may read the gallery."""
        return self.available().public()

    def public(self):
        """Keep works that are public and shown, whether or not their files are still there; reads one table."""
        return self.filter(IS_LISTED)

    def for_tiles(self):
        """Read what tiles (gallery.works.tiles) show besides the work: the author and their profile."""
        return self.select_related("workspace__home_of", "workspace__profile")


class Work(models.Model):
    """A clip, a film or a story template that somebody put in front of others.

    The row stays when the author withdraws the work (``visibility`` is private again) or deletes it for good
    (``clip``, ``film`` and ``template`` are empty), so that remixes keep their credit. ``code`` is the public id; a
    link with the share token opens an unlisted work. ``revision`` grows with each replacement of the file. ``prompt``
    is a copy, empty unless the author shows the prompt. ``credits``: providers, characters and music as they were when
    the work was published. The counters change in the transaction of the row that they count.
    """

    poster_url: str  # set by moderation.evidence.attach_posters

    class Kind(models.TextChoices):
        CLIP = "clip", _("Clip")
        FILM = "film", _("Film")
        TEMPLATE = "template", _("Story template")

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("Private")
        UNLISTED = "unlisted", _("Unlisted")
        PUBLIC = "public", _("Public")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for review")
        SHOWN = "shown", _("Shown")
        HIDDEN = "hidden", _("Hidden")
        REMOVED = "removed", _("Removed")

    class Rating(models.TextChoices):
        ALL = "all", _("For everyone")
        MATURE = "mature", _("Mature")

    class Licence(models.TextChoices):
        RESERVED = "reserved", _("All rights reserved")
        CC0 = "cc0", "CC0 1.0"
        BY = "by", "CC BY 4.0"
        BY_SA = "by-sa", "CC BY-SA 4.0"
        BY_NC = "by-nc", "CC BY-NC 4.0"
        BY_NC_SA = "by-nc-sa", "CC BY-NC-SA 4.0"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=11, unique=True, default=make_code, editable=False)
    workspace_id: uuid.UUID
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="works")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    clip = models.OneToOneField(Clip, models.SET_NULL, null=True, related_name="work")
    film = models.OneToOneField(Film, models.SET_NULL, null=True, related_name="work")
    template = models.OneToOneField(StoryTemplate, models.SET_NULL, null=True, related_name="work")
    visibility = models.CharField(
        _("visibility"), max_length=8, choices=Visibility, default=Visibility.PRIVATE, db_index=True
    )
    share_digest = models.CharField(max_length=64, blank=True, db_index=True)  # keyed: finds the work of a token
    share_secret = models.TextField(blank=True)  # the token, encrypted, so that the author can copy the link again
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.SHOWN)
    title = models.CharField(_("title"), max_length=120)
    description = models.CharField(_("description"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    rating = models.CharField(_("content rating"), max_length=6, choices=Rating, default=Rating.ALL)
    is_rating_fixed = models.BooleanField(default=False)  # an operator set it, and the author cannot change it
    licence = models.CharField(_("licence"), max_length=8, choices=Licence, default=Licence.RESERVED)
    shows_prompt = models.BooleanField(_("show my prompt"), default=False)
    allows_remix = models.BooleanField(_("others may remix it"), default=False)
    allows_comments = models.BooleanField(_("allow comments"), default=True)
    allows_download = models.BooleanField(_("allow downloads"), default=False)
    allows_embed = models.BooleanField(_("allow embedding in other sites"), default=True)
    prompt = models.CharField(max_length=2000, blank=True)
    style = models.CharField(max_length=20, blank=True)
    ratio = models.CharField(max_length=5, default="16:9")
    seconds = models.FloatField(default=0)
    width = models.PositiveSmallIntegerField(default=0)
    height = models.PositiveSmallIntegerField(default=0)
    colour = models.CharField(max_length=7, default="#c9d9cf")
    has_sound = models.BooleanField(default=False)
    credits = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    revised_at = models.DateTimeField(null=True)
    text_changed_at = models.DateTimeField(null=True)  # title, description, tags or shown prompt, after the first time
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)  # the first time it was public or unlisted
    score = models.FloatField(default=0)  # for "trending": gallery.works.score
    like_count = models.PositiveIntegerField(default=0)
    save_count = models.PositiveIntegerField(default=0)
    comment_count = models.PositiveIntegerField(default=0)
    remix_count = models.PositiveIntegerField(default=0)
    play_count = models.PositiveIntegerField(default=0)
    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("work")
        verbose_name_plural = _("works")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind="clip", film=None, template=None)
                    | Q(kind="film", clip=None, template=None)
                    | Q(kind="template", clip=None, film=None)
                ),
                name="work_has_what_its_kind_says",
            ),
            models.CheckConstraint(
                condition=Q(visibility="private") | Q(published_at__isnull=False), name="published_work_has_a_date"
            ),
            models.UniqueConstraint(
                fields=["share_digest"], condition=~Q(share_digest=""), name="share_token_opens_one_work"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_at", "-id"],
                condition=IS_LISTED,
                name="work_newest",
            ),
            models.Index(fields=["-score", "-id"], condition=IS_LISTED, name="work_trending"),
            models.Index(fields=["-like_count", "-id"], condition=IS_LISTED, name="work_top"),
            models.Index(
                fields=["style", "-published_at", "-id"],
                condition=IS_LISTED,
                name="work_by_style",
            ),
            models.Index(
                fields=["kind", "-published_at", "-id"],
                condition=IS_LISTED,
                name="work_by_kind",
            ),
            models.Index(
                fields=["workspace", "-published_at", "-id"],
                condition=IS_LISTED,
                name="work_by_workspace",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        """Return the address for readers: that with the share token for an unlisted work."""
        if self.visibility == self.Visibility.UNLISTED:
            return reverse("gallery:unlisted", args=[self.share_token])
        return reverse("gallery:work", args=[self.code])

    @property
    def source(self):
        """Return the clip, film or story template; None if it was deleted for good."""
        return self.clip or self.film or self.template

    @property
    def is_listed(self) -> bool:
        """Return whether the work is public and shown: the rule of ``public()`` for a row that was read."""
        return self.visibility == self.Visibility.PUBLIC and self.state == self.State.SHOWN

    @property
    def version(self) -> str:
        """Return what an operator saw who looked at the work: its code, file and text."""
        changed = f".{self.text_changed_at.timestamp():.6f}" if self.text_changed_at else ""
        return f"{self.code}.{self.revision}{changed}"

    @property
    def share_token(self) -> str:
        """Return the secret of the link to the unlisted work; "" if it never was unlisted."""
        return secrets.decrypt(self.share_secret)["token"] if self.share_secret else ""

    def renew_share_token(self) -> None:
        """Set a new share token, unsaved. Links with the old one stop working when the row is saved."""
        self.set_share_token(make_share_token())

    def set_share_token(self, token: str) -> None:
        self.share_digest, self.share_secret = digest_share_token(token), secrets.encrypt({"token": token})


def digest_share_token(token: str) -> str:
    return secrets.digest({"share": token})


class Tag(models.Model):
    """A tag as readers type it: NFKC, without case, at most 24 characters."""

    name = models.CharField(max_length=24, unique=True)

    def __str__(self):
        return self.name


class WorkTagQuerySet(IndexedQuerySet):
    indexed_fields = frozenset({"tag", "work"})
    indexed_key = "work_id"


class WorkTag(models.Model):
    """A tag of a work. ``published_at``: copied from the work, so that one database index sorts the page of a tag."""

    work = models.ForeignKey(Work, models.CASCADE, related_name="work_tags")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="work_tags")
    published_at = models.DateTimeField(null=True)
    objects = WorkTagQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "tag"], name="work_has_a_tag_once")]
        indexes = [models.Index(fields=["tag", "-published_at", "work"], name="work_by_tag")]
