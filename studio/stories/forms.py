"""Forms for a story and its settings."""

from django import forms
from django.utils.translation import gettext_lazy

from generation.providers.styles import NAMES as STYLES
from studio.drawing import providers
from studio.forms import CleanTextMixin, EditConflictMixin, ProviderChoiceMixin
from studio.models import Story

RESOLUTIONS = [(480, "480p"), (720, "720p"), (1080, "1080p")]


class StoryForm(EditConflictMixin, ProviderChoiceMixin, CleanTextMixin, forms.Form):
    """Form for the settings of a story."""

    HAS_STORY_DEFAULT = False

    title = forms.CharField(max_length=120, label=gettext_lazy("Title"))
    synopsis = forms.CharField(
        max_length=2000,
        required=False,
        label=gettext_lazy("Synopsis"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    ratio = forms.ChoiceField(choices=Story.ratio.field.choices, label=gettext_lazy("Aspect ratio"))
    style = forms.ChoiceField(choices=lambda: list(STYLES.items()), label=gettext_lazy("Style"))
    engine = forms.ChoiceField(label=gettext_lazy("Provider"))
    resolution = forms.TypedChoiceField(choices=RESOLUTIONS, coerce=int, label=gettext_lazy("Size"))
    mode = forms.ChoiceField(choices=Story.Mode.choices, label=gettext_lazy("Drawing mode"))
    on_failure = forms.ChoiceField(choices=Story.OnFailure.choices, label=gettext_lazy("If the previous scene fails"))

    def get_changes(self) -> dict:
        return to_columns(self.cleaned_data)

    def get_base(self) -> dict:
        """Return the values that the page showed, by column."""
        shown: dict = self.get_shown_values()
        if "resolution" in shown:
            shown["resolution"] = int(text) if (text := shown["resolution"])[:5].isdecimal() and len(text) < 6 else None
        return to_columns(shown)

    @classmethod
    def for_story(cls, story: Story, *, by) -> "StoryForm":
        values = {name: getattr(story, name) for name in cls.base_fields if hasattr(story, name)}
        values["engine"] = providers.join_choice(story.provider, story.model)
        return cls(row=story, by=by, initial=values)


def to_columns(values: dict) -> dict:
    values = dict(values)
    if "engine" in values:
        values["provider"], values["model"] = providers.split_choice(values.pop("engine"))
    return values


class NewStoryForm(CleanTextMixin, forms.Form):
    title = forms.CharField(max_length=120, required=False, label=gettext_lazy("Title"))
    words = forms.CharField(max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))
    ratio = forms.ChoiceField(choices=Story.ratio.field.choices, required=False)
    style = forms.ChoiceField(choices=lambda: list(STYLES.items()), required=False)
