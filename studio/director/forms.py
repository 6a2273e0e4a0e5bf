"""Forms of the director: for the idea, and for what the user accepts of a proposal."""

from django import forms
from django.utils.translation import gettext as _

from common.web.form_fields import set_queryset
from generation.forms import IDEM_KEY
from generation.providers.models import Connection
from generation.worker.language import list_writers as list_connections
from studio.director import prompts as director_prompts
from studio.forms import CleanTextMixin, normalize_newlines
from studio.models import Direction

MAX_DIRECTED_IDEA = Direction.idea.field.max_length


class IdeaForm(CleanTextMixin, forms.Form):
    idea = forms.CharField(max_length=MAX_DIRECTED_IDEA, widget=forms.Textarea({"rows": 5}))
    count = forms.IntegerField(min_value=2, max_value=40, initial=8)
    connection = forms.ModelChoiceField(Connection.objects.none())
    idem_key = forms.RegexField(IDEM_KEY, required=False)

    def __init__(self, *args, by, workspace, **kwargs):
        super().__init__(*args, **kwargs)
        set_queryset(self, "connection", list_connections(by, workspace))


def clean_accepted(step: str, data, direction) -> dict:
    """Return the cleaned values of a step's form. Raises ValidationError if a value is missing or outdated."""
    if step == director_prompts.CONCEPT:
        return {"concept": _require_text(_clean_typed_text(data.get("concept"), 4000))}
    if step == director_prompts.SHOTS:
        return {"shots": _clean_shots(data, direction)}
    prompts = [_clean_typed_text(text, 2000) for text in data.getlist("prompt")]
    if len(prompts) != len(direction.shots):
        raise forms.ValidationError(
            _("The shot list has changed in the meantime. Request prompts again. Nothing was accepted.")
        )
    return {"prompts": prompts}


def _clean_shots(data, direction) -> list[dict]:
    """Return the shots with the actions and lines that the user typed, without shots that have neither."""
    before = direction.proposal.get("shots") or direction.shots
    actions, lines = data.getlist("action"), data.getlist("line")
    if len(actions) != len(before) or len(lines) != len(before):
        raise forms.ValidationError(
            _("The shot list has changed in the meantime. Review it again. Nothing was accepted.")
        )
    found = []
    for shot, action, line in zip(before, actions, lines, strict=True):
        own = {
            "action": _clean_typed_text(action, 1000),
            "line": director_prompts.clean_value(line, 500),
        }
        if own["action"] != shot["action"]:
            own["panel"] = None  # it shows what the user has changed
        if own["action"] or own["line"]:
            found.append(shot | own)
    if not found:
        raise forms.ValidationError(_("There are no shots left. Write at least one. Nothing was changed."))
    return found


def _clean_typed_text(text: str | None, limit: int) -> str:
    return director_prompts.clean_value(normalize_newlines(text or ""), limit)


def _require_text(text: str) -> str:
    if not text:
        raise forms.ValidationError(_("Write the concept first; nothing was changed."))
    return text
