"""Improve the prompt of the composer: suggested words, which the user accepts or discards."""

from dataclasses import dataclass

from django.views.decorators.http import require_POST

from common.text import clean_text
from common.web.htmx import render_target
from generation.prompts.improve import MAX_PROMPT, compare_words, improve_by_rules
from generation.providers.registry import providers


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
    """Show what the rules add to the posted ``prompt``. Each repeated request has other words."""
    prompt = clean_text(request.POST.get("prompt", ""))[:MAX_PROMPT]
    variation = request.POST.get("variation", "")
    variation = (int(variation) + 1) % 100 if variation.isdecimal() and len(variation) < 4 else 0
    over_picture = any(request.POST.get(name) for name in ("picture", "picture_file", "continues"))
    limit = find_prompt_limit(request)
    text = improve_by_rules(prompt, limit=limit, over_picture=over_picture, variation=variation)
    context = {"improvement": Improvement(prompt, text), "variation": variation}
    template = "generation/_improved.html" if request.htmx else "generation/improved.html"
    return render_target(request, template, context)


def find_prompt_limit(request) -> int:
    """Return how many characters the prompt of the chosen model may have."""
    engine = providers().get(request.POST.get("provider", ""))
    models = engine.capabilities_in(request.workspace) if engine else ()
    named = request.POST.get("model", "")
    model = next((model for model in models if model.model == named), next(iter(models), None))
    return min(MAX_PROMPT, model.prompt_limit) if model else MAX_PROMPT
