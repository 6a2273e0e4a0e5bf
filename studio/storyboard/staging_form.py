"""The forms with which a panel is directed by hand: its setting, its figures and its things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from generation.animatic.storyboard.panel import MAX_FIGURES, MAX_NOTE, MAX_THINGS, Figure, Panel, Thing
from generation.animatic.storyboard.panel_json import MAX_NAME, VERSION, PanelRefused, list_who, read_panel
from generation.composer import panel_labels as labels
from generation.composer.panel_reading import PLACES

HUNDRED = 100  # the page shows parts of the picture in per cent


def _choose(table: Mapping[str, str | Promise], label: Any, *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(choices=list(table.items()), label=label, required=required)


def _measure(label: Any, low: int, high: int) -> forms.FloatField:
    return forms.FloatField(min_value=low, max_value=high, label=label)


def _name(label: Any) -> forms.CharField:
    return forms.CharField(max_length=MAX_NAME, required=False, label=label)


def _hide() -> forms.CharField:
    return forms.CharField(max_length=MAX_NAME, required=False, widget=forms.HiddenInput)


class SettingForm(forms.Form):
    """What the panel has besides figures and things. ``shown_place``: whose ``variant`` it is."""

    camera = _choose(labels.CAMERAS, _("Camera"))
    place = _choose({"unknown": labels.NO_PLACE, **PLACES}, _("Place"))
    hour = _choose(labels.HOURS, _("Time of day"))
    weather = _choose(labels.WEATHERS, _("Weather"), required=False)
    mood = _choose(labels.MOODS, pgettext_lazy("of a panel", "Mood"))
    note = forms.CharField(
        max_length=MAX_NOTE,
        required=False,
        label=pgettext_lazy("of a panel", "Note"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    variant, shown_place = _hide(), _hide()
    focus_x = forms.FloatField(widget=forms.HiddenInput)
    focus_y = forms.FloatField(widget=forms.HiddenInput)

    @staticmethod
    def from_panel(panel: Panel) -> dict:
        names = ("camera", "place", "hour", "weather", "mood", "note", "variant")
        values = {name: getattr(panel, name) for name in names}
        return values | {"shown_place": panel.place, "focus_x": panel.focus[0], "focus_y": panel.focus[1]}

    def to_json(self) -> dict:
        values = dict(self.cleaned_data)
        focus = [values.pop("focus_x"), values.pop("focus_y")]
        if values.pop("shown_place") != values["place"]:
            values["variant"] = ""
        return values | {"focus": focus}


class FigureForm(forms.Form):
    """One figure. ``known``, ``held`` and ``ridden``: what the names on the page stand for, as long as they stay."""

    role = forms.CharField(max_length=MAX_NAME, label=_("Who"), widget=forms.TextInput(attrs={"list": "staging-who"}))
    pose = _choose(labels.POSES, pgettext_lazy("of a figure", "Pose"))
    then = _choose({"": _("The same"), **labels.POSES}, _("Pose after the turn"), required=False)
    facing = _choose(labels.FACINGS, pgettext_lazy("of a figure", "Faces"))
    x = _measure(_("From the left, %"), -50, 150)
    y = _measure(_("Feet from the top, %"), -50, 200)
    height = _measure(_("Height, %"), 2, 250)
    holds = _name(pgettext_lazy("of a figure", "Holds"))
    rides = _name(pgettext_lazy("of a figure", "Rides or sits on"))
    is_near = forms.BooleanField(required=False, label=_("In front of the things"))
    known, held, ridden = _hide(), _hide(), _hide()
    marks = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    @staticmethod
    def from_panel(figure: Figure) -> dict:
        values = {name: getattr(figure, name) for name in ("pose", "then", "facing", "is_near", "marks")}
        names = {"known": figure.role, "held": figure.holds, "ridden": figure.rides}
        shown = {"role": labels.name_figure(figure.role), "holds": labels.name_thing(figure.holds)}
        return values | names | shown | {"rides": _name_ridden(figure.rides)} | _to_percent(figure)

    def clean_role(self) -> str:
        text, known = self.cleaned_data["role"], self.data.get(self.add_prefix("known"), "")
        found = known if known and text == labels.name_figure(known) else labels.find_by_name(text, "figure")
        if not found:
            raise forms.ValidationError(_("Nobody of this name can be drawn. Choose a name from the list."))
        return found

    def to_json(self) -> dict:
        values = {name: self.cleaned_data[name] for name in ("role", "pose", "then", "facing", "marks", "is_near")}
        holds, rides = self.cleaned_data["holds"], self.cleaned_data["rides"]
        held, ridden = self.cleaned_data["held"], self.cleaned_data["ridden"]
        names = {
            "holds": held if holds == labels.name_thing(held) else labels.find_by_name(holds, "thing") or holds,
            "rides": ridden if rides == _name_ridden(ridden) else _find_ridden(rides),
        }
        return values | names | _to_parts(self.cleaned_data)


class ThingForm(forms.Form):
    """One thing, named by ``known``."""

    x = _measure(_("From the left, %"), -50, 150)
    y = _measure(_("Foot from the top, %"), -50, 200)
    height = _measure(_("Height, %"), 2, 250)
    turn = _measure(_("Turned, degrees"), -360, 360)
    is_flipped = forms.BooleanField(required=False, label=_("Mirrored"))
    is_near = forms.BooleanField(required=False, label=_("In front of the figures"))
    known = _hide()

    @staticmethod
    def from_panel(thing: Thing) -> dict:
        values = {"known": thing.name, "turn": f"{thing.turn:g}", "is_flipped": thing.is_flipped}
        return values | {"is_near": thing.is_near} | _to_percent(thing)

    def to_json(self) -> dict:
        values = {name: self.cleaned_data[name] for name in ("turn", "is_flipped", "is_near")}
        return values | {"name": self.cleaned_data["known"]} | _to_parts(self.cleaned_data)


@dataclass
class StagingForms:
    """All forms of a panel."""

    setting: SettingForm
    figures: Sequence[FigureForm]
    things: Sequence[ThingForm]

    @classmethod
    def from_panel(cls, panel: Panel) -> Self:
        """Return the forms with the values of a panel."""
        return cls(
            SettingForm(initial=SettingForm.from_panel(panel)),
            [
                FigureForm(initial=FigureForm.from_panel(one), prefix=f"figure-{n}")
                for n, one in enumerate(panel.figures)
            ],
            [ThingForm(initial=ThingForm.from_panel(one), prefix=f"thing-{n}") for n, one in enumerate(panel.things)],
        )

    @classmethod
    def from_post(cls, data: Mapping[str, str]) -> Self:
        """Return the forms with what the page sent. Raises PanelRefused for more figures or things than are shown."""
        figures = _read_count(data, "figures", MAX_FIGURES)
        things = _read_count(data, "things", MAX_THINGS)
        return cls(
            SettingForm(data),
            [FigureForm(data, prefix=f"figure-{n}") for n in range(figures)],
            [ThingForm(data, prefix=f"thing-{n}") for n in range(things)],
        )

    def is_valid(self) -> bool:
        found = [form.is_valid() for form in (self.setting, *self.figures, *self.things)]  # of all, for their errors
        return all(found)

    def list_errors(self) -> list[str]:
        """Return what is wrong, each with the name of its field."""
        forms_ = (self.setting, *self.figures, *self.things)
        return [
            f"{form[name].label}: {text}" for form in forms_ for name, texts in form.errors.items() for text in texts
        ]

    def to_panel(self, cut: str) -> Panel:
        """Return the panel of valid forms. Raises PanelRefused."""
        rows = {
            "figures": [form.to_json() for form in self.figures],
            "things": [form.to_json() for form in self.things],
        }
        return read_panel({"version": VERSION} | self.setting.to_json() | rows, cut)


def _read_count(data: Mapping[str, str], name: str, most: int) -> int:
    text = data.get(name, "0")
    count = int(text) if text.isdecimal() and len(text) < 6 else 0
    if count > most:
        raise PanelRefused(f"staging_{name}", most=most)
    return count


def _to_percent(item: Figure | Thing) -> dict:
    places = {"x": item.at[0], "y": item.at[1], "height": item.height}
    return {name: f"{part * HUNDRED:.2f}".rstrip("0").rstrip(".") for name, part in places.items()}


def _to_parts(values: Mapping) -> dict:
    return {"at": [values["x"] / HUNDRED, values["y"] / HUNDRED], "height": values["height"] / HUNDRED}


def _name_ridden(name: str) -> str:
    return labels.name_figure(name) if name in list_who() else labels.name_thing(name)


def _find_ridden(text: str) -> str:
    return labels.find_by_name(text, "thing") or labels.find_by_name(text, "figure") or text
