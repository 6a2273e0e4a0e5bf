"""Forms of story templates: what is filled in to use one, and what is chosen to save one."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import clean_text
from generation.forms import IDEM_KEY
from studio.story_templates.body import MAX_VALUE, TemplateBody, clean_value
from studio.story_templates.save import make_blank


class UseForm(forms.Form):
    """One field for each blank of a template, with its default."""

    idem_key = forms.RegexField(IDEM_KEY, required=False)

    def __init__(self, *args, body: TemplateBody, **kwargs):
        super().__init__(*args, **kwargs)
        self.body = body
        for number, blank in enumerate(body.blanks):
            self.fields[f"blank_{number}"] = forms.CharField(
                label=blank.label or blank.name, initial=blank.default, max_length=MAX_VALUE, required=False
            )

    @property
    def blank_fields(self) -> list:
        return [self[f"blank_{number}"] for number in range(len(self.body.blanks))]

    def clean(self):
        cleaned = super().clean()
        for number in range(len(self.body.blanks)):
            self._clean_blank(f"blank_{number}")
        return cleaned

    def _clean_blank(self, name: str) -> None:
        try:
            self.cleaned_data[name] = clean_value(self.cleaned_data.get(name, ""))
        except forms.ValidationError as error:  # control characters
            self.add_error(name, error)

    def get_values(self) -> dict[str, str]:
        """Return name of the blank → what was filled in. An empty field counts as the default."""
        return {blank.name: self.cleaned_data[f"blank_{number}"] for number, blank in enumerate(self.body.blanks)}


class SaveForm(forms.Form):
    """Title, blanks and travelling characters of a template that is saved from a story.

    Each character can become a blank; each name in braces in the texts is one, with a label and a default.
    """

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    has_pictures = forms.BooleanField(label=gettext_lazy("Include the images of my characters"), required=False)

    def __init__(self, *args, body: TemplateBody, has_pictures: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.body = body
        if not has_pictures:
            del self.fields["has_pictures"]
        for number, character in enumerate(body.cast):
            label = _("Others choose another name for %(name)s") % {"name": character.name}
            self.fields[f"opens_{number}"] = forms.BooleanField(label=label, required=False)
        for number, blank in enumerate(body.blanks):
            self.fields[f"label_{number}"] = forms.CharField(
                label=_("Question for {%(name)s}") % {"name": blank.name}, initial=blank.name, max_length=60
            )
            self.fields[f"default_{number}"] = forms.CharField(
                label=_("Usual answer for {%(name)s}") % {"name": blank.name}, max_length=MAX_VALUE, required=False
            )

    @property
    def cast_fields(self) -> list:
        return [self[f"opens_{number}"] for number in range(len(self.body.cast))]

    @property
    def blank_fields(self) -> list[tuple]:
        return [(self[f"label_{number}"], self[f"default_{number}"]) for number in range(len(self.body.blanks))]

    def clean_title(self) -> str:
        return " ".join(clean_text(self.cleaned_data["title"]).split())

    def clean(self):
        for name, value in self.cleaned_data.items():
            if isinstance(value, str):
                self.cleaned_data[name] = clean_value(value) if name != "title" else value
        return self.cleaned_data

    def build_body(self) -> TemplateBody:
        """Return the body with the chosen blanks. Raises TemplateRefused."""
        values = self.cleaned_data
        blanks = [
            replace(blank, label=values[f"label_{n}"][:60], default=values[f"default_{n}"])
            for n, blank in enumerate(self.body.blanks)
        ]
        body = replace(self.body, blanks=tuple(blanks))
        for number, character in enumerate(self.body.cast):
            if values[f"opens_{number}"]:
                body = make_blank(body, character.name, label=_("Name of %(name)s") % {"name": character.name})
        return TemplateBody.from_json(body.to_json())
