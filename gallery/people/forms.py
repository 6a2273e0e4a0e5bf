"""Forms of the gallery's settings."""

from urllib.parse import urlsplit

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import clean_public_text
from gallery.errors import HandleRefused
from gallery.models import Profile, ViewerSettings, Work
from gallery.people.services import check_handle, suggest_handle

BIO_LENGTH, BIO_LINES, MOST_LINKS, LINK_LENGTH = 500, 12, 3, 200
check_url = URLValidator(schemes=["https"], message=gettext_lazy("Enter addresses that begin with https://."))


class ProfileForm(forms.Form):
    """The public face of a workspace, and what the dialog for publishing offers first."""

    handle = forms.CharField(
        label=gettext_lazy("Handle"),
        max_length=40,
        help_text=gettext_lazy("Your profile’s address: 3 to 30 letters, digits and underscores."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    bio = forms.CharField(
        label=gettext_lazy("About you"),
        max_length=BIO_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    links = forms.CharField(
        label=gettext_lazy("Links"),
        max_length=MOST_LINKS * (LINK_LENGTH + 2),
        required=False,
        help_text=gettext_lazy("Up to three addresses that begin with https://, one on each line."),
        widget=forms.Textarea(attrs={"rows": 3, "inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Visibility of new works"),
        choices=Work.Visibility,
        help_text=gettext_lazy("What the dialog for publishing offers first. You can change it for each work."),
    )
    licence = forms.ChoiceField(label=gettext_lazy("Licence of new works"), choices=Work.Licence)

    def clean_handle(self):
        try:
            return check_handle(self.cleaned_data["handle"])
        except HandleRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_bio(self):
        return clean_public_text(self.cleaned_data["bio"], most_lines=BIO_LINES)

    def clean_links(self) -> list[str]:
        links = [line.strip() for line in self.cleaned_data["links"].splitlines() if line.strip()]
        if len(links) > MOST_LINKS:
            raise forms.ValidationError(_("Up to three links are possible."))
        for link in links:
            check_url(clean_public_text(link))
            if len(link) > LINK_LENGTH or "@" in urlsplit(link).netloc:
                raise forms.ValidationError(_("This link cannot be used: %(link)s") % {"link": link[:60]})
        return links


def build_profile_initial(profile: Profile | None, user) -> dict:
    """Return what the form shows: the profile, or for a new one a free handle and the defaults of the site."""
    defaults = {"visibility": Work.Visibility.UNLISTED, "licence": Work.Licence.RESERVED}
    if profile is None:
        return defaults | {"handle": suggest_handle(user)}
    shown = {"handle": profile.handle, "bio": profile.bio, "links": "\n".join(profile.links)}
    return defaults | shown | profile.defaults


class ViewerForm(forms.ModelForm):
    class Meta:
        model = ViewerSettings
        fields = ["mature"]
        widgets = {"mature": forms.RadioSelect(attrs={"class": "checkbox radio"})}
