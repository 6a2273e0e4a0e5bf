"""A workspace's ComfyUI workflows: its members see them, its editors upload and delete them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import EDIT, can
from accounts.viewer import get_workspace
from common.web.body_limit import max_body
from common.web.htmx import render_target
from generation import access
from generation.errors import REFUSALS, status_of
from generation.providers import catalogue
from generation.providers.adapters.comfyui import uploads as workflow_uploads
from generation.providers.models import Workflow


@require_http_methods(["GET", "HEAD", "POST"])
@max_body(21)
def workspace_workflows(request, pk):
    """Show the list; POST adds a workflow."""
    workspace = get_workspace(request.viewer, pk)
    if request.method != "POST":
        return _render_page(request, workspace, workflow_uploads.WorkflowForm())
    if not can(request.viewer, EDIT, workspace):
        raise PermissionDenied
    form = workflow_uploads.WorkflowForm(request.POST, request.FILES)
    if not form.is_valid():
        return _render_page(request, workspace, form, 422)
    title = form.cleaned_data["title"]
    try:
        workflow_uploads.store_workflow(
            workspace=workspace, by=request.user, title=title, graph=form.graph, facts=form.facts
        )
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
        return _render_page(request, workspace, form, status_of(refusal))
    messages.success(request, _("“%(name)s” is now available as a ComfyUI model.") % {"name": title})
    return redirect("generation:workflows_of", workspace.pk)


def _render_page(request, workspace, form, status=200):
    workspace_rows = Workflow.objects.available().filter(workspace=workspace).defer("graph").order_by("title", "pk")
    site_rows = Workflow.objects.available().filter(workspace=None).defer("graph").order_by("title", "pk")
    context = {
        "workspace": workspace,
        "form": form,
        "rows": workflow_uploads.build_rows(workspace_rows),
        "shared": workflow_uploads.build_rows(site_rows),
        "shipped": catalogue.capabilities("comfyui"),
        "may_edit": can(request.viewer, EDIT, workspace),
    }
    return render_target(request, "generation/workflows.html", context, status=status)


@require_POST
def delete(request, pk):
    workflow = access.get_editable_workflow(request.viewer, pk)
    workflow_uploads.remove_workflow(workflow)
    messages.success(request, _("“%(name)s” is no longer available.") % {"name": workflow.title})
    return redirect("generation:workflows_of", workflow.workspace_id)
