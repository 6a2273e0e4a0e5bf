"""Uploaded workflows of a self-hosted provider (ComfyUI), each offered as a model."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace, in_workspaces_of


class WorkflowQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Return the workflows of the user's workspaces, without the site's own."""
        return self.filter(in_workspaces_of(user))

    def available(self):
        return self.filter(deleted_at=None)

    def usable_in(self, workspace):
        return self.available().filter(Q(workspace=None) | Q(workspace=workspace))


class Workflow(models.Model):
    """A workflow of a workspace, or of the site if ``workspace`` is empty.

    ``graph`` never changes, so that a retried clip is the same. ``facts``: input modes and slots, read from the graph
    when it was uploaded (generation/providers/adapters/comfyui/uploads.py).
    """

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, models.CASCADE, null=True, blank=True, related_name="workflows", verbose_name=_("workspace")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    provider = models.CharField(_("provider"), max_length=40, default="comfyui", editable=False)
    title = models.CharField(_("title"), max_length=60)
    graph = models.JSONField(_("graph"))
    facts = models.JSONField(_("parameters"), default=dict, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(
        _("unavailable since"),
        null=True,
        blank=True,
        help_text=_("When the workflow was withdrawn; empty while it is available."),
    )
    objects = WorkflowQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="workflow_by_workspace")]
        verbose_name = _("workflow")
        verbose_name_plural = _("workflows")

    def __str__(self):
        return self.title

    @property
    def model(self) -> str:
        """Return the workflow's model name, as clips and the catalogue use it."""
        return f"workflow-{self.pk}"
