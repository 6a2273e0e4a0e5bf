"""Words from outside, made clean: what a person may ask of an engine."""

import re
import secrets
import uuid

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models import Clip
from generation.providers.base import ClipRequest, Mode
from generation.providers.registry import providers

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")
IDEM_KEY = re.compile(r"\A[A-Za-z0-9._~-]{1,120}\Z")
SEED_LIMIT = 2**31
TAKES = (1, 2, 3, 4)


def clean_words(words: str) -> str:
    """Line ends made equal; ValidationError for characters that no keyboard writes."""
    words = words.replace("\r\n", "\n").replace("\r", "\n").strip()
    if CONTROL.search(words):
        raise forms.ValidationError(_("This text holds control characters. Type it again or paste it as plain text."))
    return words


class ChipsField(forms.Field):
    """Any number of ``slot:value`` keys of understood things that the person switched off."""

    widget = forms.SelectMultiple
    KEY = re.compile(r"[a-z_]{1,20}:[^\s,\x00-\x1f\x7f]{1,40}\Z")

    def to_python(self, value):
        return sorted({key for key in value or () if self.KEY.match(key)})[:30]


class ClipForm(forms.Form):
    """What the Create page sends. ``idem_key`` is made with the page, so that two sends make one clip."""

    prompt = forms.CharField(
        max_length=2000,
        required=False,
        error_messages={
            "max_length": gettext_lazy("A prompt has at most 2,000 characters; this one has %(show_value)s.")
        },
    )
    negative_prompt = forms.CharField(max_length=500, required=False)
    style = forms.CharField(max_length=20, required=False)
    provider = forms.CharField(max_length=40, required=False)
    model = forms.CharField(max_length=80, required=False)
    ratio = forms.ChoiceField(choices=Clip.Ratio.choices, required=False)
    resolution = forms.IntegerField(required=False)
    seconds = forms.IntegerField(required=False)
    seed = forms.IntegerField(min_value=0, max_value=SEED_LIMIT - 1, required=False)
    takes = forms.TypedChoiceField(choices=[(n, n) for n in TAKES], coerce=int, required=False, empty_value=1)
    paint = forms.BooleanField(required=False)
    picture = forms.UUIDField(required=False)
    picture_file = forms.FileField(required=False, allow_empty_file=True)
    continues = forms.UUIDField(required=False)
    chips_off = ChipsField(required=False)
    crop_x = forms.FloatField(min_value=0, max_value=1, required=False)
    crop_y = forms.FloatField(min_value=0, max_value=1, required=False)
    crop_w = forms.FloatField(min_value=0.01, max_value=1, required=False)
    crop_h = forms.FloatField(min_value=0.01, max_value=1, required=False)
    idem_key = forms.RegexField(IDEM_KEY, required=False)

    DEFAULTS = {"style": "cel", "ratio": "16:9", "resolution": 720, "seconds": 5}

    def clean_prompt(self):
        return clean_words(self.cleaned_data["prompt"])

    def clean_negative_prompt(self):
        return clean_words(self.cleaned_data["negative_prompt"])

    def clean_idem_key(self):
        return self.cleaned_data["idem_key"] or uuid.uuid4().hex

    def clean_provider(self):
        slug = self.cleaned_data["provider"] or next(iter(providers()))
        if slug not in providers():
            raise forms.ValidationError(_("There is no such provider here."))
        return slug

    def clean(self):
        values = super().clean()
        for name, default in self.DEFAULTS.items():
            if name not in self.errors and not values.get(name):
                values[name] = default
        values["seed_is_given"] = values.get("seed") is not None
        if not values["seed_is_given"] and "seed" not in self.errors:
            values["seed"] = secrets.randbelow(SEED_LIMIT)
        has_start = any(values.get(name) for name in ("picture", "picture_file", "continues"))
        if not values.get("prompt") and "prompt" not in self.errors and not has_start:
            self.add_error("prompt", _("Say what happens in the shot, or start from a picture."))
        if not self.errors:
            self._check_engine(values)
        return values

    def _check_engine(self, values):
        try:
            capability = providers()[values["provider"]].capability(values["model"])
        except KeyError:
            self.add_error("model", _("This provider has no such model."))
            return
        values["model"] = capability.model
        values["options"] = self._options(capability)
        if capability.styles and values["style"] not in capability.styles:
            self.add_error("style", _("There is no such style."))
            return
        for name, reason in capability.reasons_against(self.request()).items():
            self.add_error(name if name in self.fields else None, reason)

    def _options(self, capability) -> dict:
        """What was chosen of the model's own options, sent as ``option_<name>``."""
        chosen = {}
        for option in capability.options:
            try:
                value = option.clean(self.sent(f"option_{option.name}"))
            except ValueError:
                self.add_error(None, _("“%(option)s” cannot be that. Choose again.") % {"option": option.label})
            else:
                chosen |= {option.name: value} if value else {}
        return chosen

    def sent(self, name) -> list[str]:
        """Every value sent under a name, also of fields that only a model knows."""
        if hasattr(self.data, "getlist"):
            return self.data.getlist(name)
        value = self.data.get(name, [])
        return list(value) if isinstance(value, list | tuple) else [value]

    def crop(self) -> tuple[float, float, float, float] | None:
        """The part of the sent picture to keep, as shares of its size (x, y, width, height); None keeps all."""
        x, y, width, height = (self.cleaned_data.get(f"crop_{side}") for side in "xywh")
        if not (width and height):
            return None
        x, y = x or 0.0, y or 0.0
        return x, y, min(width, 1 - x), min(height, 1 - y)

    def request(self) -> ClipRequest:
        """The engine's view of what was asked, for estimates and checks."""
        values = self.cleaned_data
        has_picture = any(values.get(name) for name in ("picture", "picture_file", "continues"))
        return ClipRequest(
            prompt=values.get("prompt", ""),
            ratio=values["ratio"],
            seconds=values["seconds"],
            resolution=values["resolution"],
            seed=values["seed"],
            style=values["style"],
            mode=Mode.PICTURE if has_picture else Mode.WORDS,
        )


class GuestForm(forms.Form):
    """The one box on the home page."""

    prompt = forms.CharField(max_length=2000)

    def clean_prompt(self):
        return clean_words(self.cleaned_data["prompt"])


class RenameForm(forms.Form):
    title = forms.CharField(max_length=120)

    def clean_title(self):
        return " ".join(clean_words(self.cleaned_data["title"]).split())  # it also names the file of a download
