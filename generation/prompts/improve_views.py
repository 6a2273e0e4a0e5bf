"""Improve a prompt, or describe an image as one: suggested words, which the user accepts or discards."""

import uuid
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.billing.limits import consume_rate
from common.text import clean_text
from common.web.body_limit import max_body
from common.web.htmx import render_target
from generation import access
from generation.errors import REFUSALS, picture_message, picture_status, status_of
from generation.forms import IDEM_KEY, PicturesForm
from generation.models import Picture, PromptRewrite
from generation.offers.connections import filter_picture_readers, list_usable_connections
from generation.prompts import services
from generation.prompts.improve import MAX_PROMPT, compare_words, detect_language, improve_by_rules
from generation.providers.models import Connection
from generation.providers.registry import providers
from generation.services import uploads
from generation.worker.language import list_writers

TASKS = {"improve": "", "vary": "", "en": "translate", "zh": "translate", "ja": "translate"}  # button → task
# what other fields of a scene, or options of the animatic, may say
FIELDS = {
    "place": ("place_name", "option_place"),
    "light": ("time", "option_time"),
    "camera": ("camera", "option_camera"),
}
LABELS = {"en": "English", "zh": "中文", "ja": "日本語"}


@dataclass(frozen=True)
class Improvement:
    """Suggested words for a prompt. ``author``: the language model's connection, "" for the rules."""

    before: str
    text: str
    author: str = ""

    @property
    def is_same(self) -> bool:
        return self.before == self.text

    @property
    def parts(self) -> list[tuple[str, str]]:
        return compare_words(self.before, self.text)


@require_POST
def improve(request):
    """Show what the rules add to the posted ``prompt``, or what the language model ``writer`` makes of it (``task``).

    Each repeated request to the rules has other words. ``save_to``: where a page without scripts sends the words.
    """
    prompt = clean_text(request.POST.get("prompt", ""))[:MAX_PROMPT]
    task = request.POST.get("task", "")
    if task in TASKS and prompt:
        language = task if TASKS[task] else ""
        return _request_rewrite(request, prompt, task, {"task": TASKS[task] or task, "language": language})
    variation = request.POST.get("variation", "")
    variation = (int(variation) + 1) % 100 if variation.isdecimal() and len(variation) < 4 else 0
    over_picture = any(request.POST.get(name) for name in ("picture", "picture_file", "continues"))
    limit = _find_model(request)[1]
    chosen = frozenset(slot for slot, names in FIELDS.items() if any(request.POST.get(name) for name in names))
    text = improve_by_rules(prompt, limit=limit, over_picture=over_picture, chosen=chosen, variation=variation)
    context = {"improvement": Improvement(prompt, text), "variation": variation, "rev": request.POST.get("rev", "")}
    save_to = request.POST.get("save_to", "")
    context["save_to"] = save_to if save_to.startswith("/") and url_has_allowed_host_and_scheme(save_to, None) else ""
    return _render(request, context)


@require_POST
@max_body(21)
def describe(request):
    """Let the language model ``describer`` describe the composer's first frame, once for each ``describe_key``."""
    prompt = clean_text(request.POST.get("prompt", ""))[:MAX_PROMPT]
    if not request.viewer.may_edit(request.workspace):
        raise PermissionDenied
    if not consume_rate(request, "upload"):
        return _render_problem(request, prompt, _("Too many requests. Wait a moment and try again."), 429)
    try:
        picture = _find_picture(request)
    except uploads.PictureRefused as refusal:
        return _render_problem(request, prompt, picture_message(refusal), picture_status(refusal))
    if picture is None:
        return _render_problem(request, prompt, _("Choose an image first."), 422)
    reader = "zh" if (get_language() or "").startswith("zh") else "en"
    language = detect_language(prompt) if prompt else reader
    return _request_rewrite(request, prompt, "describe", {"task": "describe", "language": language, "picture": picture})


def _find_picture(request) -> Picture | None:
    """Return the uploaded first frame, which is stored, or the one that the form names. Raises PictureRefused."""
    form = PicturesForm(request.POST, request.FILES)
    form.is_valid()
    if file := request.FILES.get("picture_file"):
        return uploads.save_picture(file, crop=form.get_crop(), workspace=request.workspace, by=request.user)
    try:
        pk = uuid.UUID(request.POST.get("picture", ""))
    except ValueError:
        return None
    return access.get_picture(request.viewer, pk)


def _request_rewrite(request, prompt: str, button: str, values: dict):
    """Start the job of the language model, once for each button and key of the page. ``values``: of the rewrite."""
    picture = values.get("picture")
    connection = _find_writer(request, wants_picture=picture is not None)
    if not consume_rate(request, "submit"):
        return _render_problem(request, prompt, _("Too many requests. Wait a moment and try again."), 429)
    label, limit = _find_model(request)
    page_key = request.POST.get("describe_key" if picture else "rewrite_key", "")
    key = f"{page_key}-{button}" + (f"-{picture.pk.hex}" if picture else "")
    try:
        found = services.request_rewrite(
            workspace=request.workspace,
            by=request.user,
            connection=connection,
            idem_key=key if IDEM_KEY.match(key) else uuid.uuid4().hex,
            limit=limit,
            text=prompt,
            model_label=label,
            **values,
        )
    except REFUSALS as refusal:
        return _render_problem(request, prompt, str(refusal), status_of(refusal))
    return _render(request, {"rewrite": found}) if request.htmx else redirect(found)


def _find_writer(request, *, wants_picture: bool) -> Connection:
    """Return the chosen connection. Raises Http404 if the user cannot use it, or its model reads no pictures."""
    if wants_picture:
        rows = filter_picture_readers(list_usable_connections(request.viewer, request.workspace))
    else:
        rows = list_writers(request.viewer, request.workspace)
    chosen = request.POST.get("describer" if wants_picture else "writer", "")
    if (found := next((row for row in rows if str(row.pk) == chosen), None)) is None:
        raise Http404
    return found


@require_safe
def rewrite(request, pk):
    """Show the words of a language model, or how far they are."""
    rows = PromptRewrite.objects.select_related("job", "connection")
    found = rows.filter(pk=pk, created_by=request.user).first()
    if found is None:
        raise Http404
    return _render(request, {"rewrite": found})


def _render_problem(request, prompt: str, problem: str, status: int):
    return _render(request, {"problem": problem, "prompt": prompt}, status=status)


def _render(request, context: dict, status=200):
    found, improvement = context.get("rewrite"), context.get("improvement")
    if found and found.result:
        author = found.connection.label if found.connection else ""
        improvement = Improvement(found.text, found.result, author)
    context |= {
        "improvement": improvement,
        "prompt": found.text if found else improvement.before if improvement else context["prompt"],
        "writers": list(list_writers(request.viewer, request.workspace)),
        "languages": LABELS.items(),
        "rewrite_key": uuid.uuid4().hex,
    }
    template = "generation/_improved.html" if request.htmx else "generation/improved.html"
    return render_target(request, template, context, status=status)


def _find_model(request) -> tuple[str, int]:
    """Return the label of the chosen model, and how many characters its prompt may have."""
    engine = providers().get(request.POST.get("provider", ""))
    models = engine.capabilities_in(request.workspace) if engine else ()
    named = request.POST.get("model", "")
    model = next((model for model in models if model.model == named), next(iter(models), None))
    return (str(model.label), min(MAX_PROMPT, model.prompt_limit)) if model else ("", MAX_PROMPT)
