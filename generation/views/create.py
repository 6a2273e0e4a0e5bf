"""The Create page: prompt, provider, price and submission."""

import uuid
from dataclasses import replace

from django.http import Http404
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.billing.limits import consume_rate
from accounts.billing.refusals import get_lack
from common.failpoints import failpoint
from common.web.body_limit import max_body
from common.web.htmx import redirect_to, render_target
from generation import access
from generation.clip_spec import SETTINGS, ClipSpec
from generation.composer.options import Composer, build_composer, get_chosen_scene_options
from generation.composer.understanding import read_prompt
from generation.errors import REFUSALS, PicturesUnfit, picture_message, picture_status, status_of
from generation.forms import PICTURE_FIELDS, ClipForm
from generation.models import Clip
from generation.offers.connections import list_usable_connections
from generation.offers.offer import build_offers, find_offer, get_default_settings
from generation.prompts.items import list_presets
from generation.prompts.services import SESSION_KEY as USED_PROMPT
from generation.providers.base import Mode
from generation.providers.registry import providers
from generation.providers.styles import AUTOMATIC
from generation.services import clips as clip_services
from generation.services import earlier_clips, uploads
from generation.services.price_caps import agree_to_cap
from generation.services.retry import add_retry_buttons

GUEST_PROMPT = "guest_prompt"  # session key: the prompt of a guest, kept for after the sign-up
UNCHECKED = gettext_lazy("The video is still being checked, or it was rejected. Wait a moment and try again.")

ROW_FIELDS = {
    "picture": access.get_picture,
    "last_picture": access.get_picture,
    "continues": access.get_clip,
    "video": access.get_ready_video,
}


@require_http_methods(["GET", "HEAD", "POST"])
@max_body(21)
def create(request):
    """Show the Create page; POST creates the takes.

    GET starts with an empty form, the settings of ``?from=``, the last frame of ``?continues=``, or a guest's prompt.
    """
    connections = list_usable_connections(request.viewer, request.workspace)
    if request.method != "POST":
        initial = _build_initial_values(request, connections, request.GET)
        earlier = _find_repeated_clip(request, initial, connections) if "from" in request.GET else None
        return _render_page(request, ClipForm(initial=initial, connections=connections), earlier=earlier)
    form = ClipForm(request.POST, request.FILES, workspace=request.workspace, connections=connections)
    return _submit(request, form)


def _submit(request, form):
    """Create the takes, or show the form again with its pictures and the reason for the refusal."""
    rows = _find_rows(request, form) if form.is_valid() else None
    only_read = "only_read" in request.POST  # without JavaScript: show what is understood
    if (request.FILES or (rows and not only_read)) and not consume_rate(request, "submit"):
        form.hold_pictures(request.FILES)
        form.add_error(None, _("Too many requests. Wait a moment and try again."))
        return _render_page(request, form, status=429)
    refused_status = _store_pictures(request, form, {} if rows is None else rows)
    if only_read:
        return _render_page(request, form)
    if rows is None or refused_status:
        return _render_page(request, form, status=refused_status or 422)
    spec = ClipSpec.from_form(form.cleaned_data, **rows)
    if earlier := _find_unseen_clip(request, spec, form.cleaned_data["idem_key"]):
        return _render_page(request, form, status=409, earlier=earlier, is_decision=True)
    return _create(request, form, spec)


def _find_repeated_clip(request, initial: dict, connections):
    """Return the clip of an identical request if a form with these values would repeat one, else None."""
    if "provider" not in initial:  # the clip of ?from= does not exist, or is not this user's
        return None
    engine = providers().get(initial["provider"])
    models = engine.capabilities_in(request.workspace) if engine else ()
    capability = next((model for model in models if model.model == initial["model"]), None)
    options = {f"option_{name}": value for name, value in initial.get("options", {}).items()}
    seed = initial.get("seed") if capability and capability.has_seed else None
    return _find_earlier_clip(
        request,
        ClipForm(
            initial | options | {"seed": seed}, workspace=request.workspace, connections=connections, is_estimate=True
        ),
    )


def _find_earlier_clip(request, form):
    """Return the clip of an identical request, or None; also for a form that is incomplete or has new pictures."""
    if not form.is_valid() or any(any(form.get_sent_values(name)) for name in PICTURE_FIELDS):
        return None
    if (rows := _find_rows(request, form)) is None:
        return None
    return earlier_clips.find_earlier_clip(ClipSpec.from_form(form.cleaned_data, **rows), request.workspace)


