"""Forms for an idea that becomes a story, and for how its characters look."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.web.form_fields import set_queryset
from generation.forms import IDEM_KEY
from generation.providers.models import Connection
from generation.providers.styles import AUTOMATIC
from generation.providers.styles import NAMES as STYLES
from studio.breakdown.looks import list_colours
from studio.breakdown.text import break_down
from studio.director.forms import MAX_DIRECTED_IDEA, list_connections
from studio.first_film.pencil import choose_film_style, choose_written_style, tell_in_style
from studio.forms import CleanTextMixin
from studio.importing.forms import MESSAGES
from studio.models import Character, Story
from studio.parsing.drafts import MAX_TEXT, ParsedText, Unreadable

LENGTHS = {  # name → (label, scenes, seconds of each scene)
    "short": (gettext_lazy("About 20 seconds"), 4, 5),
    "medium": (gettext_lazy("About 40 seconds"), 8, 5),
    "long": (gettext_lazy("About a minute"), 12, 5),
}
MAX_SCENES = 24  # of a film that is made at once; a longer text is imported, where its scenes are chosen
COLOUR_PARTS = {  # kind → (label, part) of its colours, in order
    "person": ((gettext_lazy("Hair"), "hair"), (gettext_lazy("Clothes"), "clothes"), (gettext_lazy("Eyes"), "eyes")),
    "animal": ((gettext_lazy("Fur"), "hair"),),
    "prop": ((gettext_lazy("Colour"), "clothes"),),
    "place": (),
}
HEX = r"\A#[0-9a-fA-F]{6}\Z"


class IdeaStoryForm(CleanTextMixin, forms.Form):
    """Form for the idea of a new story. ``found``: its scenes and characters. ``writer``: the connection of a language
    model that is to write the scenes instead of the rules.
    """

    idea = forms.CharField(max_length=MAX_TEXT, strip=False)
    length = forms.ChoiceField(choices=[(name, row[0]) for name, row in LENGTHS.items()], required=False)
    ratio = forms.ChoiceField(choices=Story.ratio.field.choices, required=False)
    style = forms.ChoiceField(choices=lambda: [(AUTOMATIC, _("Automatic")), *STYLES.items()], required=False)
    writer = forms.ModelChoiceField(Connection.objects.none(), required=False)
    idem_key = forms.RegexField(IDEM_KEY, required=False)

    found: ParsedText | None = None

    def __init__(self, *args, by, workspace, **kwargs):
        super().__init__(*args, **kwargs)
        set_queryset(self, "writer", list_connections(by, workspace))

    def clean(self):
        cleaned = super().clean()
        if not self.errors and cleaned["writer"] and len(cleaned["idea"]) > MAX_DIRECTED_IDEA:
            message = _("A language model gets at most %(most)d characters. Shorten the idea, or choose the rules.")
            self.add_error("idea", message % {"most": MAX_DIRECTED_IDEA})
        if self.errors:
            return cleaned
        if cleaned["writer"]:
            cleaned["style"] = choose_written_style(cleaned["idea"], cleaned["style"])
            return cleaned
        _label, scenes, seconds = LENGTHS[cleaned["length"] or "short"]
        if found := break_down_idea(self, cleaned["idea"], scenes, seconds):
            cleaned["style"] = choose_film_style(found, cleaned["idea"], cleaned["style"])
            self.found = tell_in_style(found, cleaned["idea"], cleaned["style"], seconds=seconds)
        return cleaned

    @property
    def scene_count(self) -> int:
        return LENGTHS[self.cleaned_data["length"] or "short"][1]


def break_down_idea(form: forms.Form, text: str, scenes: int, seconds: int):
    """Return the scenes of a text; adds an error to the form, and returns None, if it has none or too many."""
    try:
        found = break_down(text, scenes=scenes, seconds=seconds)
    except Unreadable as error:
        form.add_error("idea", str(MESSAGES[error.code]))
        return None
    if len(found.shots) <= MAX_SCENES:
        return found
    message = _("This text has %(n)d scenes; a film is made at once of at most %(most)d.")
    advice = _("Choose “Start from a text” below, and select which scenes to create.")
    form.add_error("idea", f"{message % {'n': len(found.shots), 'most': MAX_SCENES}} {advice}")
    return None


class LooksForm(forms.Form):
    """Form for the kind and colours of one character. Each colour has a name (``name_0``) and a picker (``colour_0``).

    The one that the user changed counts; the picker, if it was both.
    """

    kind = forms.ChoiceField(choices=Character.Kind.choices, label=gettext_lazy("Type"))

    def __init__(self, *args, character: Character, **kwargs):
        self.character = character
        super().__init__(*args, prefix=character.pk.hex, **kwargs)
        self.initial.setdefault("kind", character.kind)
        parts = COLOUR_PARTS[character.kind]
        self.parts = list(enumerate(parts))
        for number, (label, part) in self.parts:
            choices = list_colours(part)
            colour = character.colours[number] if number < len(character.colours) else "#8a8d98"
            named = colour if colour in dict(choices) else ""
            self.fields[f"name_{number}"] = forms.ChoiceField(
                choices=[("", _("Own colour")), *choices], required=False, initial=named, label=label
            )
            self.fields[f"colour_{number}"] = forms.RegexField(HEX, required=False, initial=colour, label=label)

    @property
    def rows(self) -> list[tuple]:
        """Return (label, field of the name, field of the picker) of each colour."""
        return [(label, self[f"name_{n}"], self[f"colour_{n}"]) for n, (label, _part) in self.parts]

    def get_changes(self) -> dict:
        """Return the changed columns of the character."""
        colours = [self._choose_colour(number) for number, _part in self.parts]
        values = {"kind": self.cleaned_data["kind"], "colours": colours or self.character.colours}
        return {name: value for name, value in values.items() if value != getattr(self.character, name)}

    def _choose_colour(self, number: int) -> str:
        before = self.fields[f"colour_{number}"].initial
        picked = self.cleaned_data[f"colour_{number}"].lower() or before
        named = self.cleaned_data[f"name_{number}"]
        return picked if picked != before or not named else named
