"""Forms of the film page: transitions, film settings, requests and names."""

import json
from typing import cast

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import clean_text
from common.web.form_fields import set_queryset
from generation.forms import IDEM_KEY
from studio.films.services import SETTING_FIELDS, settings_as_texts, value_as_text
from studio.forms import CleanTextMixin
from studio.models import FilmSettings, Music, Scene

MAX_JOIN_FRAMES = 240  # ten seconds
MAX_TRIM_FRAMES = 1440  # one minute, the maximum length of a scene


class TransitionForm(forms.Form):
    """Form for trim, sound and transition of a scene. ``rev``: the revision of the scene that the page showed."""

    rev = forms.IntegerField(min_value=0)
    join_kind = forms.ChoiceField(
        choices=Scene.Join.choices, required=False, label=gettext_lazy("Transition to the next part")
    )
    join_frames = forms.IntegerField(
        min_value=1, max_value=MAX_JOIN_FRAMES, required=False, label=gettext_lazy("Transition length in frames")
    )
    trim_in = forms.IntegerField(
        min_value=0, max_value=MAX_TRIM_FRAMES, required=False, label=gettext_lazy("Trim start")
    )
    trim_out = forms.IntegerField(
        min_value=0, max_value=MAX_TRIM_FRAMES, required=False, label=gettext_lazy("Trim end")
    )
    sound = forms.ChoiceField(choices=Scene.Sound.choices, required=False, label=gettext_lazy("Sound"))
    gain = forms.IntegerField(min_value=-24, max_value=24, required=False, label=gettext_lazy("Volume (dB)"))

    def get_changes(self) -> dict:
        """Return the values of the fields that were sent and are not empty."""
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data and name != "rev"}
        return {name: value for name, value in sent.items() if value not in (None, "")}

    def get_error_message(self) -> str:
        """Return the error message, field by field, without the field ``rev``, which users do not see."""
        visible = {name: messages for name, messages in self.errors.items() if name != "rev"}
        errors = [
            _("%(where)s: %(words)s") % {"where": self.fields[name].label, "words": " ".join(messages)}
            for name, messages in visible.items()
        ]
        return (
            " ".join([*errors, _("Nothing was changed.")])
            if errors
            else _("A value here is not valid. Nothing was changed.")
        )


class FilmSettingsForm(CleanTextMixin, forms.ModelForm):
    class Meta:
        model = FilmSettings
        fields = SETTING_FIELDS

    title_seconds = forms.IntegerField(min_value=1, max_value=60, label=gettext_lazy("Title card length (seconds)"))
    end_seconds = forms.IntegerField(min_value=1, max_value=60, label=gettext_lazy("End card length (seconds)"))
    music_gain = forms.IntegerField(min_value=-24, max_value=24, label=gettext_lazy("Music volume"))
    music_duck = forms.IntegerField(
        min_value=-24, max_value=0, label=gettext_lazy("Music volume while scenes have sound")
    )
    title_join_frames = forms.IntegerField(min_value=1, max_value=MAX_JOIN_FRAMES, label=gettext_lazy("Frames"))

    def __init__(self, data=None, **kwargs):
        super().__init__(_split_music(data), **kwargs)
        story = self.instance.story
        set_queryset(self, "music", Music.objects.filter(workspace=story.workspace_id).order_by("-created_at"))
        cast("forms.ModelChoiceField", self.fields["music"]).empty_label = _("No music")

    def get_changes(self) -> dict:
        """Return the values of the fields that were sent.

        Browsers do not send an unticked checkbox, so ``has_is_levelled`` and ``has_has_scene_sound`` say that the page
        had that checkbox.
        """
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        shown = [name for name in ("is_levelled", "has_scene_sound") if f"has_{name}" in self.data]
        return sent | {name: self.cleaned_data[name] for name in shown}

    def get_saved_part(self) -> str:
        """Return which form of the page was sent, "cards" or "picture"; "" for any other."""
        return "cards" if "title_text" in self.data else "picture" if "has_is_levelled" in self.data else ""

    def get_base(self) -> dict[str, str]:
        """Return {field: text} that the page showed, from the field ``was`` (JSON); {} if that is not valid."""
        try:
            sent = json.loads(self.data.get("was", ""))
        except (ValueError, RecursionError):
            return {}
        known = sent.items() if isinstance(sent, dict) else ()
        return {name: text for name, text in known if name in self.fields and isinstance(text, str)}

    def rebuild_after_collision(self, current: FilmSettings, collided) -> "FilmSettingsForm":
        """Return a form with the stored settings ``current``, and the user's values of fields that nobody else changed.

        ``collided``: names of the fields that somebody else changed.
        """
        base, current.story = settings_as_texts(current) | self.get_base(), self.instance.story
        mine = {name: value for name, value in self.get_changes().items() if name not in collided}
        typed = {name: value for name, value in mine.items() if value_as_text(value) != base[name]}
        return FilmSettingsForm(instance=current, initial=typed)

    def full_clean(self):
        """Require only fields that were sent, since the page has separate forms for cards, music and picture."""
        if self.is_bound:
            for name, field in self.fields.items():
                field.required = field.required and name in self.data
        super().full_clean()

    def _post_clean(self):
        """Do not change the instance, since the service writes the row (change_film_settings)."""


def _split_music(data):
    """Return the sent values with ``mood`` and ``music``, since the page chooses a mood or a track in one list.

    An empty choice, and that of a track, set the mood to "".
    """
    if not data or "music" not in data:
        return data
    chosen = data["music"]
    is_mood = chosen in FilmSettings.Mood.values
    return MultiValueDict(
        {name: [data[name]] for name in data}
        | {"mood": [chosen if is_mood else ""], "music": ["" if is_mood else chosen]}
    )


class MakeFilmForm(forms.Form):
    """Form that requests a film.

    ``agreed``: the mark of the film that the page showed (plan_json.get_mark). ``as_it_is``: the page showed no film.
    """

    name = forms.CharField(max_length=120, required=False)
    agreed = forms.CharField(max_length=64, required=False)
    as_it_is = forms.BooleanField(required=False)
    idem_key = forms.RegexField(IDEM_KEY, required=False)

    def clean_name(self):
        return " ".join(clean_text(self.cleaned_data["name"]).split())


class RenameFilmForm(forms.Form):
    """Form for the name of a film. A film without a name is called by its version."""

    name = forms.CharField(max_length=120, required=False)

    def clean_name(self):
        return " ".join(clean_text(self.cleaned_data["name"]).split())  # also the file name of a download
