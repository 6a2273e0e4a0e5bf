"""Switch between workspaces."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import ENTERED_KEY
from accounts.middleware import is_local_path
from accounts.viewer import get_workspace


@require_POST
def enter(request, pk):
    """Let another workspace of the user be at hand, and show the page ``next`` or Create. Raises Http404."""
    workspace = get_workspace(request.viewer, pk)
    request.session[ENTERED_KEY] = str(workspace.pk)
    messages.success(request, _("You are in “%(name)s” now.") % {"name": workspace.name})
    next_page = request.POST.get("next", "")
    return redirect(next_page if is_local_path(next_page) else "generation:create")
