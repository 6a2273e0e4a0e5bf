"""The form for a text to import, and messages about why the text cannot be imported."""

import hashlib

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.forms import IDEM_KEY
from generation.providers.styles import AUTOMATIC
from generation.providers.styles import NAMES as STYLES
from studio.breakdown.parser import normalize_text, parse_text
from studio.forms import CleanTextMixin
from studio.models import Story
from studio.parsing.drafts import MAX_SCENES, ParsedText, Unreadable

MAX_BYTES = 400_000
ENDINGS = (".txt", ".md", ".markdown", ".fountain", ".spmd", ".csv", ".tsv")
FORMATS = (
    ("", gettext_lazy("Detect automatically")),
    ("prose", gettext_lazy("Prose")),
    ("fountain", gettext_lazy("Script (Fountain)")),
    ("markdown", gettext_lazy("Markdown")),
    ("csv", gettext_lazy("Table (CSV)")),
    ("idea", gettext_lazy("Single idea")),
)
MESSAGES = {
    "empty": gettext_lazy("There is no text yet. Paste some, choose a file, or write one sentence."),
    "too_long": gettext_lazy("The text is longer than 60,000 characters. Import it one chapter at a time."),
    "long_idea": gettext_lazy("An idea has at most 2,000 characters. Choose “Prose” for a longer text."),
    "not_text": gettext_lazy("This is not a text file. Save it as plain text (UTF-8) and try again."),
    "no_columns": gettext_lazy(
        "The first row of a table must name its columns, and one of them must be action or line."
    ),
    "no_scenes": gettext_lazy("No scenes were found: the text does not say what happens."),
}


class ImportForm(CleanTextMixin, forms.Form):
    """Form for a text to import.

    ``take`` and ``cast``: numbers (from 0) of the scenes and characters to create. ``digest``: the mark of the text
    that they were found in.
    """

    text = forms.CharField(required=False, strip=False)
    file = forms.FileField(required=False, allow_empty_file=True)
    as_format = forms.ChoiceField(choices=FORMATS, required=False)
    title = forms.CharField(max_length=120, required=False, label=gettext_lazy("Title"))
    style = forms.ChoiceField(choices=lambda: [(AUTOMATIC, _("Automatic")), *STYLES.items()], required=False)
    ratio = forms.ChoiceField(choices=Story.ratio.field.choices, required=False)
    take = forms.TypedMultipleChoiceField(choices=[(n, n) for n in range(MAX_SCENES)], coerce=int, required=False)
    cast = forms.TypedMultipleChoiceField(choices=[(n, n) for n in range(100)], coerce=int, required=False)
    digest = forms.CharField(max_length=64, required=False)
    idem_key = forms.RegexField(IDEM_KEY, required=False)

    found: ParsedText | None = None

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file is None:
            return None
        if not file.name.casefold().endswith(ENDINGS):
            raise forms.ValidationError(_("Choose a file that ends in .txt, .md, .fountain or .csv."))
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 400 kB. Import it one chapter at a time."))
        return file

    def clean_text(self):
        """Return the text unchanged, since the parser checks and cleans it."""
        return self.cleaned_data["text"]

    def clean(self):
        own = self.cleaned_data.pop("text", "")
        cleaned = super().clean()
        cleaned["text"] = own
        if self.errors:
            return cleaned
        try:
            cleaned["text"] = normalize_text(_decode(cleaned["file"]) if cleaned.get("file") else own)
            name = cleaned["file"].name if cleaned.get("file") else ""
            self.found = parse_text(cleaned["text"], name=name, as_format=cleaned["as_format"])
            cleaned["as_format"] = self.found.format if name else cleaned["as_format"]
        except Unreadable as error:
            self.add_error("file" if cleaned.get("file") else "text", str(MESSAGES[error.code]))
        return cleaned

    @property
    def mark(self) -> str:
        """Return a digest of the text, by which a selection that was made for a different text is refused."""
        content = f"{self.cleaned_data.get('as_format', '')}|{self.cleaned_data.get('text', '')}"
        return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()

    def get_chosen(self) -> tuple[list, list]:
        """Return the scene drafts and character drafts that the user selected."""
        shots, people = self.found.shots, self.found.people
        takes = [shots[n] for n in sorted(set(self.cleaned_data["take"])) if n < len(shots)]
        return takes, [people[n] for n in sorted(set(self.cleaned_data["cast"])) if n < len(people)]


def _decode(file) -> str:
    """Decode UTF-8, UTF-16 with a byte order mark, or legacy Chinese and Japanese encodings."""
    raw = file.read(MAX_BYTES)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_as(raw, "utf-16")
    if b"\x00" in raw:
        raise Unreadable("not_text")
    for encoding in ("utf-8-sig", "gb18030", "shift_jis"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("not_text")


def _decode_as(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("not_text") from None
