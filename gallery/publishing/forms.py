"""The form with which an author publishes a clip, a film or a story template."""

import unicodedata

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import clean_public_text
from common.web.form_fields import set_choices
from gallery.access import Opening
from gallery.models import Work
from gallery.publishing import services
from gallery.works.tags import MAX_LETTERS, MAX_TAGS, TagRefused, parse_tags

INVISIBLE = {"Cf", "Cc", "Zs", "Zl", "Zp", "Mn"}
MOST_LINES = 60  # of a description


def list_visibilities() -> list[tuple[str, str]]:
    """Return the choices of the visibility, with who sees the work on this site."""
    if settings.GALLERY == Opening.PUBLIC:
        readers = _("Public: everybody finds it in the gallery")
        holders = _("Unlisted: whoever has the secret link sees it")
    else:
        readers = _("Public: every member of this site finds it")
        holders = _("Unlisted: members of this site who have the secret link see it")
    return [
        (Work.Visibility.PUBLIC, readers),
        (Work.Visibility.UNLISTED, holders),
        (Work.Visibility.PRIVATE, _("Private: only your workspace sees it")),
    ]


class PublishForm(forms.ModelForm):
    """``has_music``: the film has music that somebody uploaded. ``asks_handle``: the workspace has no profile yet.
    ``licences``: those that the works it was made from allow; none if they exclude each other. ``covers``: the frames
    that can be the cover (gallery.publishing.covers)."""

    visibility = forms.ChoiceField(
        label=gettext_lazy("Who can see it"),
        choices=Work.Visibility.choices,
        widget=forms.RadioSelect(attrs={"class": "checkbox radio"}),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=(MAX_LETTERS + 2) * MAX_TAGS * 2,
        help_text=gettext_lazy("Up to eight, separated by commas."),
    )
    cover = forms.ChoiceField(label=gettext_lazy("Cover"), required=False)
    handle = forms.CharField(
        label=gettext_lazy("Your handle"),
        required=False,
        max_length=31,
        help_text=gettext_lazy("The address of your public profile: 3 to 30 letters a–z, digits and underscores."),
    )
    has_music_rights = forms.BooleanField(
        label=gettext_lazy("I may publish the uploaded music of this film"), required=False
    )

    class Meta:
        model = Work
        fields = (
            "visibility",
            "title",
            "description",
            "rating",
            "licence",
            "shows_prompt",
            "allows_remix",
            "allows_comments",
            "allows_download",
            "allows_embed",
        )
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args, has_music: bool, asks_handle: bool, has_prompt: bool, licences, covers, **kwargs):
        super().__init__(*args, **kwargs)
        set_choices(self, "visibility", list_visibilities())
        self.covers = covers
        set_choices(self, "cover", [(frame.value, frame.value) for frame in covers])
        if not has_music:
            del self.fields["has_music_rights"]
        if not asks_handle:
            del self.fields["handle"]
        if not has_prompt:
            del self.fields["shows_prompt"]
        elif self.instance.kind == Work.Kind.FILM:
            self.fields["shows_prompt"].label = _("Show the synopsis and the titles of the scenes")
        if self.instance.is_rating_fixed or not settings.GALLERY_MATURE:
            del self.fields["rating"]
        if self.instance.kind == Work.Kind.TEMPLATE:
            del self.fields["allows_download"]
        if self.instance.kind == Work.Kind.TEMPLATE or settings.GALLERY != Opening.PUBLIC:
            del self.fields["allows_embed"]
        self.licences = licences
        offered = self.licences or [self.instance.licence]
        set_choices(self, "licence", [(value, Work.Licence(value).label) for value in offered])
        if self.instance.licence not in offered:
            self.initial["licence"] = offered[0]

    def validate_constraints(self):
        """Leave the constraints to ``publish_work``, which sets the fields that the form does not have."""

    def clean_title(self) -> str:
        title = " ".join(clean_public_text(self.cleaned_data["title"]).split())
        if all(unicodedata.category(sign) in INVISIBLE for sign in title):
            raise forms.ValidationError(_("Write a title that can be seen."))
        return title

    def clean_description(self) -> str:
        return clean_public_text(self.cleaned_data["description"], most_lines=MOST_LINES)

    def clean_tags(self) -> list[str]:
        try:
            return parse_tags(clean_public_text(self.cleaned_data["tags"]))
        except TagRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self):
        cleaned = self.cleaned_data
        is_private = cleaned.get("visibility") == Work.Visibility.PRIVATE
        if not (self.licences or is_private):
            message = _("The licences of the works that this was made from exclude each other: nobody may publish it.")
            self.add_error("licence", message)
        if "has_music_rights" in self.fields and not is_private and not cleaned.get("has_music_rights"):
            self.add_error("has_music_rights", _("Publish only music that you have the right to use."))
        if "handle" in self.fields and cleaned.get("visibility") == Work.Visibility.PUBLIC and not cleaned["handle"]:
            self.add_error("handle", _("Choose a handle: a public work shows who made it."))
        return cleaned

    def get_choices(self) -> dict:
        """Return the values for ``services.publish_work``."""
        names = {*services.CHOICES, "visibility", "tags"}
        return {name: value for name, value in self.cleaned_data.items() if name in names}
