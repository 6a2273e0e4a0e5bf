"""Validate and store uploaded workflows for ComfyUI, which are offered as models."""

from django import forms
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.billing.limits import limit_of
from common.text import clean_text
from generation.providers.adapters.comfyui import graph
from generation.providers.adapters.comfyui.workflows import read_parameters
from generation.providers.base import Mode
from generation.providers.models import Workflow
from jobs import services as jobs

STARTS = {
    Mode.WORDS: gettext_lazy("from text"),
    Mode.PICTURE: gettext_lazy("from an image"),
    Mode.FIRST_LAST: gettext_lazy("from a first and a last frame"),
    Mode.REFERENCES: gettext_lazy("from reference images"),
    Mode.VIDEO: gettext_lazy("from a video"),
}


class WorkflowForm(forms.Form):
    """Form for a workflow file in API format. A valid form has the attributes ``graph`` and ``facts``."""

    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Name in the list of models. Leave empty to use the file name."),
    )
    file = forms.FileField(
        label=gettext_lazy("Workflow"),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text=gettext_lazy("A JSON file of at most 1 MB. In ComfyUI choose Workflow › Export (API)."),
    )

    def clean_title(self):
        return " ".join(clean_text(self.cleaned_data["title"]).split())

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            self.graph = graph.read_graph(file.read(graph.LIMIT + 1))
            self.facts = read_parameters(self.graph)
        except graph.GraphRefused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return file

    def clean(self):
        super().clean()
        values = self.cleaned_data
        if not values.get("title") and values.get("file"):
            name = "".join(char for char in values["file"].name if char.isprintable())
            values["title"] = name.removesuffix(".json")[:60].strip() or _("Workflow")
        return values


@transaction.atomic
def store_workflow(*, workspace, by, title: str, graph: dict, facts: dict) -> Workflow:
    """Store a workflow. Raises JobRefused if the workspace has reached its limit of workflows."""
    if workspace is not None:
        jobs.lock_workspace(workspace)
        limit = limit_of(workspace, "workflows")
        if Workflow.objects.available().filter(workspace=workspace).count() >= limit:
            raise jobs.JobRefused(_("A workspace can have at most %(n)s workflows. Remove one first.") % {"n": limit})
    return Workflow.objects.create(workspace=workspace, created_by=by, title=title, graph=graph, facts=facts)


def remove_workflow(workflow: Workflow) -> None:
    """Stop offering a workflow. The row is kept, since running jobs need it and finished clips show its name."""
    Workflow.objects.filter(pk=workflow.pk, deleted_at=None).update(deleted_at=Now())


def build_rows(workflows) -> list[dict]:
    """Return {"workflow", "starts": labels of its modes, "places": its slots, "has_prompt"} for each workflow."""
    return [
        {
            "workflow": workflow,
            "starts": [STARTS[Mode(mode)] for mode in workflow.facts.get("modes", ())],
            "places": sorted(workflow.facts.get("slots", {}).items()),
            "has_prompt": "PROMPT" in workflow.facts.get("slots", {}),
        }
        for workflow in workflows
    ]
