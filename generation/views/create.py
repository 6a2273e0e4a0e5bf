"""The Create page: what happens in the shot, who draws it, what it costs."""

import uuid

from allauth.core import ratelimit
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.htmx import go_to, render_target
from generation import access, asking, pictures, services
from generation.choices import choices_for, suggestions_for
from generation.forms import ClipForm
from generation.models import Clip
from generation.providers.animatic.understanding import understand
from generation.providers.registry import provider
from generation.refusals import REFUSALS, picture_status, picture_words, status_of


@require_http_methods(["GET", "HEAD", "POST"])
def create(request):
    """GET shows the empty table, or every setting of ``?from=`` and the last frame of ``?continues=``."""
    if request.method != "POST":
        return _page(request, ClipForm(initial=_start(request)))
    form = ClipForm(request.POST, request.FILES)
    if not (form.is_valid() and _may_use_rows(request, form)):
        return _page(request, form, status=422)
    if not ratelimit.consume(request, action="submit", user=request.user):
        form.add_error(None, _("That was very fast: at most 30 requests a minute. Wait a moment and send it again."))
        return _page(request, form, status=429)
    if refused := _keep_picture(request, form):
        return _page(request, form, status=refused)
    return _asked(request, form)


def _asked(request, form):
    """Ask for the takes. htmx gets the new cards and a fresh composer; a plain form goes to the first clip."""
    values = _with_rows(request, form.cleaned_data)
    try:
        clips = services.request_clips(
            workspace=request.workspace,
            by=request.user,
            asked=values,
            takes=values["takes"] or 1,
            idem_key=values["idem_key"],
        )
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, status=status_of(refusal))
    if not request.htmx:
        return go_to(request, clips[0])
    clips = Clip.objects.with_files().filter(pk__in=[clip.pk for clip in clips]).order_by("-take")
    context = {"clips": clips, "idem_key": uuid.uuid4().hex}
    return render_target(request, "generation/_asked.html", context)


def _may_use_rows(request, form) -> bool:
    """Rows named by the form must be the visitor's own: otherwise an error on the field."""
    values = dict(form.cleaned_data)
    for name, rows in (("picture", access.picture_to_see), ("continues", access.clip_to_see)):
        if values.get(name) and not _exists(rows, request, values[name]):
            form.add_error(name, _("This is not here any more. Choose another."))
    return not form.errors


def _keep_picture(request, form) -> int | None:
    """The picture comes with the form itself; it is kept here, or refused on its field and by the status given back."""
    upload = form.cleaned_data.get("picture_file")
    if upload is None:
        return None
    try:
        kept = pictures.keep(upload, crop=form.crop(), workspace=request.workspace, by=request.user)
    except pictures.PictureRefused as refusal:
        form.add_error("picture", picture_words(refusal))
        return picture_status(refusal)
    form.cleaned_data["picture"] = kept.pk
    return None


def _exists(find, request, pk) -> bool:
    try:
        return bool(find(request, pk))
    except Http404:
        return False


def _with_rows(request, values):
    picture = access.picture_to_see(request, values["picture"]) if values["picture"] else None
    continues = access.clip_to_see(request, values["continues"]) if values["continues"] else None
    return values | {"picture": picture, "continues": continues}


def _start(request) -> dict:
    """What the form holds at first: the settings of another clip, the clip to continue, or words from a link."""
    start = {"provider": "animatic", "takes": 1, "paint": True, **ClipForm.DEFAULTS}
    start["prompt"] = request.GET.get("prompt", "")[:2000]
    if (source := _own(request, "from")) is not None:
        start |= asking.asked_of(source) | {"picture": source.picture_id, "continues": source.continues_id}
    if "picture" in request.GET and "picture" not in start:
        start["picture"] = request.GET["picture"]
    if (before := _own(request, "continues")) is not None:
        start |= {name: getattr(before, name) for name in ("style", "ratio", "resolution", "provider", "model")}
        start["continues"] = before.pk
    return start


def _own(request, name):
    try:
        return access.clip_to_see(request, uuid.UUID(request.GET[name]))
    except (KeyError, ValueError):
        return None


def _page(request, form, status=200):
    context = choices_for(request, form) | {
        "form": form,
        "idem_key": uuid.uuid4().hex,
        "tab": "picture" if request.GET.get("tab") == "picture" else "words",
        "clips": access.clips_to_see(request).with_files().order_by("-created_at")[:6],
    }
    return render_target(request, "generation/create.html", context, targets={"composer": "composer"}, status=status)


@require_safe
def estimate(request):
    """What the takes would cost and about how long they would take, for the button."""
    form = ClipForm(request.GET)
    status = 200 if form.is_valid() else 422
    return render_target(request, "generation/_estimate.html", choices_for(request, form), status=status)


@require_safe
def understood(request):
    """What the animatic reads in the words: chips to switch off, and what meant nothing to it."""
    form = ClipForm(request.GET)
    form.is_valid()
    values = form.cleaned_data
    found = understand(values.get("prompt", ""), negative=values.get("negative_prompt", ""), seed=0)
    off = frozenset(values.get("chips_off") or ())
    engine = provider(values.get("provider") or "animatic")
    context = {"found": found, "off": off, "is_animatic": engine.is_local, "suggestions": suggestions_for(found)}
    return render_target(request, "generation/_understood.html", context)
