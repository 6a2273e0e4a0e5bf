"""Views that begin a story without writing it: an empty one, one with a first scene, and a copy."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.web.htmx import mark_draft_saved, redirect_to, render_target
from generation.providers.adapters.local.automatic import choose_style
from generation.providers.styles import AUTOMATIC, list_samples
from studio import access
from studio.drawing import services as drawing_services
from studio.limits import rate_limit_message
from studio.models import Story
from studio.scenes import services as scene_services
from studio.stories import copy_story
from studio.stories import services as story_services
from studio.stories.forms import NewStoryForm
from studio.stories.views import render_settings


@require_http_methods(["GET", "HEAD", "POST"])
def blank(request):
    """Create an empty story, or one with a first scene if its text was entered."""
    form = NewStoryForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _render_blank(request, form, status=422 if form.is_bound else 200)
    if not access.may_edit(request.viewer, request.workspace):
        raise PermissionDenied
    if message := rate_limit_message(request, "story"):
        form.add_error(None, message)
        return _render_blank(request, form, status=429)
    values = form.cleaned_data
    own = {name: values[name] for name in ("title", "ratio", "style") if values[name]}
    if own.get("style") == AUTOMATIC:  # of a story without a scene: the colour style
        own["style"] = choose_style([values["words"]] if values["words"] else [])
    with transaction.atomic():  # no story if its animatic is refused
        story = story_services.create_story(workspace=request.workspace, by=request.user, **own)
        if values["words"]:
            scene = scene_services.add_scene(story=story, by=request.user, prompt=values["words"])
            key = f"animate-{uuid.uuid4().hex}"
            drawing_services.draw_animatics(story=story, by=request.user, idem_key=key, scenes=[scene.pk])
    return mark_draft_saved(redirect_to(request, story), "blank-story")


def _render_blank(request, form, status):
    context = {"form": form, "ratios": Story.ratio.field.choices, "styles": list_samples(has_automatic=True)}
    return render_target(request, "studio/blank.html", context, status=status)


@require_POST
def duplicate(request, pk):
    story = access.get_editable_story(request.viewer, pk)
    if message := rate_limit_message(request, "story"):
        messages.error(request, message)
        return render_settings(request, story, status=429)
    with transaction.atomic():
        copy = copy_story.duplicate_story(story=story, by=request.user)
        drawing_services.draw_animatics(story=copy, by=request.user, idem_key=f"animate-{copy.pk.hex}")
    messages.success(
        request, _("This is the copy. It has the takes of the original; nothing is drawn or charged again.")
    )
    return redirect_to(request, copy)
