"""The words that each style adds to the prompts of providers, and the workspace's own."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import EDIT, can
from common.text import clean_text
from common.web.htmx import render_target
from generation.models import StyleWords
from generation.prompts.services import set_style_words
from generation.prompts.views import TABS
from generation.providers.prompt import MAX_STYLE_WORDS, STYLE_PROMPTS
from generation.providers.styles import list_samples


class StyleWordsForm(forms.Form):
    """Form with a field for each style. An empty one stands for the studio's words."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for style in list_samples():
            widget = forms.Textarea(attrs={"rows": 2})
            self.fields[style["slug"]] = forms.CharField(
                label=style["name"], max_length=MAX_STYLE_WORDS, required=False, widget=widget
            )

    def clean(self):
        return {name: " ".join(clean_text(text).split()) for name, text in super().clean().items()}


@require_http_methods(["GET", "HEAD", "POST"])
def style_words(request):
    """Show the words, or store the posted ones. ``reset``: the style that gets the studio's words again."""
    may_edit = can(request.viewer, EDIT, request.workspace)
    own = StyleWords.objects.read_words(request.workspace)
    form = StyleWordsForm(request.POST if request.method == "POST" else None, initial=STYLE_PROMPTS | own)
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied
        if form.is_valid():
            reset = {request.POST["reset"]: ""} if request.POST.get("reset") in STYLE_PROMPTS else {}
            set_style_words(request.workspace, form.cleaned_data | reset, by=request.user)
            messages.success(request, _("Saved."))
            return redirect("generation:style_words")
    rows = [
        {**style, "field": form[slug], "studio": STYLE_PROMPTS[slug], "is_own": slug in own}
        for style in list_samples()
        if (slug := style["slug"])
    ]
    context = {"rows": rows, "form": form, "may_edit": may_edit, "tabs": TABS.items()}
    return render_target(request, "generation/style_words.html", context, status=422 if form.errors else 200)
