"""Words from outside, made clean: what people write into stories and scenes."""

import re
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import clean_text
from generation.forms import IDEM_KEY, SEED_LIMIT
from generation.providers.adapters.local.options import OPTIONS
from generation.providers.styles import NAMES as STYLES
from studio.drawing import providers
from studio.models import Scene, Story
from studio.scenes.fields import EDITABLE

TOLD = {option.name: option.choices for option in OPTIONS if option.name in ("time", "camera")}
CURRENCY = re.compile(r"\Acap_([A-Z]{3})\Z")
MOST_MONEY = Decimal(1_000_000)
RESOLUTIONS = [(480, "480p"), (720, "720p"), (1080, "1080p")]


class CleanWords:
    """Every text of the form without control characters."""

    def clean(self):
        cleaned = super().clean()
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and value:
                try:
                    cleaned[name] = clean_text(value)
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return cleaned


class KnowsWhatWasShown:
    """A form whose ``was_…`` fields carry what the page showed, to notice what others changed."""

    def shown(self) -> dict[str, str]:
        """What the page showed, as far as it says so. Browsers send line ends as CRLF; what is kept has LF."""
        sent = {name: self.data[f"was_{name}"] for name in self.fields if f"was_{name}" in self.data}
        return {name: levelled(text) for name, text in sent.items()}

    def values(self) -> dict:
        """What its fields hold, by name: for the ``was_…`` fields of the page that shows it."""
        return {name: self[name].value() for name in self.fields}

    def again(self, now):
        """After a collision: ``now``, the form as everything stands, with what was typed into this one. Fields that
        were not touched here show what others wrote."""
        typed = {name: levelled(self.data[name]).strip() for name in self.fields if name in self.data}
        untouched = {name for name, text in self.shown().items() if text.strip() == typed.get(name)}
        now.initial |= {name: text for name, text in typed.items() if name not in untouched}
        return now


def levelled(text: str) -> str:
    return text.replace("\r\n", "\n")


class ChoosesEngine:
    """A form with a field ``engine``: what can be asked in the row's workspace by this person. A choice that is gone
    stays while it is the one that ``row`` holds: nothing changes by looking, and all else can be changed beside it."""

    def __init__(self, *values, row: Scene | Story, by, **more):
        super().__init__(*values, **more)
        whole, held = _("Same as the story") if self.WHOLE else "", providers.joined(row.provider, row.model)
        choices = providers.choices(workspace_of(row), by, whole)
        if held and held not in dict(choices):
            choices = [*choices, (held, providers.name(row.provider, row.model))]
        self.fields["engine"].choices = choices


class SceneForm(ChoosesEngine, CleanWords, forms.Form):
    """A scene's fields. What a request does not send is not changed; ``has_follows`` stands for the tick that is
    not sent when it is off. ``rev`` is the revision that the person saw."""

    rev = forms.IntegerField(min_value=0)
    seen = forms.RegexField(r"\A(?:[a-z_]{1,20}:\d{1,9}(?:,|\Z)){1,40}\Z", required=False)
    prompt = forms.CharField(max_length=2000, required=False)
    negative_prompt = forms.CharField(max_length=500, required=False)
    place_name = forms.CharField(max_length=80, required=False)
    time = forms.ChoiceField(choices=TOLD["time"], required=False)
    camera = forms.ChoiceField(choices=TOLD["camera"], required=False)
    speaker = forms.CharField(max_length=80, required=False)
    line = forms.CharField(max_length=500, required=False)
    note = forms.CharField(max_length=1000, required=False)
    style = forms.ChoiceField(choices=lambda: [("", _("Same as the story")), *STYLES.items()], required=False)
    engine = forms.ChoiceField(required=False)
    seconds = forms.IntegerField(min_value=1, max_value=60, required=False)
    seed = forms.IntegerField(min_value=0, max_value=SEED_LIMIT - 1, required=False)
    follows = forms.BooleanField(required=False)
    join_kind = forms.ChoiceField(choices=Scene.Join.choices, required=False)
    join_frames = forms.IntegerField(min_value=0, max_value=240, required=False)
    trim_in = forms.IntegerField(min_value=0, max_value=1440, required=False)
    trim_out = forms.IntegerField(min_value=0, max_value=1440, required=False)
    sound = forms.ChoiceField(choices=Scene.Sound.choices, required=False)

    WHOLE = True
    MUST = ("seconds", "join_kind", "join_frames", "trim_in", "trim_out", "sound")

    def changes(self) -> dict:
        """Only what was sent, by column; nothing of what may not be empty and was."""
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data and name in EDITABLE}
        sent = {name: value for name, value in sent.items() if name not in self.MUST or value not in (None, "")}
        if "has_follows" in self.data:
            sent["follows"] = self.cleaned_data["follows"]
        if "engine" in self.data:
            sent["provider"], sent["model"] = providers.parted(self.cleaned_data["engine"])
        return sent

    def seen_by_column(self) -> dict[str, int]:
        """At which revision single columns were seen, as the request says it: ``prompt:3,line:5``."""
        pairs = [pair.split(":") for pair in self.cleaned_data["seen"].split(",") if pair]
        seen = {name: int(rev) for name, rev in pairs}
        return seen | ({"provider": seen["engine"], "model": seen["engine"]} if "engine" in seen else {})

    @classmethod
    def of(cls, scene: Scene, *, by) -> "SceneForm":
        """The form as the scene stands now."""
        return cls(row=scene, by=by, initial=cls.values_of(scene), auto_id="scene-%s")

    @classmethod
    def values_of(cls, scene: Scene) -> dict:
        held = {name: getattr(scene, name) for name in cls.base_fields if hasattr(scene, name)}
        return held | {"engine": providers.joined(scene.provider, scene.model)}


