"""Forms of clips: the Create page, a guest's clip, effects, renaming."""

import re
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Workspace
from common.text import clean_text, label_value
from generation.clip_spec import ClipSpec
from generation.errors import PICTURE_MESSAGES, CapRequired
from generation.fields import ChipsField, FilesField, RowsField
from generation.models import Clip, PriceCap, StyleWords
from generation.providers.adapters.local.automatic import choose_style
from generation.providers.adapters.local.options import EFFECTS, TITLE
from generation.providers.base import Capability, ClipRequest, Mode, Option, Provider
from generation.providers.prompt import MAX_STYLE_WORDS, STYLE_WORDS, build_style_option, compose_prompt
from generation.providers.registry import providers
from generation.providers.styles import AUTOMATIC, COLOUR, NAMES

IDEM_KEY = re.compile(r"\A[A-Za-z0-9._~-]{1,120}\Z")
SEED_LIMIT = 2**31
TAKES = (1, 2, 3, 4)
STYLE = Option(STYLE_WORDS, gettext_lazy("Words for the style, instead of the studio’s"), "text", limit=MAX_STYLE_WORDS)
SOUND = Option("audio", gettext_lazy("With sound"), "flag")
MODE_ERRORS = {
    Mode.WORDS: ("picture", gettext_lazy("%(model)s cannot start from text alone. Add an image.")),
    Mode.PICTURE: (
        "picture",
        gettext_lazy("%(model)s doesn’t support image to video. Remove the image."),
    ),
    Mode.FIRST_LAST: ("last_picture", gettext_lazy("%(model)s doesn’t support a last frame. Remove it.")),
    Mode.VIDEO: ("video", gettext_lazy("%(model)s doesn’t support video to video. Choose a model that does.")),
    Mode.REFERENCES: ("references", gettext_lazy("%(model)s doesn’t support reference images. Remove them.")),
}

VIDEO_REQUIRED = ("video", gettext_lazy("%(model)s is for video to video. Choose a video first."))


def model_options(engine: Provider, capability: Capability) -> tuple[Option, ...]:
    """Return the options of a model. Sound is the same for all models that support it, the words of the style for all
    providers that get them with the prompt."""
    sound = (SOUND,) if capability.has_audio else ()
    return (*capability.options, *sound) if engine.is_local else (*capability.options, *sound, STYLE)


# field of an upload → field of the stored pictures
PICTURE_FIELDS = {"picture_file": "picture", "last_picture_file": "last_picture", "reference_files": "references"}


def build_cap_field() -> forms.DecimalField:
    """Return the field for the most that one request may cost, in whole US dollars."""
    return forms.DecimalField(min_value=Decimal("0.01"), max_value=100_000, decimal_places=2, required=False)


def to_millionths(amount: Decimal | None) -> int | None:
    return int(amount * 1_000_000) if amount else None


def find_price_cap(workspace, provider: str, model: str) -> PriceCap | None:
    return PriceCap.objects.filter(workspace=workspace, provider=provider, model=model).first()


def get_cap(
    workspace: Workspace | None, *, provider: str, model: str, is_known: bool, sent: int | None = None
) -> int | None:
    """Return the most that one request may cost (millionths): ``sent`` with the click, else what was agreed to earlier.

    ``is_known``: whether the price is. None if so, since the price itself is then agreed to. Raises CapRequired. Every
    click that starts work at a provider is held to this.
    """
    if is_known:
        return None
    if sent is not None:
        return sent
    if (remembered := find_price_cap(workspace, provider, model)) is None:
        raise CapRequired
    return remembered.amount


class CapForm(forms.Form):
    """The cap that is sent with a click on more takes, for a model whose price is not known."""

    cap = build_cap_field()

    def clean_cap(self):
        return to_millionths(self.cleaned_data["cap"])


