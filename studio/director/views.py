"""The director's page, on which a model proposes concept, shot list and prompts and the user accepts them."""

import uuid

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from common.web.htmx import mark_draft_saved, redirect_to, render_target
from generation.errors import REFUSALS, status_of
from generation.forms import IDEM_KEY
from studio import access
from studio.director import prompts as director_prompts
from studio.director import services as director_services
from studio.director.forms import IdeaForm, clean_accepted, list_connections
from studio.director.progress import describe_failure
from studio.errors import DirectionChanged, StudioRefused
from studio.limits import rate_limit_message
from studio.models import Direction

SUBMITTING_ACTIONS = ("begin", "ask")  # send a request to a model


@require_http_methods(["GET", "HEAD", "POST"])
def director(request, pk):
    """Show the director's page (GET), or carry out an action (POST).

    ``do``: "begin" (with an idea), "ask" (for a proposal), "accept" or "make" (the scenes). ``step``: the step
    concerned. ``direction``: the mark of the direction that the page showed.
    """
    if request.method != "POST":
        return _show(request, pk)
    story = access.get_editable_story(request.viewer, pk)
    if story.deleted_at:
        return redirect_to(request, story)
    form = None
    if request.POST.get("do") == "begin":
        form = IdeaForm(request.POST, by=request.user, workspace=story.workspace)
    if message := request.POST.get("do") in SUBMITTING_ACTIONS and rate_limit_message(request, "submit"):
        return _render_page(request, story, form=form, problem=message, status=429)
    try:
        if form and not form.is_valid():
            return _render_page(request, story, form=form, status=422)
        return _start(request, story, form) if form else _apply_action(request, story)
    except DirectionChanged as refusal:
        typed_text = _join_typed_text(request.POST)
        return _render_page(request, story, problem=str(refusal), typed_text=typed_text, status=refusal.status)
    except ValidationError as refusal:
        return _render_page(request, story, form=form, problem=" ".join(refusal.messages), status=422)
    except (StudioRefused, *REFUSALS) as refusal:
        status = getattr(refusal, "status", None) or status_of(refusal)
        return _render_page(request, story, form=form, problem=str(refusal), status=status)


def _show(request, pk):
    story = access.get_visible_story(request.viewer, pk)
    return redirect_to(request, story) if story.deleted_at else _render_page(request, story)


def _start(request, story, form):
    values = form.cleaned_data
    director_services.start_direction(
        story=story,
        by=request.user,
        idea=values["idea"],
        count=values["count"],
        connection=values["connection"],
        idem_key=_clean_key(values["idem_key"]),
        shown=request.POST.get("direction", ""),
    )
    return mark_draft_saved(_redirect_to_director(request, story), f"director-{story.pk}")


def _apply_action(request, story):
    direction, step, do = (
        director_services.get_newest_direction(story),
        request.POST.get("step", ""),
        request.POST.get("do", ""),
    )
    key, shown = _clean_key(request.POST.get("idem_key", "")), request.POST.get("direction", "")
    if direction is None or step not in director_prompts.STEPS:
        raise Http404
    if do == "accept":
        values = clean_accepted(step, request.POST, director_services.check_mark(direction, shown))
        director_services.accept_direction(direction=direction, by=request.user, step=step, shown=shown, **values)
    elif do == "ask":
        director_services.request_proposal(direction=direction, by=request.user, step=step, idem_key=key, shown=shown)
    elif do == "make":
        made = director_services.create_scenes(direction=direction, by=request.user, idem_key=key, shown=shown)
        return redirect_to(request, made)
    else:
        raise Http404
    return _redirect_to_director(request, story)


def _clean_key(sent: str) -> str:
    """Return the key that the page sent, cut to 80 characters, or a new one if it is not valid."""
    return sent[:80] if IDEM_KEY.match(sent) else uuid.uuid4().hex


def _join_typed_text(sent) -> str:
    """Return all text that the user typed into a refused form, so that the page can show it."""
    names = ("idea", "concept", "action", "line", "prompt")
    return "\n\n".join(text for name in names for text in sent.getlist(name) if text.strip())


def _redirect_to_director(request, story):
    return redirect_to(request, reverse("studio:director", args=[story.pk]))


def _render_page(request, story, *, form=None, problem="", typed_text="", status=200):
    direction = director_services.get_newest_direction(story)
    mark = direction.mark if direction else ""
    may_edit = access.may_edit(request.viewer, story.workspace)
    context = {
        "story": story,
        "direction": direction,
        "form": form or _build_idea_form(request, story),
        "is_new": direction is None or form is not None or "new" in request.GET,
        "connections": list_connections(request.viewer, story.workspace) if may_edit else [],
        "mark": request.POST.get("direction", "") if form else mark,  # the user still sees the older one
        "problem": problem,
        "typed_text": typed_text,
        "may_edit": may_edit,
        "idem_key": uuid.uuid4().hex,
    }
    if direction:
        context |= _describe_progress(direction)
    return render_target(request, "studio/director.html", context, targets={"direction": "direction"}, status=status)


def _build_idea_form(request, story) -> IdeaForm:
    """Return the form for an idea, filled in with the synopsis of the story."""
    initial = {"idea": story.synopsis} if story.synopsis else None
    return IdeaForm(by=request.user, workspace=story.workspace, initial=initial)


def _describe_progress(direction: Direction) -> dict:
    """Return the template variables about the steps: what is proposed or accepted, and what failed."""
    job, proposal = direction.job, direction.proposal
    is_busy = bool(job and job.is_active)
    shots = proposal.get("shots") or direction.shots
    prompts = proposal.get("prompts") or direction.prompts
    return {
        "is_busy": is_busy,
        "job": job,
        "failure": describe_failure(direction) if job and not is_busy and not job.is_good else "",
        "failure_details": job.error_details if job and not is_busy else "",
        "partial_response": "" if is_busy else direction.response,
        "concept": proposal.get("concept") or direction.concept,
        "shots": shots,
        "prompts": list(zip(direction.shots, prompts, strict=False)) if prompts else [],
        "proposed": next((step for step in director_prompts.STEPS if step in proposal), ""),
    }
