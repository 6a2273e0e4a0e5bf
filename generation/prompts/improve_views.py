"""Improve the prompt of the composer: suggested words, which the user accepts or discards."""

import uuid
from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.billing.limits import consume_rate
from common.text import clean_text
from common.web.htmx import render_target
from generation.errors import REFUSALS, status_of
from generation.forms import IDEM_KEY
from generation.models import PromptRewrite
from generation.prompts import services
from generation.prompts.improve import MAX_PROMPT, compare_words, improve_by_rules
from generation.providers.models import Connection
from generation.providers.registry import providers
from generation.worker.language import list_writers

TASKS = {"improve": "", "vary": "", "en": "translate", "zh": "translate", "ja": "translate"}  # button → task
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

    Each repeated request to the rules has other words.
    """
    prompt = clean_text(request.POST.get("prompt", ""))[:MAX_PROMPT]
    task = request.POST.get("task", "")
    if task in TASKS and prompt:
        return _request_rewrite(request, prompt, task)
    variation = request.POST.get("variation", "")
    variation = (int(variation) + 1) % 100 if variation.isdecimal() and len(variation) < 4 else 0
    over_picture = any(request.POST.get(name) for name in ("picture", "picture_file", "continues"))
    limit = _find_model(request)[1]
    text = improve_by_rules(prompt, limit=limit, over_picture=over_picture, variation=variation)
    return _render(request, {"improvement": Improvement(prompt, text), "variation": variation})


def _request_rewrite(request, prompt: str, task: str):
    """Start the job of the language model, once for each ``rewrite_key`` of the panel."""
    connection = _find_writer(request)
    if not consume_rate(request, "submit"):
        return _render(
            request, {"problem": _("Too many requests. Wait a moment and try again."), "prompt": prompt}, status=429
        )
    label, limit = _find_model(request)
    key = f"{request.POST.get('rewrite_key', '')}-{task}"
    try:
        found = services.request_rewrite(
            workspace=request.workspace,
            by=request.user,
            connection=connection,
            idem_key=key if IDEM_KEY.match(key) else uuid.uuid4().hex,
            task=TASKS[task] or task,
            language=task if TASKS[task] else "",
            limit=limit,
            text=prompt,
            model_label=label,
        )
    except REFUSALS as refusal:
        return _render(request, {"problem": str(refusal), "prompt": prompt}, status=status_of(refusal))
    return _render(request, {"rewrite": found}) if request.htmx else redirect(found)


def _find_writer(request) -> Connection:
    try:
        pk = uuid.UUID(request.POST.get("writer", ""))
    except ValueError:
        raise Http404 from None
    if (found := list_writers(request.user, request.workspace).filter(pk=pk).first()) is None:
        raise Http404
    return found


@require_safe
def rewrite(request, pk):
    """Show the words of a language model, or how far they are."""
    found = PromptRewrite.objects.select_related("job", "connection").filter(pk=pk, created_by=request.user).first()
    if found is None:
        raise Http404
    return _render(request, {"rewrite": found})


def _render(request, context: dict, status=200):
    found, improvement = context.get("rewrite"), context.get("improvement")
    if found and found.result:
        author = found.connection.label if found.connection else ""
        improvement = Improvement(found.text, found.result, author)
    context |= {
        "improvement": improvement,
        "prompt": found.text if found else improvement.before if improvement else context["prompt"],
        "writers": list(list_writers(request.user, request.workspace)),
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
