"""Switch a story between pencil and colour."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.web.htmx import redirect_to
from generation.animatic.scene import STORYBOARD
from generation.errors import REFUSALS
from generation.providers.styles import COLOUR
from studio import access
from studio.errors import StudioRefused
from studio.first_film import services
from studio.first_film.keys import clean_key
from studio.limits import rate_limit_message

PAGES = ("story", "film", "first_film")  # that have the switch


@require_POST
@login_not_required
def change_style(request, pk):
    """Draw all drafts of the story in pencil (``style``: storyboard) or in colour. A guest may, in their own film."""
    story = access.get_story_of_guest(request.viewer, pk)
    if story.deleted_at or not request.viewer.may_edit(story.workspace):
        raise PermissionDenied
    back = request.POST.get("back") if request.POST.get("back") in PAGES else "story"
    makes_film, page = back == "first_film", reverse(f"studio:{back}", args=[story.pk])
    wants_pencil = request.POST.get("style") == STORYBOARD
    if wants_pencil == (story.style == STORYBOARD):
        return redirect_to(request, page)
    if message := rate_limit_message(request, "film" if request.user.is_authenticated else "guest_film"):
        messages.error(request, message)
        return redirect_to(request, page)
    try:
        services.change_style(
            story=story,
            by=request.user if request.user.is_authenticated else None,
            style=STORYBOARD if wants_pencil else COLOUR,
            idem_key=clean_key(request.POST.get("idem_key", "")),
            makes_film=makes_film,
        )
    except (StudioRefused, *REFUSALS) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The drafts are drawn again. Nothing is charged."))
    return redirect_to(request, page)
