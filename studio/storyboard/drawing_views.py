"""Views that quote, start and stop runs, choose takes, and change the images of a scene."""

import uuid
from functools import partial

from django.contrib import messages
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.billing.limits import consume_rate
from accounts.billing.refusals import get_lack
from common.web.body_limit import max_body
from common.web.htmx import render_target
from generation.errors import REFUSALS, CapRequired, picture_message, picture_status, status_of
from generation.forms import find_price_cap
from generation.offers.durations import describe_wait
from generation.providers.registry import providers
from generation.services import uploads
from jobs import registry
from jobs.models import Job
from jobs.views.cards import count_active_jobs
from studio import access
from studio.drawing import provider_picker
from studio.drawing import services as drawing_services
from studio.drawing.forms import DrawForm
from studio.drawing.quote import build_quote, describe_spending
from studio.errors import Collision, SceneChanged, StudioRefused
from studio.limits import rate_limit_message
from studio.models import Character, Run, Scene, Story
from studio.scenes import edits
from studio.scenes.forms import PictureForm
from studio.scenes.providers import find_model
from studio.storyboard.responses import animate_scene, get_open_scene, get_shown_rev, respond_with_board
from studio.timeline.fields import IMAGE_FIELDS


@require_http_methods(["GET", "HEAD", "POST"])
def draw(request, pk):
    """Show the quote (GET ``?which=&scene=&mode=&on_failure=&cap_USD=``), or start the run (POST)."""
    story = access.get_editable_story(request.viewer, pk, active_jobs=count_active_jobs(request))
    request.active_jobs = story.active_jobs
    form = DrawForm(request.POST if request.method == "POST" else request.GET)
    scene, character = _find_scene(story, form), _find_character(story, form)
    selection = {"scene": scene, "character": character}
    offers = provider_picker.list_offers(story, request.user)
    engine = _find_engine(story, form, offers)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return _render_quote(request, story, form, selection, offers, engine, status=status)
    if not consume_rate(request, "submit"):
        form.add_error(None, _("Too many requests. Wait a moment and try again."))
        return _render_quote(request, story, form, selection, offers, engine, status=429)
    try:
        run = _start_run(request, story, form.cleaned_data, selection, engine)
    except (StudioRefused, *REFUSALS) as refusal:
        form.add_error("cap" if isinstance(refusal, CapRequired) else None, str(refusal))
        status = getattr(refusal, "status", None) or status_of(refusal)
        return _render_quote(request, story, form, selection, offers, engine, status=status, lacks=get_lack(refusal))
    n = run.shots.count()
    message = ngettext("%(n)d scene is being drawn.", "%(n)d scenes are being drawn.", n) % {"n": n}
    messages.success(request, message + " " + _("You can close this page; the job continues."))
    return respond_with_board(request, story, current=scene, editor=scene is not None)


def _find_engine(story, form, offers):
    """Return the provider and model that the form names; None if it names none, or an error if it cannot be used."""
    form.is_valid()
    if not (slug := form.cleaned_data.get("provider")):
        return None
    engine = provider_picker.clean_engine(slug, form.cleaned_data.get("model", ""), story)
    if engine is None or not provider_picker.is_usable(story, engine, offers):
        form.add_error(None, _("The selected provider is not available. Choose another. Nothing was started."))
        return None
    return engine


def _find_scene(story, form) -> Scene | None:
    """Return the scene that the form names, None if it names none. Raises Http404 if it is not in this story."""
    form.is_valid()
    if not (scene_id := form.cleaned_data.get("scene")):
        return None
    scene = story.scenes.shown().filter(pk=scene_id).first()
    if scene is None:
        raise Http404
    return scene


def _find_character(story, form) -> Character | None:
    """Return the character that the form names, or None. Raises Http404 if it cannot appear in this story."""
    if not (character_id := form.cleaned_data.get("character")):
        return None
    character = Character.objects.available_in(story).shown().filter(pk=character_id).first()
    if character is None:
        raise Http404
    return character