class StoryForm(KnowsWhatWasShown, ChoosesEngine, CleanWords, forms.Form):
    """A story's own settings."""

    WHOLE = False

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

    def changes(self) -> dict:
        return by_column(self.cleaned_data)

    def base(self) -> dict:
        """What the page showed, by column."""
        shown: dict = self.shown()
        if "resolution" in shown:
            shown["resolution"] = int(text) if (text := shown["resolution"])[:5].isdecimal() and len(text) < 6 else None
        return by_column(shown)

    @classmethod
    def of(cls, story: Story, *, by) -> "StoryForm":
        held = {name: getattr(story, name) for name in cls.base_fields if hasattr(story, name)}
        held["engine"] = providers.joined(story.provider, story.model)
        return cls(row=story, by=by, initial=held)


def workspace_of(row: Scene | Story):
    return row.workspace if isinstance(row, Story) else row.story.workspace


def by_column(values: dict) -> dict:
    values = dict(values)
    if "engine" in values:
        values["provider"], values["model"] = providers.parted(values.pop("engine"))
    return values


class NewStoryForm(CleanWords, forms.Form):
    title = forms.CharField(max_length=120, required=False, label=gettext_lazy("Title"))
    words = forms.CharField(max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))
    ratio = forms.ChoiceField(choices=Story.ratio.field.choices, required=False)
    style = forms.ChoiceField(choices=lambda: list(STYLES.items()), required=False)


class AddForm(CleanWords, forms.Form):
    prompt = forms.CharField(max_length=2000, required=False)
    at = forms.IntegerField(min_value=1, max_value=10_000, required=False)


class PictureForm(forms.Form):
    """A picture with the part of it to keep, in shares of its size."""

    picture_file = forms.FileField(allow_empty_file=True)
    crop_x = forms.FloatField(min_value=0, max_value=1, required=False)
    crop_y = forms.FloatField(min_value=0, max_value=1, required=False)
    crop_w = forms.FloatField(min_value=0.01, max_value=1, required=False)
    crop_h = forms.FloatField(min_value=0.01, max_value=1, required=False)

    def crop(self) -> tuple[float, float, float, float] | None:
        """x, y, width and height; None keeps all of it."""
        x, y, width, height = (self.cleaned_data[f"crop_{side}"] for side in "xywh")
        if not (width and height):
            return None
        x, y = x or 0.0, y or 0.0
        return x, y, min(width, 1 - x), min(height, 1 - y)


class DrawForm(forms.Form):
    """Which scenes, how, and at most for how much. Caps come as ``cap_USD`` in whole units of the currency. ``agreed``
    is the mark of the quote that the page showed."""

    which = forms.ChoiceField(choices=[(name, name) for name in ("one", "all", "missing", "failed", "stale")])
    scene = forms.UUIDField(required=False)
    character = forms.UUIDField(required=False)
    mode = forms.ChoiceField(choices=Story.Mode.choices, required=False)
    on_failure = forms.ChoiceField(choices=Story.OnFailure.choices, required=False)
    agreed = forms.CharField(max_length=100, required=False)
    idem_key = forms.RegexField(IDEM_KEY, required=False)

    def clean(self):
        cleaned = super().clean()
        cleaned["caps"] = {}
        if cleaned.get("which") == "one" and not cleaned.get("scene"):
            cleaned["which"] = "missing"
        for name, text in self.data.items():
            if (match := CURRENCY.match(name)) and text.strip():
                self._cap(cleaned, match[1], text)
        return cleaned

    def _cap(self, cleaned, currency: str, text: str) -> None:
        try:
            amount = forms.DecimalField(min_value=0, max_value=MOST_MONEY, decimal_places=4).clean(text)
        except forms.ValidationError:
            self.add_error(None, _("Enter the spending limit as a number, such as 2.50."))
            return
        cleaned["caps"][currency] = int(amount * 1_000_000)
