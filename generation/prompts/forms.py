"""Forms for prompt templates and their import."""

import json

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.viewer import Viewer
from common import safe_json
from common.text import clean_text
from common.web.form_fields import set_queryset
from generation import access
from generation.models import PromptTemplate

MAX_IMPORT_BYTES = 2_000_000
FORMAT, VERSION = "tapwari-prompts", 1
COVERS = 12  # newest clips to choose from
FIELDS = ("kind", "title", "text", "category")


class TemplateForm(forms.ModelForm):
    """Form for one template. ``is_shared``: of the workspace instead of the user; fixed once the template exists."""

    is_shared = forms.BooleanField(label=gettext_lazy("Share with this workspace"), required=False)

    class Meta:
        model = PromptTemplate
        fields = (*FIELDS, "cover")
        labels = {
            "kind": gettext_lazy("Type"),
            "title": gettext_lazy("Name"),
            "text": gettext_lazy("Text"),
            "category": gettext_lazy("Category"),
        }
        # xgettext:no-python-brace-format
        help_texts = {"text": gettext_lazy("Write {who} or {place} for a blank to fill in.")}
        widgets = {"text": forms.Textarea(attrs={"rows": 5, "maxlength": 2000})}

    def __init__(self, *args, viewer: Viewer, **kwargs):
        super().__init__(*args, **kwargs)
        clips = access.visible_clips(viewer.at_hand).finished().with_files()
        self.clips = list(clips.order_by("-created_at")[:COVERS])
        shown = {clip.pk for clip in self.clips}
        if (cover := self.initial.get("cover")) and cover not in shown:
            self.clips = [*clips.filter(pk=cover), *self.clips]
        set_queryset(self, "cover", clips)
        if not self.instance._state.adding:
            del self.fields["is_shared"]

    def clean_title(self):
        return " ".join(clean_text(self.cleaned_data["title"]).split())

    def clean_text(self):
        return clean_text(self.cleaned_data["text"])

    def clean_category(self):
        return " ".join(clean_text(self.cleaned_data["category"]).split())


class _RowForm(forms.ModelForm):
    class Meta:
        model = PromptTemplate
        fields = FIELDS

    clean_title, clean_text, clean_category = (
        TemplateForm.clean_title,
        TemplateForm.clean_text,
        TemplateForm.clean_category,
    )


class ImportForm(forms.Form):
    """Form for a file of templates. ``most``: how many it may have. ``rows``: the values of each template in it."""

    file = forms.FileField(label=gettext_lazy("File"))
    is_shared = forms.BooleanField(label=gettext_lazy("Share with this workspace"), required=False)

    def __init__(self, *args, most: int = 0, **kwargs):
        super().__init__(*args, **kwargs)
        self.most = most

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > MAX_IMPORT_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB. Nothing was imported."))
        self.rows = parse_export(upload.read(), self.most)
        return upload


def parse_export(content: bytes, most: int) -> list[dict]:
    """Return the values of each template in an exported file, of at most ``most``.

    Raises ValidationError if there are more, or if one is not valid.
    """
    try:
        found = safe_json.parse(content.decode("utf-8-sig"))
    except ValueError:
        raise forms.ValidationError(_("This is not a JSON file. Nothing was imported.")) from None
    is_ours = isinstance(found, dict) and found.get("format") == FORMAT
    if not is_ours or found.get("version") != VERSION or not isinstance(found.get("prompts"), list):
        raise forms.ValidationError(_("This file was not exported by the prompts page. Nothing was imported."))
    if (n := len(found["prompts"])) > most:  # before they are read
        message = _("The file has %(n)d prompts; at most %(most)d are possible. Nothing was imported.")
        raise forms.ValidationError(message % {"n": n, "most": most})
    rows = [_clean_row(n, row) for n, row in enumerate(found["prompts"], 1)]
    if not rows:
        raise forms.ValidationError(_("The file contains no prompts. Nothing was imported."))
    return rows


def _clean_row(n: int, row) -> dict:
    values = {name: row.get(name, "") for name in FIELDS} if isinstance(row, dict) else {}
    form = _RowForm(values if all(isinstance(value, str) for value in values.values()) else {})
    if form.is_valid():
        return form.cleaned_data
    name, errors = next(iter(form.errors.items()))
    message = _("Prompt %(n)d, “%(field)s”: %(error)s Nothing was imported.")
    raise forms.ValidationError(message % {"n": n, "field": name, "error": errors[0]})


def build_export(templates) -> str:
    """Return the JSON text of a file with these templates."""
    rows = [{name: getattr(template, name) for name in FIELDS} for template in templates]
    return json.dumps({"format": FORMAT, "version": VERSION, "prompts": rows}, ensure_ascii=False, indent=2)
