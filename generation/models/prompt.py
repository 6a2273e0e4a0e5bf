"""Prompts that users keep: templates, snippets and negative prompts, and the stars on them and on asked prompts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace, in_workspaces_of
from generation.models.clip import Clip
from generation.models.picture import Picture
from generation.providers.models import Connection
from jobs.models import Job


class PromptTemplateQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Return the user's own rows and those of all of their workspaces."""
        return self.filter(Q(owner=user.pk) | in_workspaces_of(user))

    def visible_in(self, viewer):
        """Return the user's own rows and those of the workspace at hand."""
        return self.filter(Q(owner=viewer.pk) | Q(workspace=viewer.workspace))


class PromptTemplate(models.Model):
    """A prompt to use again, of one user or of a workspace. ``{words}`` in its text are blanks to fill in.

    A snippet is a few words to insert. ``cover``: a clip whose poster is shown. ``uses``: how often it was used.
    """

    class Kind(models.TextChoices):
        TEMPLATE = "template", _("Template")
        SNIPPET = "snippet", _("Snippet")
        NEGATIVE = "negative", _("Negative prompt")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="prompt_templates"
    )
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, blank=True, related_name="prompt_templates")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEMPLATE)
    title = models.CharField(max_length=80)
    text = models.CharField(max_length=2000)
    category = models.CharField(max_length=40, blank=True)
    cover = models.ForeignKey(Clip, models.SET_NULL, null=True, blank=True, related_name="+")
    uses = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    objects = PromptTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("prompt template")
        verbose_name_plural = _("prompt templates")
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None, workspace__isnull=False) | Q(owner__isnull=False, workspace=None),
                name="prompt_template_of_user_or_workspace",
            )
        ]

    def __str__(self):
        return self.title


class PromptStar(models.Model):
    """A user's star. ``key``: of a template (its id), of what ships with the studio, or of an asked prompt (a digest).
    ``text``: the asked prompt, so that it stays when its clip is deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="prompt_stars")
    key = models.CharField(max_length=80)
    text = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_star_per_prompt")]

    def __str__(self):
        return self.text[:60] or self.key


class StyleWordsQuerySet(models.QuerySet):
    def read_words(self, workspace) -> dict[str, str]:
        """Return {style: words} of the workspace (or its id); {} without a workspace."""
        return dict(self.filter(workspace=workspace).values_list("style", "words")) if workspace else {}


class StyleWords(models.Model):
    """What a workspace adds to the prompts of providers for a style, instead of the studio's words."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="style_words")
    style = models.CharField(max_length=20)
    words = models.CharField(max_length=300)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    objects = StyleWordsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "style"], name="one_text_per_style")]

    def __str__(self):
        return f"{self.style}: {self.words[:40]}"


class PromptRewrite(models.Model):
    """A request to a language model for other words of a prompt. ``result``: the new words, once they were understood.

    ``text`` may be empty only for the description of ``picture``. ``language``: to which a prompt is translated, or in
    which a picture is described. ``limit``: characters that the prompt may have. ``sent_at`` is set right before the
    only POST of ``job``, so that a repeated step never sends again.
    """

    class Task(models.TextChoices):
        IMPROVE = "improve", _("Rewrite")
        VARY = "vary", _("Variation")
        TRANSLATE = "translate", _("Translation")
        DESCRIBE = "describe", _("Description of an image")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    task = models.CharField(max_length=9, choices=Task)
    language = models.CharField(max_length=2, blank=True)
    text = models.CharField(max_length=2000, blank=True)
    picture = models.ForeignKey(Picture, models.SET_NULL, null=True, blank=True, related_name="+")
    limit = models.PositiveSmallIntegerField(default=2000)
    model_label = models.CharField(max_length=120, blank=True)
    result = models.CharField(max_length=2000, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.text[:60]

    def get_absolute_url(self):
        return reverse("generation:prompt_rewrite", args=[self.pk])
