"""Admin pages for models of providers: rows that replace the names, limits, prices and retirement dates that ship."""

import json
from dataclasses import replace
from datetime import date
from itertools import takewhile

from django import forms
from django.contrib import admin
from django.forms.fields import InvalidJSONInput
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import safe_json
from generation.admin.connections import list_remote_providers
from generation.composer import capabilities
from generation.models import Clip
from generation.providers import catalogue, labels
from generation.providers.base import Capability, ClipRequest
from generation.providers.image_limits import KINDS
from generation.providers.models import ProviderModel
from generation.providers.registry import providers
from generation.providers.traits import Recovery, Stopping, model_traits
from jobs import registry
from jobs.admin import PROVIDER_FILTER

OWN_FIELDS = {"model", "label", "is_offered", "retired_on"}
ROW_KEYS = {"resolution", "seconds", "mode", "audio", "currency", "dated", "source", "free_pictures"}
ROW_KEYS |= set(catalogue.AMOUNTS)
WHOLE_NUMBERS = {
    "prompt_limit",
    "picture_bytes",
    "picture_least",
    "picture_most",
    "references_most",
    "video_seconds",
    "wait",
    "framed_seconds",
}
LISTS = {"modes", "ratios", "seconds", "resolutions", "picture_kinds"}
TRAITS = {"recovery": Recovery, "stopping": Stopping}
PAIR_KEYS = {"seconds", "resolution"}
FLAGS = {name for name in catalogue.PARAMETERS if name.startswith(("has_", "is_")) or name == "ratio_follows_picture"}


def _models_path(slug: str):
    return catalogue.FOLDER / slug.replace("-", "_") / "models.toml"


def list_editable_providers() -> list[tuple[str, str]]:
    """Return (slug, label) of the providers with a models.toml. Others declare their models in code."""
    return [(slug, label) for slug, label in list_remote_providers() if _models_path(slug).exists()]


def render_notes(slug: str) -> str:
    """Return the comment at the head of models.toml, with the sources of its facts, as HTML."""
    lines = _models_path(slug).read_text(encoding="utf-8").splitlines()
    text = " ".join(line.lstrip("# ") for line in takewhile(lambda line: line.startswith("#"), lines))
    return format_html('<details><summary>{}</summary><p lang="en">{}</p></details>', providers()[slug].label, text)


class InvalidParameters(ValueError):
    """The parameters do not make a valid model. ``str()`` is the reason for administrators."""


def check_parameters(slug: str, facts) -> None:
    """Raise InvalidParameters for keys or values that models.toml may not contain."""
    if not isinstance(facts, dict):
        raise InvalidParameters(_('Enter a JSON object, such as {"seconds": [5, 10]}.'))
    built_in = {key for row in catalogue.built_in_models(slug) for key in row}
    known = (built_in | {*catalogue.PARAMETERS, *LISTS, *TRAITS, "price", "wait"}) - OWN_FIELDS
    if unknown := sorted(set(facts) - known):
        raise InvalidParameters(_("Unknown parameters: %(names)s.") % {"names": ", ".join(unknown)})
    _check_list(facts, "modes", lambda value: value in providers()[slug].input_modes)
    _check_list(facts, "ratios", lambda value: value in Clip.Ratio.values)
    _check_list(facts, "seconds", lambda value: _is_whole(value) and 1 <= value <= 60)
    _check_list(facts, "resolutions", lambda value: _is_whole(value) and 64 <= value <= 4320)
    _check_list(facts, "never", lambda pair: isinstance(pair, dict) and set(pair) == PAIR_KEYS and _are_whole(pair))
    for name, values in TRAITS.items():
        if name in facts and facts[name] not in list(values):
            raise InvalidParameters(_("%(name)s must be one of %(ways)s.") % {"name": name, "ways": ", ".join(values)})
    _check_list(facts, "picture_kinds", lambda value: value in KINDS)
    if not _is_shape(facts.get("picture_shape", 0)):
        raise InvalidParameters(
            _("picture_shape is the highest allowed ratio of an image’s longer side to its shorter side, such as 2.5.")
        )
    for name in WHOLE_NUMBERS & set(facts):
        if not _is_whole(facts[name]) or facts[name] < 0:
            raise InvalidParameters(_("%(name)s must be a whole number.") % {"name": name})
    for name in FLAGS & set(facts):
        if not isinstance(facts[name], bool):
            raise InvalidParameters(_("%(name)s must be true or false.") % {"name": name})
    _check_prices(facts.get("price", []))


