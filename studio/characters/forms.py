"""Forms for a character and its reference images."""

import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.providers.styles import NAMES as STYLES
from studio.forms import CleanTextMixin, EditConflictMixin
from studio.models import Character, CharacterPicture
from studio.scenes.forms import PictureForm

COLOUR = re.compile(r"\A#[0-9a-f]{6}\Z")
MAX_COLOURS = 6


class CharacterForm(EditConflictMixin, CleanTextMixin, forms.Form):
    name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    kind = forms.ChoiceField(choices=Character.Kind.choices, label=gettext_lazy("Type"))
    description = forms.CharField(
        max_length=1000,
        required=False,
        label=gettext_lazy("Appearance"),
        widget=forms.Textarea({"rows": 4}),
    )
    colours = forms.CharField(
        max_length=80,
        required=False,
        label=gettext_lazy("Colours"),
        help_text=gettext_lazy("For a person: hair, clothes and eyes, in this order."),
    )
    sheet = forms.ChoiceField(
        choices=lambda: [("", _("Same as the story")), *STYLES.items()],
        required=False,
        label=gettext_lazy("Style of the images"),
    )

    def clean_name(self):
        """Return the name without @ and line breaks, so that "@name" can mention the character."""
        name = " ".join(self.cleaned_data["name"].replace("@", " ").split())
        if not name or not re.match(r"\w", name):
            raise forms.ValidationError(_("A name must begin with a letter, a symbol or a digit."))
        return name

    def clean_colours(self):
        return parse_colours(self.cleaned_data["colours"])

    def get_changes(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.fields}

    def get_base(self) -> dict:
        """Return the values that the page showed, by column."""
        shown = self.get_shown_values()
        return shown | ({"colours": shown["colours"].split()} if "colours" in shown else {})

    @classmethod
    def for_character(cls, character: Character) -> "CharacterForm":
        values = {name: getattr(character, name) for name in cls.base_fields}
        return cls(initial=values | {"colours": " ".join(character.colours)})


def parse_colours(text: str) -> list[str]:
    """Return the colours (#rrggbb) in a text, separated by spaces or commas. Raises ValidationError."""
    found = [word.casefold() for word in re.split(r"[\s,;，、]+", text) if word]
    found = [word if word.startswith("#") else f"#{word}" for word in found]
    if any(not COLOUR.match(word) for word in found):
        raise forms.ValidationError(_("Write a colour as #c92c18; separate several with spaces."))
    if len(found) > MAX_COLOURS:
        raise forms.ValidationError(_("At most six colours."))
    return list(dict.fromkeys(found))


class ReferenceForm(PictureForm):
    role = forms.ChoiceField(choices=CharacterPicture.Role.choices, required=False)