def _find_unseen_clip(request, spec, idem_key):
    """Return a clip of an identical request, unless the form showed it or was sent before."""
    found = earlier_clips.find_earlier_clip(spec, request.workspace)
    if found is None or request.POST.get("earlier") == str(found.pk):
        return None
    return None if earlier_clips.was_submitted(request.workspace, idem_key) else found


def _create(request, form, spec):
    """Create the takes. htmx gets the new cards and a fresh composer; a plain form goes to the first clip."""
    values = form.cleaned_data
    try:
        clips = _create_takes(request, spec, values)
    except PicturesUnfit as refusal:
        for field, reason in refusal.reasons:
            form.add_error(field, reason)
        return _render_page(request, form, status=status_of(refusal))
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
        return _render_page(request, form, status_of(refusal), lacks=get_lack(refusal))
    failpoint("after_request", values["idem_key"])
    request.session.pop(GUEST_PROMPT, None)
    if not request.htmx:
        return redirect_to(request, clips[0])
    clips = Clip.objects.with_files().filter(pk__in=[clip.pk for clip in clips]).order_by("-take")
    return render_target(request, "generation/create.html#created", {"clips": clips, "idem_key": uuid.uuid4().hex})


def _create_takes(request, spec, values) -> list[Clip]:
    if values["cap"] is not None:
        spec = replace(spec, connection=clip_services.find_connection(spec, request.workspace, request.user))
        names = {"provider": spec.provider, "model": spec.model, "connection": spec.connection}
        agree_to_cap(request.workspace, **names, amount=values["cap"])
    return clip_services.create_clips(
        spec,
        workspace=request.workspace,
        by=request.user,
        takes=values["takes"] or 1,
        idem_key=values["idem_key"],
        agreed_price=values["agreed"],
        origin=values["origin"],
    )


def _find_rows(request, form) -> dict | None:
    """Return the rows that the form names, by field. None if the user may not see one: its field then has an error."""
    values = form.cleaned_data
    references = tuple(_find_row(request, form, "references", pk) for pk in values["references"])
    rows = {name: _find_row(request, form, name, values[name]) if values[name] else None for name in ROW_FIELDS}
    return None if form.errors else rows | {"references": references}


def _find_row(request, form, name, pk):
    find = ROW_FIELDS.get(name, access.get_picture)
    if (found := _find_or_none(find, request, pk)) is None:
        is_unchecked = name == "video" and _find_or_none(access.get_video, request, pk)
        form.add_error(name, UNCHECKED if is_unchecked else _("This no longer exists. Choose another."))
    return found


def _store_pictures(request, form, rows) -> int | None:
    """Store the uploaded pictures, and add them to ``rows`` and to the form's values, for the page if it is refused.

    Returns the HTTP status if one was refused, else None. The form is then held until that one is replaced or left out;
    the others are kept.
    """
    status = None
    for upload_field, name in PICTURE_FIELDS.items():
        for upload in request.FILES.getlist(upload_field):
            crop = form.get_crop() if name == "picture" else None
            try:
                picture = uploads.save_picture(upload, crop=crop, workspace=request.workspace, by=request.user)
            except uploads.PictureRefused as refusal:
                form.refuse_picture(upload_field, upload.name, picture_message(refusal))
                status = status or picture_status(refusal)
                continue
            if name == "references":
                rows[name] = (*rows.get(name, ()), picture)
                form.set_value(name, [*form.get_sent_values(name), str(picture.pk)])
            else:
                rows[name] = picture
                form.set_value(name, str(picture.pk))
    return status


def _find_or_none(find, request, pk):
    try:
        return find(request.viewer, pk)
    except Http404:
        return None


def _build_initial_values(request, connections, query) -> dict:
    """Return the initial values of the form: those of the user's default connection, replaced by those of the clip in
    ``?from=``, of the query, and of the clip to continue."""
    initial = {"takes": 1, "paint": True, **ClipForm.DEFAULTS, "style": AUTOMATIC, **get_default_settings(connections)}
    if (source := _find_clip(request, query, "from")) is not None:
        initial |= _convert_to_initial(ClipSpec.from_clip(source.without_effects()))
    initial |= _choose_provider(request, connections, query)
    initial |= _read_guest_prompt(request, query) | _read_used_prompt(request, query) | _read_query_values(query)
    if (continued := _find_clip(request, query, "continues")) is not None:
        clip = continued.without_effects()
        initial |= {name: getattr(clip, name) for name in ("style", "ratio", "resolution", "provider", "model")}
        initial |= {"continues": continued.pk, "connection": clip.connection_id}
    return initial


