"""The signed-out front: a wall of clips, one box, and one short animatic before signing up."""

import secrets

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_or_create_guest_workspace
from common.web.htmx import redirect_to, render_target
from generation.clip_spec import ClipSpec
from generation.forms import ClipForm, GuestForm
from generation.models import Clip
from generation.services import clips as clip_services
from generation.views.create import GUEST_WORDS
from generation.views.home_samples import wall

GUEST_CLIPS = 1
GUEST_SHOT = {"seconds": 3, "resolution": 480, "ratio": "16:9", "style": "cel"}


@require_safe
@login_not_required
def home(request):
    """People at work go to Create; everyone else sees what this is."""
    if request.user.is_authenticated:
        return redirect("generation:create")
    return _home(request, GuestForm())


def _home(request, form, status=200):
    mine = Clip.objects.shown().with_files().filter(workspace=request.workspace).first() if request.workspace else None
    context = {"form": form, "wall": wall(), "guest_clip": mine}
    return render_target(request, "generation/home.html", context, targets={"guest": "guest"}, status=status)


@require_POST
@login_not_required
def guest(request):
    """Draw one short animatic for a visitor: kept for a day, or for good when they sign up."""
    if request.user.is_authenticated:
        return redirect_to(request, "generation:create")
    form = GuestForm(request.POST)
    if not form.is_valid():
        return _home(request, form, status=422)
    workspace = request.workspace
    if workspace and Clip.objects.filter(workspace=workspace).count() >= GUEST_CLIPS:
        return _refused(request, form, _("You have already made your guest clip. Sign up to keep it and make more."))
    if not ratelimit.consume(request, action="guest_clip"):
        why = _("Too many clips were made from this network address. Try again in an hour, or sign up.")
        return _refused(request, form, why)
    clip = _draw_for(get_or_create_guest_workspace(request), form.cleaned_data["prompt"])
    request.session.pop(GUEST_WORDS, None)  # of whoever was a guest in this browser before
    return redirect_to(request, clip)


def _refused(request, form, why):
    """What was written waits for whoever has an account soon; it may be too long for the address that leads there."""
    if request.workspace:  # else each refusal would leave a session behind
        request.session[GUEST_WORDS] = form.cleaned_data["prompt"]
    form.add_error("prompt", why)
    return _home(request, form, status=429)


def _draw_for(workspace, prompt):
    form = ClipForm({"prompt": prompt, **GUEST_SHOT})
    form.is_valid()
    spec = ClipSpec.from_form(form.cleaned_data)
    [clip] = clip_services.create_clips(spec, workspace=workspace, by=None, idem_key=secrets.token_urlsafe(12))
    return clip
