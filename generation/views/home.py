"""The home page for guests: sample clips, and one short animatic before signing up."""

import secrets

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_or_create_guest_workspace
from accounts.billing.limits import consume_rate, limit_of
from common.web.htmx import redirect_to, render_target
from generation.clip_spec import ClipSpec
from generation.forms import ClipForm, GuestForm
from generation.models import Clip
from generation.services import clips as clip_services
from generation.views.create import GUEST_PROMPT
from generation.views.home_samples import home_samples

GUEST_SETTINGS = {"seconds": 3, "resolution": 480, "ratio": "16:9", "style": "cel"}


@require_safe
@login_not_required
def home(request):
    """Redirect users to Create; show guests the home page."""
    if request.user.is_authenticated:
        return redirect("generation:create")
    return _render_home(request, GuestForm())


def _render_home(request, form, status=200):
    guest_clip = (
        Clip.objects.shown().with_files().filter(workspace=request.workspace).first() if request.workspace else None
    )
    context = {"form": form, "samples": home_samples(), "guest_clip": guest_clip}
    return render_target(request, "generation/home.html", context, targets={"guest": "guest"}, status=status)


@require_POST
@login_not_required
def guest(request):
    """Create one short animatic for a guest. It is kept for a day, or for good if they sign up."""
    if request.user.is_authenticated:
        return redirect_to(request, "generation:create")
    form = GuestForm(request.POST)
    if not form.is_valid():
        return _render_home(request, form, status=422)
    workspace = request.workspace
    if workspace and Clip.objects.filter(workspace=workspace).count() >= limit_of(workspace, "guest_clips"):
        reason = _("You have already made your guest clip. Sign up to keep it and make more.")
        return _render_refusal(request, form, reason)
    if not consume_rate(request, "guest_clip"):
        reason = _("Too many clips were made from this network address. Try again in an hour, or sign up.")
        return _render_refusal(request, form, reason)
    request.workspace = get_or_create_guest_workspace(request.session)
    clip = _create_guest_clip(request.workspace, form.cleaned_data["prompt"])
    request.session.pop(GUEST_PROMPT, None)  # of an earlier guest in this browser
    return redirect_to(request, clip)


def _render_refusal(request, form, reason):
    """Show the home page with the reason, and keep the prompt for after the sign-up: it may be too long for a URL."""
    if request.workspace:  # do not start a session for each refusal
        request.session[GUEST_PROMPT] = form.cleaned_data["prompt"]
    form.add_error("prompt", reason)
    return _render_home(request, form, status=429)


def _create_guest_clip(workspace, prompt):
    form = ClipForm({"prompt": prompt, **GUEST_SETTINGS})
    form.is_valid()
    spec = ClipSpec.from_form(form.cleaned_data)
    [clip] = clip_services.create_clips(spec, workspace=workspace, by=None, idem_key=secrets.token_urlsafe(12))
    return clip