def _start_run(request, story, values, selection, engine) -> Run:
    """Store the chosen provider and start the run."""
    if engine:
        scene = selection["scene"]
        drawing_services.choose_provider(story=story, by=request.user, engine=engine, scene=scene)
    return drawing_services.start_run(
        story=story,
        by=request.user,
        which=values["which"],
        **selection,
        mode=values["mode"],
        on_failure=values["on_failure"],
        caps=values["caps"],
        agreed=values["agreed"],
        cap=values["cap"],
        idem_key=values["idem_key"] or uuid.uuid4().hex,
    )


def _render_quote(request, story, form, selection, offers, engine, status=200, lacks=""):
    values = form.cleaned_data
    which, mode = values.get("which") or "missing", values.get("mode") or story.mode
    on_failure = values.get("on_failure") or story.on_failure
    options = {"which": which, "mode": mode, "on_failure": on_failure, "caps": values.get("caps")}
    build = partial(build_quote, story, by=request.user, connected=_get_connected(offers), **options, **selection)
    engines = [engine] if engine else provider_picker.list_engines(story, offers, request.user, selection["scene"])
    quote, one = build(engine=engines[0]), which == "one"
    scenes = [row.scene for row in quote.rows if not row.is_blocked]
    engine = provider_picker.choose_engine(story, scenes, offers, engines, one=one)
    if engine != engines[0]:
        quote = build(engine=engine)
    picker = provider_picker.build_picker(story, scenes, offers, engine, one=one)
    pause_notes = _list_pause_notes(quote, offers)
    spending = describe_spending(story, quote, request.user)
    context = {
        "story": story,
        **selection,
        "quote": quote,
        "picker": picker,
        "pause_notes": pause_notes,
        "wait": _("connection paused") if pause_notes else describe_wait(get_wait(quote, picker)),
        **spending,
        "lacks": (lacks or spending["lacks"]) if story.workspace_id == request.workspace.pk else "",
        **options,
        "modes": Story.Mode.choices,
        "failures": story.OnFailure.choices,
        "problems": form.non_field_errors(),
        "caps": _list_caps(form, quote),
        "price_cap": _describe_price_cap(story, form, quote),
        "idem_key": uuid.uuid4().hex,
    }
    return render_target(request, "studio/quote.html", context, targets={"sheet": "sheet"}, status=status)


def _list_pause_notes(quote, offers) -> list[str]:
    """Return what the paused connections mean for the scenes of the quote that would be drawn through them."""
    used = {row.terms.get("provider") for row in quote.shots}
    return [offer.pause_note for offer in offers if offer.is_paused and offer.engine.slug in used]


def _get_connected(offers) -> set[str]:
    return {connection.provider for offer in offers for connection in offer.connections}


def _describe_price_cap(story, form, quote) -> dict | None:
    """Return what the sheet asks for models without a known price (_price_cap.html); None if it asks nothing."""
    models = quote.unpriced_models
    if not models:
        return None
    agreed = [find_price_cap(story.workspace, *names) for names in models]
    return {
        "model": ", ".join(_get_model_label(story, *names) for names in models),
        "price_cap": max(agreed, key=lambda cap: cap.amount) if all(agreed) else None,
        "value": form.data.get("cap", ""),
        "error": next(iter(form.errors.get("cap", ())), ""),
    }


def _get_model_label(story, provider: str, model: str) -> str:
    engine = providers()[provider]
    found = find_model(engine, model, story)
    return str(found.label if found else engine.label)


def get_wait(quote, picker) -> float:
    """Return the seconds until the last scene is drawn. Continued scenes are drawn one after the other."""
    if quote.has_continued_scenes or picker["chosen"] is None:
        return quote.seconds
    return min(quote.seconds, picker["chosen"].seconds)


def _list_caps(form, quote) -> list[tuple[str, str]]:
    """Return (currency, entered spending limit) for each currency in which something costs money or has a limit."""
    priced = {row.currency for row in quote.rows if row.price}
    return [(currency, form.data.get(f"cap_{currency}", "")) for currency in sorted(priced | set(quote.caps))]


