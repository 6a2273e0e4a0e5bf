"""Characters (people, animals, places and objects) that appear in several scenes, and their reference images."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace, in_workspaces_of
from common.search.changes import IndexedQuerySet
from generation.models import Picture
from studio.models.scene import Scene
from studio.models.story import Story


class CharacterQuerySet(IndexedQuerySet):
    indexed_fields = frozenset({"name", "deleted_at"})

    def visible_to(self, user):
        return self.filter(in_workspaces_of(user))

    def shown(self):
        return self.filter(deleted_at=None)

    def in_trash(self):
        return self.exclude(deleted_at=None)

    def available_in(self, story):
        """Return the story's own characters and those that all stories of its workspace share."""
        return self.filter(Q(story=story) | Q(story=None), workspace_id=story.workspace_id)


class Character(models.Model):
    """A person, animal, place or object of one story or, if ``story`` is empty, of the whole workspace.

    ``sheet``: the style of its reference images, "" for the story's. ``colours``: list of ``#rrggbb``. ``rev`` grows
    with every change of its look.
    """

    has_pictures: bool  # annotated by queries

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        ANIMAL = "animal", _("Animal")
        PLACE = "place", _("Place")
        PROP = "prop", _("Object")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="characters")
    story = models.ForeignKey(Story, models.CASCADE, null=True, blank=True, related_name="characters")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.PERSON)
    description = models.CharField(_("description"), max_length=1000, blank=True)
    sheet = models.CharField(_("style"), max_length=20, blank=True)
    colours = models.JSONField(default=list, blank=True)
    rev = models.PositiveIntegerField(default=1)
    looks_changed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    objects = CharacterQuerySet.as_manager()

    class Meta:
        verbose_name = _("character")
        verbose_name_plural = _("characters")
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="character_by_workspace")]

    def __str__(self):
        return self.name


class CharacterPicture(models.Model):
    """One reference image of a character. ``role``: what the image shows."""

    class Role(models.TextChoices):
        FACE = "face", _("Face")
        BODY = "body", _("Full body")
        SIDE = "side", _("From the side")
        BACK = "back", _("From behind")
        OUTFIT = "outfit", _("Clothes")
        EXPRESSION = "expression", _("Expression")
        DETAIL = "detail", _("Detail")
        OTHER = "other", _("Other")

    character = models.ForeignKey(Character, models.CASCADE, related_name="pictures")
    picture = models.ForeignKey(Picture, models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Role, default=Role.OTHER)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["character", "picture"], name="a_picture_once_per_character")]


class SceneCharacterQuerySet(IndexedQuerySet):
    indexed_fields = frozenset({"scene", "character"})
    indexed_key = "scene_id"


class SceneCharacter(models.Model):
    """A character that appears in a scene."""

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="cast")
    character = models.ForeignKey(Character, models.CASCADE, related_name="parts")
    objects = SceneCharacterQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scene", "character"], name="a_character_once_per_scene")]