def _check_traits(slug: str, capability: Capability) -> None:
    """Raise InvalidParameters if the model would support more than its adapter declares. A model may support less."""
    engine = providers()[slug]
    declared = replace(engine.declared, stopping=engine.traits.stopping)
    possible = model_traits(declared, capability)
    for name in (*TRAITS, "has_progress"):
        value = getattr(capability, name)
        if value is not None and value != getattr(possible, name):
            message = _("%(name)s cannot be %(said)s: %(provider)s supports at most %(most)s.")
            names = {"said": str(value), "provider": engine.label, "most": str(getattr(possible, name))}
            raise InvalidParameters(message % {"name": name, **names})


def _check_settings(slug: str, capability: Capability) -> None:
    """Raise InvalidParameters if a form would offer a setting that the adapter cannot send."""
    engine = providers()[slug]
    for name in catalogue.SETTINGS:
        if getattr(capability, f"has_{name}") and name not in engine.supported_settings:
            message = _("%(name)s cannot be true: the studio cannot pass it to %(provider)s.")
            raise InvalidParameters(message % {"name": f"has_{name}", "provider": engine.label})


def _are_whole(row: dict) -> bool:
    return all(_is_whole(value) for value in row.values())


def _check_list(facts: dict, name: str, fits) -> None:
    values = facts.get(name, [None])
    is_list = isinstance(values, list) and values
    if name in facts and not (is_list and all(fits(value) for value in values)):
        raise InvalidParameters(_("%(name)s must be a list of values that a clip can have.") % {"name": name})


def _check_prices(rows) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidParameters(_("price must be a list of objects."))
    for row in rows:
        amounts = [row.get(name, 0) for name in (*catalogue.AMOUNTS, "free_pictures")]
        currency, source = row.get("currency", "USD"), row.get("source", "")
        is_money = all(_is_whole(amount) and amount >= 0 for amount in amounts)
        is_money = is_money and isinstance(currency, str) and isinstance(source, str)
        if set(row) - ROW_KEYS or not is_money or len(currency) != 3:
            raise InvalidParameters(
                _(
                    "Each price needs per_clip or per_second in millionths, a three-letter currency code, and the "
                    "cases it applies to."
                )
            )
        try:
            date.fromisoformat(row.get("dated", "2026-01-01"))
        except (TypeError, ValueError):
            raise InvalidParameters(_("dated must be a date, such as 2026-11-24.")) from None


