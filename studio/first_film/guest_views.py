"""The film of four scenes that a guest may make before signing up."""

import secrets

from django.contrib.auth.decorators import login_not_required
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import get_or_create_guest_workspace
from accounts.billing.limits import limit_of
from common.web.body_limit import max_body
from common.web.htmx import redirect_to
from generation.forms import GuestForm
from generation.providers.styles import AUTOMATIC
from generation.views.home import keep_guest_prompt, render_home
from studio.breakdown.text import break_down
from studio.first_film import services
from studio.first_film.pencil import choose_film_style, tell_in_style
from studio.importing.forms import MESSAGES
from studio.limits import rate_limit_message
from studio.models import Story
from studio.parsing.drafts import Unreadable

SCENES, SECONDS = 4, 4
SETTINGS = {"resolution": 480, "ratio": "16:9"}


@require_POST
@max_body(21)
@login_not_required
def try_film(request):
    """Make the film of a guest's idea. It is kept for a day, or for good if they sign up."""
    if request.user.is_authenticated:
        return redirect_to(request, "studio:new")
    form = GuestForm(request.POST, request.FILES)
    if form.is_valid() and request.FILES:
        form.add_error(None, _("A film starts from words. Remove the image, or make a clip from it."))
    if form.errors:
        form.hold_pictures(request.FILES)
        return render_home(request, form, status=422)
    idea = form.cleaned_data["prompt"]
    try:
        found = break_down(idea, scenes=SCENES, seconds=SECONDS)
    except Unreadable as error:
        form.add_error("prompt", str(MESSAGES[error.code]))
        return render_home(request, form, status=422)
    if reason := _refusal(request):
        keep_guest_prompt(request, idea)
        form.add_error("prompt", reason)
        return render_home(request, form, status=429)
    style = choose_film_style(found, idea, AUTOMATIC)
    found = tell_in_style(found, idea, style, seconds=SECONDS)
    found.shots = found.shots[:SCENES]
    request.workspace = get_or_create_guest_workspace(request.session)
    story = services.create_from_idea(
        workspace=request.workspace,
        by=None,
        found=found,
        idem_key=secrets.token_urlsafe(12),
        style=style,
        **SETTINGS,
    )
    return redirect_to(request, reverse("studio:first_film", args=[story.pk]))


def _refusal(request) -> str:
    """Return why the guest may make no film now; "" if they may."""
    workspace = request.workspace
    if workspace and Story.objects.filter(workspace=workspace).count() >= limit_of(workspace, "guest_films"):
        return _("You have already made your guest film. Sign up to keep it and make more.")
    return rate_limit_message(request, "guest_film")
