"""Forms for a scene and its images."""

from django import forms
from django.utils.translation import gettext as _

from common.web.form_fields import set_choices
from generation.forms import SEED_LIMIT
from generation.providers.adapters.local.options import OPTIONS
from generation.providers.styles import NAMES as STYLES
from studio.forms import CleanTextMixin, Form
from studio.models import Scene
from studio.scenes import providers
from studio.timeline.fields import EDITABLE_FIELDS

OPTION_CHOICES = {option.name: option.choices for option in OPTIONS if option.name in ("time", "camera")}


class ProviderChoiceMixin(Form):
    """Mixin for a form with the field ``engine``: a choice of the providers that the user can use.

    ``row``: the scene that is changed. Its current provider and model are always a choice, so that other fields can be
    changed even if that provider is no longer available. ``connections``: those that the user can use, if known.
    """

    def __init__(self, *args, row: Scene, by, connections=None, **kwargs):
        super().__init__(*args, **kwargs)
        current = providers.join_choice(row.provider, row.model)
        workspace = row.story.workspace
        connected = providers.connected_providers(workspace, by, connections)
        choices = providers.list_choices(workspace, connected, _("Same as the story"))
        if current and current not in dict(choices):
            choices = [*choices, (current, providers.describe_choice(row, connected))]
        set_choices(self, "engine", choices)


class SceneForm(ProviderChoiceMixin, CleanTextMixin, forms.Form):
    """Form for the fields of a scene. Fields that a request does not send are not changed.

    Browsers do not send an unticked checkbox, so ``has_follows`` says that the page had the checkbox. ``rev``: the
    revision that the user saw; ``seen``: fields that the page has updated since, with their revisions.
    """

    rev = forms.IntegerField(min_value=0)
    seen = forms.RegexField(r"\A(?:[a-z_]{1,20}:\d{1,9}(?:,|\Z)){1,40}\Z", required=False)
    prompt = forms.CharField(max_length=2000, required=False)
    negative_prompt = forms.CharField(max_length=500, required=False)
    place_name = forms.CharField(max_length=80, required=False)
    time = forms.ChoiceField(choices=OPTION_CHOICES["time"], required=False)
    camera = forms.ChoiceField(choices=OPTION_CHOICES["camera"], required=False)
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

    REQUIRED_FIELDS = ("seconds", "join_kind", "join_frames", "trim_in", "trim_out", "sound")

    def get_changes(self) -> dict:
        """Return the values of the sent fields by column, without empty values of required fields."""
        sent = {
            name: value for name, value in self.cleaned_data.items() if name in self.data and name in EDITABLE_FIELDS
        }
        sent = {
            name: value for name, value in sent.items() if name not in self.REQUIRED_FIELDS or value not in (None, "")
        }
        if "has_follows" in self.data:
            sent["follows"] = self.cleaned_data["follows"]
        if "engine" in self.data:
            sent["provider"], sent["model"] = providers.split_choice(self.cleaned_data["engine"])
        return sent

    def get_seen_revs(self) -> dict[str, int]:
        """Return {column: the revision at which the user saw it}, from ``seen`` ("prompt:3,line:5")."""
        pairs = [pair.split(":") for pair in self.cleaned_data["seen"].split(",") if pair]
        seen = {name: int(rev) for name, rev in pairs}
        return seen | ({"provider": seen["engine"], "model": seen["engine"]} if "engine" in seen else {})

    @classmethod
    def for_scene(cls, scene: Scene, *, by, connections=None) -> "SceneForm":
        """Return the form with the scene's current values."""
        initial = cls.get_initial_values(scene)
        return cls(row=scene, by=by, connections=connections, initial=initial, auto_id="scene-%s")

    @classmethod
    def get_initial_values(cls, scene: Scene) -> dict:
        values = {name: getattr(scene, name) for name in cls.base_fields if hasattr(scene, name)}
        return values | {"engine": providers.join_choice(scene.provider, scene.model)}


class AddSceneForm(CleanTextMixin, forms.Form):
    prompt = forms.CharField(max_length=2000, required=False)
    at = forms.IntegerField(min_value=1, max_value=10_000, required=False)


class PictureForm(forms.Form):
    """Form for an uploaded image and its crop, as fractions (0 to 1) of the image's width and height."""

    picture_file = forms.FileField(allow_empty_file=True)
    crop_x = forms.FloatField(min_value=0, max_value=1, required=False)
    crop_y = forms.FloatField(min_value=0, max_value=1, required=False)
    crop_w = forms.FloatField(min_value=0.01, max_value=1, required=False)
    crop_h = forms.FloatField(min_value=0.01, max_value=1, required=False)

    def get_crop(self) -> tuple[float, float, float, float] | None:
        """Return the crop as (x, y, width, height); None for the whole image."""
        x, y, width, height = (self.cleaned_data[f"crop_{side}"] for side in "xywh")
        if not (width and height):
            return None
        x, y = x or 0.0, y or 0.0
        return x, y, min(width, 1 - x), min(height, 1 - y)