class PicturesForm(forms.Form):
    """The base of forms with pictures. The first frame may be cropped before it is stored.

    ``refused_pictures`` are the upload fields whose file was refused earlier: the form is invalid until each has
    another file, or is ``left_out``. ``refusals`` are their messages, by field.
    """

    picture_file = forms.FileField(required=False, allow_empty_file=True)
    refused_pictures = forms.MultipleChoiceField(choices=[(name, name) for name in PICTURE_FIELDS], required=False)
    left_out = forms.MultipleChoiceField(choices=[(name, name) for name in PICTURE_FIELDS], required=False)
    crop_x = forms.FloatField(min_value=0, max_value=1, required=False)
    crop_y = forms.FloatField(min_value=0, max_value=1, required=False)
    crop_w = forms.FloatField(min_value=0.01, max_value=1, required=False)
    crop_h = forms.FloatField(min_value=0.01, max_value=1, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.refusals: dict[str, str] = {}
        self.hold_pictures(() if self.is_bound else self.initial.get("refused_pictures", ()))

    def hold_pictures(self, names) -> None:
        """Hold the form for these upload fields: until each has another file, or is left out."""
        self.refusals |= {name: str(PICTURE_MESSAGES["not_stored"]) for name in names if name in PICTURE_FIELDS}

    def refuse_picture(self, name: str, file_name: str, message: str) -> None:
        """Hold the form for the upload field, whose file was refused."""
        self.refusals[name] = label_value(file_name, message)

    def check_refused(self, values) -> None:
        """Add an error for each picture that was refused earlier and has not been replaced."""
        settled = {name for name in PICTURE_FIELDS if values.get(name)} | set(values.get("left_out", ()))
        if refused := [name for name in values.get("refused_pictures", ()) if name not in settled]:
            self.hold_pictures(refused)
            self.add_error(None, _("An image could not be read. Remove it or choose another; nothing was started."))

    def get_crop(self) -> tuple[float, float, float, float] | None:
        """Return the part of the picture to keep as fractions (x, y, width, height); None for all of it."""
        x, y, width, height = (self.cleaned_data.get(f"crop_{side}") for side in "xywh")
        if not (width and height):
            return None
        x, y = x or 0.0, y or 0.0
        return x, y, min(width, 1 - x), min(height, 1 - y)


class ClipForm(PicturesForm):
    """The form of the Create page. ``idem_key`` is created with the page, so that a form sent twice creates one clip.

    ``workspace`` may have models of its own. ``connections`` are those that the user may use, nearest first; without
    them create_clips chooses one. ``is_estimate``: only a price is estimated, and files are sent as names.
    """

    prompt = forms.CharField(
        max_length=2000,
        required=False,
        error_messages={
            "max_length": gettext_lazy("A prompt can have at most 2,000 characters; this one has %(show_value)s.")
        },
    )
    negative_prompt = forms.CharField(max_length=500, required=False)
    style = forms.CharField(max_length=20, required=False)
    provider = forms.CharField(max_length=40, required=False)
    model = forms.CharField(max_length=80, required=False)
    connection = forms.UUIDField(required=False)
    ratio = forms.ChoiceField(choices=Clip.Ratio.choices, required=False)
    resolution = forms.IntegerField(required=False)
    seconds = forms.IntegerField(required=False)
    seed = forms.IntegerField(min_value=0, max_value=SEED_LIMIT - 1, required=False)
    takes = forms.TypedChoiceField(choices=[(n, n) for n in TAKES], coerce=int, required=False, empty_value=1)
    paint = forms.BooleanField(required=False)
    picture = forms.UUIDField(required=False)
    last_picture = forms.UUIDField(required=False)
    last_picture_file = forms.FileField(required=False, allow_empty_file=True)
    references = RowsField(required=False)
    reference_files = FilesField(required=False, allow_empty_file=True)
    continues = forms.UUIDField(required=False)
    video = forms.UUIDField(required=False)
    chips_off = ChipsField(required=False)
    idem_key = forms.RegexField(IDEM_KEY, required=False)
    cap = build_cap_field()
    agreed = forms.CharField(max_length=40, required=False)  # offers.pricing.price_mark
    origin = forms.CharField(max_length=400, required=False)  # for the hook clips_created of the apps above

    DEFAULTS = {"style": COLOUR, "ratio": "16:9", "resolution": 720, "seconds": 5}

    def __init__(self, *args, workspace=None, connections=None, is_estimate=False, **kwargs):
        self.workspace, self.connections, self.is_estimate = workspace, connections, is_estimate
        super().__init__(*args, **kwargs)

    def set_value(self, name, value) -> None:
        """Set the value that the field has when the form is shown again."""
        self.data = data = cast("QueryDict", self.data).copy()
        data.setlist(name, value if isinstance(value, list) else [value])

    def clean_prompt(self):
        return clean_text(self.cleaned_data["prompt"])

    def clean_negative_prompt(self):
        return clean_text(self.cleaned_data["negative_prompt"])

    def clean_idem_key(self):
        return self.cleaned_data["idem_key"] or uuid.uuid4().hex

    def clean_provider(self):
        slug = self.cleaned_data["provider"] or next(iter(providers()))
        if slug not in providers():
            raise forms.ValidationError(_("This provider does not exist here."))
        return slug

    def clean(self):
        values = super().clean()
        for name, default in self.DEFAULTS.items():
            if name not in self.errors and not values.get(name):
                values[name] = default
        self.check_refused(values)
        if not values.get("prompt") and "prompt" not in self.errors and self.get_mode() == Mode.WORDS:
            self.add_error("prompt", _("Describe what happens in the shot, or start from an image."))
        if not self.errors:
            self._check_model(values)
        return values

    def _check_model(self, values):
        engine = providers()[values["provider"]]
        models = {model.model: model for model in engine.capabilities_in(self.workspace)}
        capability = models.get(values["model"]) or (None if values["model"] else next(iter(models.values()), None))
        if capability is None:
            self.add_error("model", _("This provider doesn’t offer that model."))
            return
        values["model"] = capability.model
        values["options"] = self._clean_options(engine, capability)
        if values["style"] == AUTOMATIC:
            values["style"] = self._choose_style(engine, values)
        if values["style"] not in (capability.styles or NAMES):
            self.add_error("style", _("This style does not exist."))
            return
        if not engine.is_local:  # the animatic draws the style itself
            values["options"] |= build_style_option(StyleWords.objects.read_words(self.workspace), values["style"])
        request = self.build_request() if engine.is_local else compose_prompt(self.build_request())
        self._choose_connection(engine, values)
        self._check_pictures(capability, request.mode)
        if values["seed"] is not None and not capability.has_seed:
            self.add_error(
                "seed", _("%(model)s doesn’t support seeds. Leave the field empty.") % {"model": capability.label}
            )
        if conflicts := capability.find_conflicts(request):
            self._add_conflicts(capability, request.mode, conflicts)
        else:  # with a conflict the request has no price, and a length of 40 digits cannot even be calculated with
            self._check_cap(engine, capability, request)

    def _add_conflicts(self, capability, mode, conflicts: dict):
        for name, reason in conflicts.items():
            if name == "mode":
                self._add_mode_error(capability, mode, reason)
            else:
                self.add_error(name if name in self.fields else None, reason)

    def _choose_style(self, engine, values) -> str:
        """Return the style that the form left to the studio.

        Other providers, a source image and words that the user corrected keep to colour.
        """
        is_open = engine.is_local and self.get_mode() == Mode.WORDS and not values.get("chips_off")
        if is_open and values.get("prompt"):
            return choose_style([values["prompt"]])
        return COLOUR

    def _check_cap(self, engine, capability, request: ClipRequest):
        """Replace the cap by millionths: the sent or the remembered one, None where the price is known."""
        sent, self.cleaned_data["cap"] = self.cleaned_data.get("cap"), None
        if self.connections is None or "cap" in self.errors:
            return
        names = {"provider": engine.slug, "model": capability.model, "is_known": engine.estimate(request).is_known}
        try:
            self.cleaned_data["cap"] = get_cap(self.workspace, **names, sent=to_millionths(sent))
        except CapRequired as refusal:
            if not self.is_estimate:
                self.add_error("cap", str(refusal))

    def _add_mode_error(self, capability, mode, reason):
        field, message = MODE_ERRORS.get(mode, (None, reason))
        if mode == Mode.WORDS and capability.modes == {Mode.VIDEO}:
            field, message = VIDEO_REQUIRED
        self.add_error(field, message % {"model": capability.label} if field else reason)

    def _choose_connection(self, engine, values):
        """Replace the id of the connection by its row. A connection of another provider counts as not chosen."""
        if engine.is_local or self.connections is None:
            values["connection"] = None
            return
        usable = [connection for connection in self.connections if connection.provider == engine.slug]
        if not usable:
            message = _("%(provider)s is not connected. Connect it first, or choose another provider.")
            self.add_error("provider", message % {"provider": engine.label})
        elif values["connection"] and values["connection"] not in {connection.pk for connection in self.connections}:
            self.add_error("connection", _("This connection no longer exists. Choose another."))
        else:
            chosen = (connection for connection in usable if connection.pk == values["connection"])
            values["connection"] = next(chosen, usable[0])

    def _check_pictures(self, capability, mode):
        count = len(self.cleaned_data["references"]) + len(self.cleaned_data["reference_files"])
        if mode not in capability.modes:
            return
        if mode == Mode.VIDEO and (
            count or self.has_any("picture", "picture_file", "continues", "last_picture", "last_picture_file")
        ):
            self.add_error("video", _("A video cannot be combined with images. Remove one or the other."))
        if mode == Mode.FIRST_LAST and not self.has_any("picture", "picture_file", "continues"):
            self.add_error("last_picture", _("A last frame needs a first frame. Add one too."))
        if mode not in (Mode.REFERENCES, Mode.VIDEO) and count:
            self.add_error(
                "references",
                _("Reference images cannot be combined with a first or last frame. Remove one or the other."),
            )
        if mode == Mode.REFERENCES and count > capability.references_most:
            message = _("%(model)s supports at most %(n)s reference images.")
            self.add_error("references", message % {"model": capability.label, "n": capability.references_most})

    def _clean_options(self, engine, capability) -> dict:
        """Return the chosen values of the model's own options, sent as ``option_<name>``."""
        chosen: dict[str, Any] = {}
        for option in model_options(engine, capability):
            try:
                value = option.clean(self.get_sent_values(f"option_{option.name}"))
            except ValueError:
                self.add_error(
                    None, _("This value is not available for “%(option)s”. Choose another.") % {"option": option.label}
                )
            else:
                chosen |= {option.name: value} if value else {}
        return chosen

    def get_sent_values(self, name) -> list[str]:
        """Return all values sent under a name, which may be that of a model's own option."""
        if hasattr(self.data, "getlist"):
            return self.data.getlist(name)
        value = self.data.get(name, [])
        return list(value) if isinstance(value, list | tuple) else [value]

    def get_option_values(self, option: str) -> list:
        """Return the sent or initial values of a model's own option."""
        if self.is_bound:
            return self.get_sent_values(f"option_{option}")
        value = (self.initial.get("options") or {}).get(option, [])
        return value if isinstance(value, list) else [value] if value else []

    def has_any(self, *names) -> bool:
        """Return whether any of these fields was sent."""
        sent = self.data if self.is_estimate else {}
        return any(self.cleaned_data.get(name) or sent.get(name) for name in names)

    def get_mode(self) -> Mode:
        """Return what the clip starts from, by the fields that were sent. ClipSpec.mode does the same for rows."""
        if self.has_any("video"):
            return Mode.VIDEO
        if self.has_any("last_picture", "last_picture_file"):
            return Mode.FIRST_LAST
        if self.has_any("picture", "picture_file", "continues"):
            return Mode.PICTURE
        return Mode.REFERENCES if self.has_any("references", "reference_files") else Mode.WORDS

    def build_request(self) -> ClipRequest:
        """Return the request for estimates and checks; the named rows need not exist."""
        request = ClipSpec.from_form(self.cleaned_data).to_request()
        return replace(request, mode=self.get_mode(), reference_count=self.count_references())

    def count_references(self) -> int:
        """Return the number of reference pictures, stored and sent."""
        name = "reference_files"
        files = self.get_sent_values(name) if self.is_estimate else self.cleaned_data.get(name, ())
        return len(self.cleaned_data.get("references", ())) + sum(bool(file) for file in files)


class GuestForm(PicturesForm):
    """The prompt on the home page, and the picture that a guest's clip may start from."""

    prompt = forms.CharField(max_length=2000, required=False)

    def clean_prompt(self):
        return clean_text(self.cleaned_data["prompt"])

    def clean(self):
        values = super().clean()
        self.check_refused(values)
        if not (self.errors or values.get("prompt") or values.get("picture_file")):
            self.add_error("prompt", _("Describe what happens in the shot, or start from an image."))
        return values


class EffectsForm(forms.Form):
    effects = forms.MultipleChoiceField(
        label=EFFECTS.label, choices=EFFECTS.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    title = forms.CharField(label=TITLE.label, max_length=TITLE.limit, required=False)

    def clean_title(self):
        return " ".join(clean_text(self.cleaned_data["title"]).split())

    def clean(self):
        values = super().clean()
        if not (self.errors or values["effects"] or values["title"]):
            self.add_error(None, _("Choose an effect, or enter the text of a title card."))
        return values


class RenameForm(forms.Form):
    title = forms.CharField(max_length=120)

    def clean_title(self):
        return " ".join(clean_text(self.cleaned_data["title"]).split())  # downloads are named after it


class PriceForm(forms.Form):
    """The price of a provider's model in currency, for operators. Without amounts the built-in prices apply."""

    per_second = forms.DecimalField(
        label=gettext_lazy("Price per second"),
        required=False,
        min_value=0,
        max_value=10_000,
        decimal_places=6,
    )
    per_clip = forms.DecimalField(
        label=gettext_lazy("Price per clip"),
        required=False,
        min_value=0,
        max_value=10_000,
        decimal_places=6,
        help_text=gettext_lazy("Added to the price per second."),
    )
    currency = forms.RegexField(
        label=gettext_lazy("Currency"),
        regex=r"\A[A-Za-z]{3}\Z",
        error_messages={"invalid": gettext_lazy("Enter three letters, such as USD or CNY.")},
    )
    dated = forms.DateField(
        label=gettext_lazy("Checked on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The day of the provider’s price list. Pages show it beside the price."),
    )
    is_offered = forms.BooleanField(label=gettext_lazy("Offered on Create"), required=False)

    def clean_currency(self):
        return self.cleaned_data["currency"].upper()

    def clean_dated(self):
        dated = self.cleaned_data["dated"]
        if dated and dated > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return dated