@require_POST
def stop(request, pk):
    """Stop the story's runs and their unfinished clips."""
    story = access.get_editable_story(request.viewer, pk)
    runs = list(Run.objects.filter(story=story, job__in=Job.objects.active()).select_related("job"))
    for run in runs:
        drawing_services.stop_run(run=run, by=request.user)
    messages.info(request, _stop_message(story, was_stopped=bool(runs)))
    return respond_with_board(request, story, editor=False)


def _stop_message(story, *, was_stopped: bool) -> str:
    """Return a message about what happens to unfinished clips. ``was_stopped``: this request stopped a run."""
    left = list(Job.objects.active().filter(clip__shot__run__story=story))
    if not left and not was_stopped:
        return _("Nothing was being drawn.")
    if not (was_stopped or all(job.cancel_requested_at for job in left)):
        return _(
            "No further scenes are submitted. Those already submitted continue; their own jobs show what they cost."
        )
    if not all(registry.kind_of(job).is_local for job in left):
        return _("Cancelling. Providers are asked to cancel too; each job will show what was charged or refunded.")
    return _("Cancelling. Nothing is charged for unfinished work.")


@require_POST
def choose(request, pk):
    """Show the posted take (``take``: id) in the scene. ``only_board``: another scene's editor may be open."""
    return _change_take(request, pk, drawing_services.choose_take)


@require_POST
def use_new_takes(request, pk):
    """Show the new takes of all scenes."""
    story = access.get_editable_story(request.viewer, pk)
    drawing_services.use_new_takes(story=story, by=request.user)
    return respond_with_board(request, story, current=get_open_scene(request, story), editor=False)


@require_POST
def cover(request, pk):
    """Use the posted take (``take``: id) as the story's cover."""
    return _change_take(request, pk, drawing_services.choose_cover, _("This image is now the cover of the story."))


def _change_take(request, pk, change, message=""):
    scene = access.get_editable_scene(request.viewer, pk)
    take_id = request.POST.get("take", "")
    rows = scene.takes.select_related("clip")
    take = rows.filter(pk=int(take_id)).first() if take_id.isdecimal() and len(take_id) < 19 else None
    if take is None:
        raise Http404
    try:
        change(take=take, by=request.user)
    except StudioRefused as refusal:
        return respond_with_board(request, scene.story, note=str(refusal), status=refusal.status, current=scene)
    if message:
        messages.success(request, message)
    if "only_board" in request.POST:
        return respond_with_board(
            request, scene.story, current=get_open_scene(request, scene.story) or scene, editor=False
        )
    return respond_with_board(request, scene.story, current=scene)


@require_POST
@max_body(21)
def picture(request, pk):
    """Set an image of the scene to the cropped upload ``picture_file``, or remove it with ``remove``.

    ``part``: picture, first_frame or last_frame. ``rev``: the revision that the page showed, so that an image that
    somebody else has set since is not replaced.
    """
    scene = access.get_editable_scene(request.viewer, pk)
    part = request.POST.get("part", "")
    if part not in IMAGE_FIELDS:
        raise Http404
    if request.FILES and (message := rate_limit_message(request, "upload")):
        return respond_with_board(request, scene.story, note=message, status=429, current=scene)
    try:
        image = None if request.POST.get("remove") else _save_image(request, scene)
        value = str(image.pk) if image else None
        rev = get_shown_rev(request, scene)
        written = edits.edit_scene(scene=scene, by=request.user, rev=rev, changes={part: value})
    except uploads.PictureRefused as refusal:
        return respond_with_board(
            request, scene.story, note=picture_message(refusal), status=picture_status(refusal), current=scene
        )
    except Collision:
        return respond_with_board(request, scene.story, note=str(SceneChanged()), status=409, current=scene)
    except StudioRefused as refusal:
        return respond_with_board(request, scene.story, note=str(refusal), status=refusal.status, current=scene)
    if not scene.has_content:
        animate_scene(request, written)
    return respond_with_board(request, scene.story, current=scene)


def _save_image(request, scene):
    """Store the uploaded image in the story's workspace and return it. Raises PictureRefused."""
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        raise uploads.PictureRefused("empty" if "picture_file" in form.errors else "crop", "")
    upload = form.cleaned_data["picture_file"]
    return uploads.save_picture(upload, crop=form.get_crop(), workspace=scene.story.workspace, by=request.user)
