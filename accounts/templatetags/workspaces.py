"""Workspaces on pages: each form carries the one that it was drawn for (accounts.middleware.CurrentViewer), and a page
of one thing says whose it is.

A built-in library: its ``{% csrf_token %}`` takes the place of Django's.
"""

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.viewer import WORKSPACE_FIELD
from common.web.components import draw_icon

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context) -> SafeString:
    """Return the hidden fields of a form: Django's token, and the workspace at hand of users who have several."""
    fields = []
    if (token := context.get("csrf_token")) and token != "NOTPROVIDED":  # noqa: S105 - Django's word for no token
        fields.append(("csrfmiddlewaretoken", token))
    if workspace := find_carried(context):
        fields.append((WORKSPACE_FIELD, workspace))
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


@register.simple_tag(takes_context=True)
def workspace_header(context) -> SafeString | str:
    """Return the workspace at hand as a part of ``hx-headers``; "" for users with one workspace."""
    workspace = find_carried(context)
    return format_html(', "X-Workspace": "{}"', workspace) if workspace else ""


@register.simple_tag(takes_context=True)
def workspace_mark(context, workspace_id) -> SafeString | str:
    """Render whose the thing of a page is, with a button to go there, if it is not of the workspace at hand."""
    request = getattr(context, "request", None)
    if not find_carried(context) or workspace_id == request.viewer.workspace.pk:
        return ""
    workspace = next((row for row in request.viewer.workspaces if row.pk == workspace_id), None)
    values = {"workspace": workspace, "here": request.path}
    return render_to_string("teams/_mark.html", values, request) if workspace else ""


@register.simple_tag(takes_context=True)
def spending_note(context, workspace_id=None) -> SafeString | str:
    """Render that the viewer may not spend in the workspace, or the one at hand, and what to do; "" if they may."""
    viewer = getattr(getattr(context, "request", None), "viewer", None)
    if viewer is None or viewer.workspace is None or viewer.may_spend(workspace_id or viewer.workspace):
        return ""
    return format_html(
        '<p class="note small-text">{}<span>{}</span></p>',
        draw_icon("lock"),
        _("You may not spend in this workspace. An owner can allow it, or you connect an account of your own."),
    )


def find_carried(context) -> str:
    """Return the id of the workspace at hand; "" for users with one workspace, guests and visitors."""
    viewer = getattr(getattr(context, "request", None), "viewer", None)
    if viewer is None or not viewer.is_authenticated or len(viewer.workspaces) < 2:
        return ""
    return str(viewer.workspace.pk)
