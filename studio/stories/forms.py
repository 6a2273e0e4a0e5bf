"""Forms for a story and its settings."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.providers.styles import AUTOMATIC
from generation.providers.styles import NAMES as STYLES
from studio.forms import CleanTextMixin, EditConflictMixin
from studio.models import Story

RESOLUTIONS = [(480, "480p"), (720, "720p"), (1080, "1080p")]


class StoryForm(EditConflictMixin, CleanTextMixin, forms.Form):
    """Form for the settings of a story."""

    title = forms.CharField(max_length=120, label=gettext_lazy("Title"))
    synopsis = forms.CharField(
        max_length=2000,
        required=False,
        label=gettext_lazy("Synopsis"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    ratio = forms.ChoiceField(choices=Story.ratio.field.choices, label=gettext_lazy("Aspect ratio"))
    style = forms.ChoiceField(choices=lambda: list(STYLES.items()), label=gettext_lazy("Style"))
    resolution = forms.TypedChoiceField(choices=RESOLUTIONS, coerce=int, label=gettext_lazy("Size"))
    mode = forms.ChoiceField(choices=Story.Mode.choices, label=gettext_lazy("Drawing mode"))
    on_failure = forms.ChoiceField(choices=Story.OnFailure.choices, label=gettext_lazy("If the previous scene fails"))

    def get_changes(self) -> dict:
        return dict(self.cleaned_data)

    def get_base(self) -> dict:
        """Return the values that the page showed, by column."""
        shown: dict = self.get_shown_values()
        if "resolution" in shown:
            shown["resolution"] = int(text) if (text := shown["resolution"])[:5].isdecimal() and len(text) < 6 else None
        return shown

    @classmethod
    def for_story(cls, story: Story) -> "StoryForm":
        return cls(initial={name: getattr(story, name) for name in cls.base_fields})


class NewStoryForm(CleanTextMixin, forms.Form):
    title = forms.CharField(max_length=120, required=False, label=gettext_lazy("Title"))
    words = forms.CharField(max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))
    ratio = forms.ChoiceField(choices=Story.ratio.field.choices, required=False)
    style = forms.ChoiceField(choices=lambda: [(AUTOMATIC, _("Automatic")), *STYLES.items()], required=False)
