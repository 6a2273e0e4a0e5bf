"""Forms of the account settings."""

import re

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User

CONTROL = re.compile(
    r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)  # including marks that reverse the direction of text


class ProfileForm(forms.ModelForm):
    picture = forms.FileField(
        label=_("Image"),
        required=False,
        help_text=_("Up to 20 MB. Only the image is kept; other data in the file is removed."),
        widget=forms.FileInput(attrs={"accept": "image/*,.heic,.heif,.avif"}),
    )

    class Meta:
        model = User
        fields = ["name"]
        help_texts = {"name": _("Others see this name instead of your email address.")}

    def clean_name(self):
        name = self.cleaned_data["name"]
        if CONTROL.search(name):
            raise forms.ValidationError(_("A name cannot contain control characters."))
        return " ".join(name.split())


class AppearanceForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["language", "theme", "shortcuts"]
        labels = {"theme": _("Theme")}
        help_texts = {"shortcuts": _("N for a new clip, / to search, ? for all shortcuts.")}


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(choices=User.Theme.choices)