def _convert_to_initial(spec: ClipSpec) -> dict:
    """Return the form's initial data for a spec: rows become ids."""
    ids = {name: row.pk if (row := getattr(spec, name)) else None for name in (*ROW_FIELDS, "connection")}
    references = [picture.pk for picture in spec.references]
    return {name: getattr(spec, name) for name in SETTINGS} | ids | {"references": references}


def _choose_provider(request, connections, query) -> dict:
    """Return provider and model for the video tab, or for reference images: the first ones that support them."""
    mode = Mode.VIDEO if query.get("tab") == "video" else Mode.REFERENCES if "references" in query else None
    found = find_offer(build_offers(connections), request.workspace, mode) if mode else None
    return {"provider": found[0].engine.slug, "model": found[1].model} if found else {}


def _read_guest_prompt(request, query) -> dict:
    """Return the prompt of a former guest, unless the query has values other than ``tab``."""
    prompt = request.session.get(GUEST_PROMPT)
    return {"prompt": prompt} if prompt and query.keys() <= {"tab"} else {}


def _read_used_prompt(request, query) -> dict:
    """Return the words that were chosen on the page of prompts."""
    return {"prompt": request.session.get(USED_PROMPT, "")} if "words" in query else {}


def _read_query_values(query) -> dict:
    """Return the form values in a query: of a link, or of the page's own form when another provider is chosen."""
    values = {name: query[name] for name in ClipForm.base_fields if name in query}
    values |= {
        name: query.getlist(name)
        for name in ("references", "chips_off", "refused_pictures", "left_out")
        if name in query
    }
    if "prompt" in query:
        values["prompt"] = query["prompt"][:2000]
    if "idem_key" in query:  # the page's own form, which does not send an unchecked box
        values["paint"] = "paint" in query
    options = {name.removeprefix("option_"): query.getlist(name) for name in query if name.startswith("option_")}
    return values | ({"options": options} if options else {})


def _find_clip(request, query, name):
    try:
        return access.get_clip(request.viewer, uuid.UUID(query[name]))
    except (KeyError, ValueError):
        return None


def _render_page(request, form, status=200, earlier=None, *, is_decision=False, lacks=""):
    composer = _build_composer(request, form)
    context = composer.to_context() | {"earlier": earlier, "is_decision": is_decision}
    over_picture = bool(composer.sources.picture)
    context |= read_prompt(composer.values, options=get_chosen_scene_options(form), over_picture=over_picture)
    clips = (
        access.annotate_may_edit(request.viewer, access.visible_clips(request.viewer.at_hand))
        .with_files()
        .order_by("-created_at")[:6]
    )
    cards = SimpleLazyObject(lambda: add_retry_buttons(clips, request.viewer))  # the composer alone shows none
    presets = SimpleLazyObject(lambda: list_presets(request.viewer))  # not all models show them
    context |= {"form": form, "idem_key": uuid.uuid4().hex, "clips": cards, "negative_presets": presets}
    context["lacks"] = lacks
    context["describe_key"] = uuid.uuid4().hex
    # A submission targets the cards; a refused one replaces the composer (hx-status).
    targets = {"live": "composer", "cz-model": "engine", "cz-length": "size"}
    return render_target(request, "generation/create.html", context, targets=targets, status=status)


def _build_composer(request, form: ClipForm) -> Composer:
    wanted_tab = (request.POST or request.GET).get("tab", "")
    return build_composer(request.viewer, form, wanted_tab=wanted_tab, is_sent=request.method == "POST")


@require_POST
@max_body(21)
def composer(request):
    """Show the composer for another provider or size.

    This view changes nothing. Like the two views below, it accepts POST because a prompt of 2,000 characters is too
    long for a URL.
    """
    connections = list_usable_connections(request.viewer, request.workspace)
    return _render_page(
        request, ClipForm(initial=_build_initial_values(request, connections, request.POST), connections=connections)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@max_body(21)
def estimate(request):
    """Show cost and duration of the takes on the button, also for an incomplete form."""
    connections = list_usable_connections(request.viewer, request.workspace)
    form = ClipForm(request.POST or request.GET, workspace=request.workspace, connections=connections, is_estimate=True)
    context = {"earlier": _find_earlier_clip(request, form), **_build_composer(request, form).to_context()}
    return render_target(request, "generation/create.html#estimate", context)


@require_http_methods(["GET", "HEAD", "POST"])
@max_body(21)
def understood(request):
    """Show what the animatic understands of the prompt, as chips, and the words that it does not know."""
    form = ClipForm(request.POST or request.GET, is_estimate=True)
    form.is_valid()
    context = read_prompt(
        form.cleaned_data, options=get_chosen_scene_options(form), over_picture=form.has_any("picture", "picture_file")
    )
    return render_target(request, "generation/_composer_prompt.html#understood", context)