def _is_shape(value) -> bool:
    """Return whether the value is 0 (any shape) or a ratio from 1 (a square) to 100."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and (value == 0 or 1 <= value <= 100)


def _is_whole(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class FactsField(forms.JSONField):
    """A JSON field that rejects, with a message, what the database would refuse: NaN, 1e400 and too deep nesting."""

    def to_python(self, value):
        try:
            parsed = super().to_python(value)
            json.dumps(parsed, allow_nan=False)
            is_storable = not safe_json.is_too_deep(parsed)
        except (ValueError, RecursionError):
            is_storable = False
        if is_storable:
            return parsed
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value})

    def bound_data(self, data, initial):
        """Return rejected input as it was typed."""
        try:
            self.to_python(data)
        except forms.ValidationError:
            return InvalidJSONInput(data or "")
        return super().bound_data(data, initial)


MILLIONTHS = gettext_lazy("In millionths of the currency: 400000 is 0.40.")


class ModelForm(forms.ModelForm):
    provider = forms.ChoiceField(label=gettext_lazy("Provider"), choices=list_editable_providers)

    class Meta:
        model = ProviderModel
        fields = [
            "provider",
            "model",
            "label",
            "is_offered",
            "retired_on",
            "price_per_clip",
            "price_per_second",
            "currency",
            "price_dated",
            "facts",
            "position",
        ]
        field_classes = {"facts": FactsField}
        help_texts = {
            "facts": gettext_lazy(
                "Parameters by their names in models.toml; anything left out keeps its built-in value. Set "
                "recovery, stopping and has_progress only for a model that supports less than its provider."
            ),
            "price_dated": gettext_lazy("The day you last checked the price; pages show it beside the price."),
            "price_per_clip": MILLIONTHS,
            "price_per_second": MILLIONTHS,
        }

    def clean(self):
        values = super().clean()
        if "provider" in values and "facts" in values:
            try:
                check_parameters(values["provider"], values["facts"] or {})
                _check_model(values["provider"], values.get("model") or "-", values["facts"] or {})
            except InvalidParameters as error:
                self.add_error("facts", str(error))
        return values


def _check_model(slug: str, model: str, facts: dict) -> None:
    """Raise InvalidParameters unless the facts make a model that pages can show and requests can use."""
    built_in = catalogue.built_in_models(slug)
    base = next((row for row in built_in if row["model"] == model), None) or dict(built_in[0])
    try:
        capability = catalogue.build_capability({**base, "model": model, **facts})
        if 0 < capability.picture_most < capability.picture_least:
            raise ValueError(_("picture_most is less than picture_least, so no image would fit"))
        _check_traits(slug, capability)
        _check_settings(slug, capability)
        ClipRequest("-", capability.ratios[0], capability.seconds[0], capability.resolutions[0], 0)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidParameters(_("These parameters are not valid: %(why)s") % {"why": error}) from None


def describe_problem(row: ProviderModel) -> str:
    """Return why a row is no longer valid after a change of its adapter; an empty string if the row is valid."""
    if row.provider not in dict(list_editable_providers()):
        return _("This provider is not installed.")
    try:
        check_parameters(row.provider, row.facts or {})
        _check_model(row.provider, row.model, row.facts or {})
    except InvalidParameters as error:
        return str(error)
    return ""


@admin.register(ProviderModel)
class ProviderModelAdmin(admin.ModelAdmin):
    form = ModelForm
    list_display = ("provider_label", "model", "label", "is_offered", "retired_on", "price_dated", "problem")
    list_filter = (PROVIDER_FILTER, "is_offered")
    search_fields = ("provider", "model", "label")
    ordering = ("provider", "position", "model")

    @admin.display(description=gettext_lazy("provider"), ordering="provider")
    def provider_label(self, obj) -> str:
        return registry.provider_label(obj.provider)

    @admin.display(description=gettext_lazy("Problem"))
    def problem(self, obj) -> str:
        return describe_problem(obj) or "–"

    def changelist_view(self, request, extra_context=None):
        shipped = [
            (slug, label, [_add_label(facts) for facts in catalogue.built_in_models(slug)])
            for slug, label in list_editable_providers()
        ]
        return super().changelist_view(request, {"shipped": shipped, **(extra_context or {})})

    def get_fieldsets(self, request, obj=None):
        slug = obj.provider if obj else request.GET.get("provider", "")
        model = obj.model if obj else request.GET.get("model", "")
        notes = render_notes(slug) if slug in dict(list_editable_providers()) else _render_all_notes()
        description = format_html("{}{}", _render_traits(slug, model), notes)
        return [(None, {"fields": ModelForm.Meta.fields, "description": description})]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        catalogue.clear_cache()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        catalogue.clear_cache()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        catalogue.clear_cache()


def _add_label(facts: dict) -> dict:
    return {**facts, "shown": labels.translate_label(facts.get("label") or facts["model"])}


def _render_traits(slug: str, model: str) -> str:
    """Return the model's stopping, progress and recovery as HTML, and which of them are set for the model itself."""
    engine = providers()[slug] if slug in dict(list_editable_providers()) else None
    capability = next((row for row in engine.capabilities() if row.model == model), None) if engine else None
    if capability is None:
        return ""
    traits = ", ".join(capabilities.describe_to_admins(capabilities.get_new_clip_traits(engine, capability)))
    own = ", ".join(name for name in (*TRAITS, "has_progress") if getattr(capability, name) is not None)
    origin = (
        _("Set for this model: %(names)s.") % {"names": own} if own else _("All three are inherited from the provider.")
    )
    return format_html("<p><strong>{}</strong>: {}. {}</p>", capability.label, traits, origin)


def _render_all_notes() -> str:
    return format_html_join("", "{}", ((render_notes(slug),) for slug, _label in list_editable_providers()))
