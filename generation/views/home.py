"""The home page for guests: sample clips, and one short animatic before signing up."""

import secrets

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_or_create_guest_workspace
from accounts.billing.limits import consume_rate, limit_of
from common.web.body_limit import max_body
from common.web.htmx import redirect_to, render_target
from generation.clip_spec import ClipSpec
from generation.errors import picture_message, picture_status
from generation.forms import ClipForm, GuestForm
from generation.models import Clip, Picture
from generation.providers.styles import AUTOMATIC
from generation.services import clips as clip_services
from generation.services import uploads
from generation.views.create import GUEST_PROMPT
from generation.views.home_samples import home_film, home_samples

GUEST_CLIP = "guest_clip"  # session key: the id of the guest's clip
GUEST_SETTINGS = {"seconds": 3, "resolution": 480, "ratio": "16:9", "style": AUTOMATIC, "paint": "on"}


@require_safe
@login_not_required
def home(request):
    """Redirect users to Create; show guests the home page."""
    if request.user.is_authenticated:
        return redirect("generation:create")
    return render_home(request, GuestForm())


def render_home(request, form, status=200):
    """Render the home page for guests, with the form of a prompt."""
    samples = {"film": home_film(get_language()), "samples": home_samples()}
    context = {"form": form, "guest_clip": _find_guest_clip(request), **samples}
    return render_target(request, "generation/home.html", context, targets={"guest": "guest"}, status=status)


def _find_guest_clip(request) -> Clip | None:
    """Return the clip that the guest made in this session. The scenes of a guest's film are clips, too."""
    pk = request.session.get(GUEST_CLIP)
    if not (pk and request.workspace):
        return None
    return Clip.objects.shown().with_files().filter(workspace=request.workspace, pk=pk).first()


@require_POST
@max_body(21)
@login_not_required
def guest(request):
    """Create one short animatic for a guest. It is kept for a day, or for good if they sign up."""
    if request.user.is_authenticated:
        return redirect_to(request, "generation:create")
    form = GuestForm(request.POST, request.FILES)
    if not form.is_valid():
        form.hold_pictures(request.FILES)
        return render_home(request, form, status=422)
    workspace = request.workspace
    if workspace and Clip.objects.filter(workspace=workspace).count() >= limit_of(workspace, "guest_clips"):
        reason = _("You have already made what a guest may make. Sign up to keep it and make more.")
        return _render_refusal(request, form, reason)
    if not consume_rate(request, "guest_clip"):
        reason = _("Too many clips were made from this network address. Try again later, or sign up.")
        return _render_refusal(request, form, reason)
    request.workspace = get_or_create_guest_workspace(request.session)
    try:
        picture = _save_picture(request.workspace, form)
    except uploads.PictureRefused as refusal:
        form.refuse_picture("picture_file", form.cleaned_data["picture_file"].name, picture_message(refusal))
        return render_home(request, form, status=picture_status(refusal))
    clip = _create_guest_clip(request.workspace, form.cleaned_data["prompt"], picture)
    request.session[GUEST_CLIP] = str(clip.pk)
    request.session.pop(GUEST_PROMPT, None)  # of an earlier guest in this browser
    return redirect_to(request, clip)


def _render_refusal(request, form, reason):
    """Show the home page with the reason, and keep the prompt for after the sign-up: it may be too long for a URL."""
    keep_guest_prompt(request, form.cleaned_data["prompt"])
    form.hold_pictures(request.FILES)
    form.add_error("prompt", reason)
    return render_home(request, form, status=429)


def keep_guest_prompt(request, prompt: str) -> None:
    """Keep a refused prompt for after the sign-up. Without a workspace no session is started for it."""
    if request.workspace:
        request.session[GUEST_PROMPT] = prompt


def find_guest_page(session, workspace) -> tuple[str, str] | None:
    """Return the page of a guest's clip and the sentence that it was kept, unless a refused prompt waits on Create."""
    clip = Clip.objects.shown().filter(workspace=workspace).order_by("-created_at").first()
    if clip is None or GUEST_PROMPT in session:
        return None
    return clip.get_absolute_url(), _("Your clip was kept. You find it in the library.")


def _save_picture(workspace, form) -> Picture | None:
    """Store the picture that the guest chose; None if there is none. Raises PictureRefused."""
    upload = form.cleaned_data["picture_file"]
    return uploads.save_picture(upload, workspace=workspace, by=None, crop=form.get_crop()) if upload else None


def _create_guest_clip(workspace, prompt: str, picture: Picture | None) -> Clip:
    form = ClipForm({"prompt": prompt, "picture": picture.pk if picture else "", **GUEST_SETTINGS})
    form.is_valid()
    spec = ClipSpec.from_form(form.cleaned_data, picture=picture)
    [clip] = clip_services.create_clips(spec, workspace=workspace, by=None, idem_key=secrets.token_urlsafe(12))
    return clip
