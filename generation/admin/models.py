"""What operators say of the models of providers, over what ships: names, limits, prices, and until when."""

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
from generation.providers.base import ClipRequest
from generation.providers.image_limits import KINDS
from generation.providers.models import ProviderModel
from generation.providers.registry import providers
from generation.providers.traits import Recovery, Stopping, model_traits
from jobs import registry
from jobs.admin import PROVIDER_FILTER

OWN_FIELDS = {"model", "label", "is_offered", "retired_on"}
ROW_KEYS = {"resolution", "seconds", "mode", "audio", "per_clip", "per_second", "currency", "dated"}
WHOLE_NUMBERS = {
    "prompt_limit", "picture_bytes", "picture_least", "picture_most", "references_most", "video_seconds", "wait",
    "framed_seconds",
}  # fmt: skip
LISTS = {"modes", "ratios", "seconds", "resolutions", "picture_kinds"}
TRAITS = {"recovery": Recovery, "stopping": Stopping}
PAIR_KEYS = {"seconds", "resolution"}
FLAGS = {name for name in catalogue.FACTS if name.startswith(("has_", "is_")) or name == "ratio_follows_picture"}


def _models_path(slug: str):
    return catalogue.FOLDER / slug.replace("-", "_") / "models.toml"


def list_editable_providers() -> list[tuple[str, str]]:
    """Engines whose models are facts; one that says them in code has none to edit."""
    return [(slug, label) for slug, label in list_remote_providers() if _models_path(slug).exists()]


def render_notes(slug: str) -> str:
    """What stands at the head of models.toml: where the facts come from, and which of them are UNCERTAIN."""
    lines = _models_path(slug).read_text(encoding="utf-8").splitlines()
    told = " ".join(line.lstrip("# ") for line in takewhile(lambda line: line.startswith("#"), lines))
    return format_html('<details><summary>{}</summary><p lang="en">{}</p></details>', providers()[slug].label, told)


class InvalidFacts(ValueError):
    """A fact that no page could show; ``str()`` says which."""


def check_facts(slug: str, facts) -> None:
    """Wrong for what models.toml could not say either."""
    if not isinstance(facts, dict):
        raise InvalidFacts(_('Enter a JSON object, such as {"seconds": [5, 10]}.'))
    shipped = {key for each in catalogue.built_in_models(slug) for key in each}
    known = (shipped | {*catalogue.FACTS, *LISTS, *TRAITS, "price", "wait"}) - OWN_FIELDS
    if unknown := sorted(set(facts) - known):
        raise InvalidFacts(_("Unknown parameters: %(names)s.") % {"names": ", ".join(unknown)})
    _check_list(facts, "modes", lambda value: value in providers()[slug].input_modes)
    _check_list(facts, "ratios", lambda value: value in Clip.Ratio.values)
    _check_list(facts, "seconds", lambda value: _is_whole(value) and 1 <= value <= 60)
    _check_list(facts, "resolutions", lambda value: _is_whole(value) and 64 <= value <= 4320)
    _check_list(facts, "never", lambda each: isinstance(each, dict) and set(each) == PAIR_KEYS and _are_whole(each))
    for name, known_ways in TRAITS.items():
        if name in facts and facts[name] not in list(known_ways):
            raise InvalidFacts(_("%(name)s must be one of %(ways)s.") % {"name": name, "ways": ", ".join(known_ways)})
    _check_list(facts, "picture_kinds", lambda value: value in KINDS)
    if not _is_shape(facts.get("picture_shape", 0)):
        raise InvalidFacts(
            _("picture_shape is the highest allowed ratio of an image’s longer side to its shorter side, such as 2.5.")
        )
    for name in WHOLE_NUMBERS & set(facts):
        if not _is_whole(facts[name]) or facts[name] < 0:
            raise InvalidFacts(_("%(name)s must be a whole number.") % {"name": name})
    for name in FLAGS & set(facts):
        if not isinstance(facts[name], bool):
            raise InvalidFacts(_("%(name)s must be true or false.") % {"name": name})
    _check_prices(facts.get("price", []))


def _check_traits(slug: str, made) -> None:
    """No model can more than its adapter, whatever is written here; less is the operator's to say."""
    engine = providers()[slug]
    most = replace(engine.declared, stopping=engine.traits.stopping)
    got = model_traits(most, made)
    for name in (*TRAITS, "has_progress"):
        said = getattr(made, name)
        if said is not None and said != getattr(got, name):
            words = _("%(name)s cannot be %(said)s: %(provider)s supports at most %(most)s.")
            facts = {"said": str(said), "provider": engine.label, "most": str(getattr(got, name))}
            raise InvalidFacts(words % {"name": name, **facts})


def _check_settings(slug: str, made) -> None:
    """No form asks for what its adapter would drop."""
    engine = providers()[slug]
    for name in ("seed", "negative_prompt", "audio"):
        if getattr(made, f"has_{name}") and name not in engine.supported_settings:
            words = _("%(name)s cannot be true: the studio cannot pass it to %(provider)s.")
            raise InvalidFacts(words % {"name": f"has_{name}", "provider": engine.label})


def _are_whole(row: dict) -> bool:
    return all(_is_whole(value) for value in row.values())


def _check_list(facts: dict, name: str, fits) -> None:
    values = facts.get(name, [None])
    is_list = isinstance(values, list) and values
    if name in facts and not (is_list and all(fits(value) for value in values)):
        raise InvalidFacts(_("%(name)s must be a list of values that a clip can have.") % {"name": name})


def _check_prices(rows) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidFacts(_("price must be a list of objects."))
    for row in rows:
        amounts = [row.get(name, 0) for name in ("per_clip", "per_second")]
        currency = row.get("currency", "USD")
        is_money = all(_is_whole(each) and each >= 0 for each in amounts) and isinstance(currency, str)
        if set(row) - ROW_KEYS or not is_money or len(currency) != 3:
            raise InvalidFacts(
                _(
                    "Each price needs per_clip or per_second in millionths, a three-letter currency code, and the "
                    "cases it applies to."
                )
            )
        try:
            date.fromisoformat(row.get("dated", "2026-01-01"))
        except (TypeError, ValueError):
            raise InvalidFacts(_("dated must be a date, such as 2026-11-24.")) from None


def _is_shape(value) -> bool:
    """0 for any; else from 1, the square, to more than any picture has."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and (value == 0 or 1 <= value <= 100)


def _is_whole(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class FactsField(forms.JSONField):
    """Refuses in words what the database would: NaN and 1e400, and lists within lists without end."""

    def to_python(self, value):
        try:
            told = super().to_python(value)
            json.dumps(told, allow_nan=False)
            is_kept = not safe_json.is_too_deep(told)
        except (ValueError, RecursionError):
            is_kept = False
        if is_kept:
            return told
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value})

    def bound_data(self, data, initial):
        """What was refused is shown as it was typed."""
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
            "provider", "model", "label", "is_offered", "retired_on", "price_per_clip", "price_per_second", "currency",
            "price_dated", "facts", "position",
        ]  # fmt: skip
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
                check_facts(values["provider"], values["facts"] or {})
                _check_model(values["provider"], values.get("model") or "-", values["facts"] or {})
            except InvalidFacts as why:
                self.add_error("facts", str(why))
        return values


def _check_model(slug: str, model: str, facts: dict) -> None:
    """The model as pages would meet it: what cannot be made into one is refused here and not there."""
    shipped = catalogue.built_in_models(slug)
    base = next((each for each in shipped if each["model"] == model), None) or dict(shipped[0])
    try:
        made = catalogue.build_capability({**base, "model": model, **facts})
        if 0 < made.picture_most < made.picture_least:
            raise ValueError(_("picture_most is less than picture_least, so no image would fit"))
        _check_traits(slug, made)
        _check_settings(slug, made)
        ClipRequest("-", made.ratios[0], made.seconds[0], made.resolutions[0], 0)
    except (KeyError, TypeError, ValueError, IndexError) as trouble:
        raise InvalidFacts(_("These parameters are not valid: %(why)s") % {"why": describe_problem}) from None


def describe_problem(row: ProviderModel) -> str:
    """What could not be said of it today: a row may be older than its adapter's words. Empty when all of it fits."""
    if row.provider not in dict(list_editable_providers()):
        return _("This provider is not installed.")
    try:
        check_facts(row.provider, row.facts or {})
        _check_model(row.provider, row.model, row.facts or {})
    except InvalidFacts as why:
        return str(why)
    return ""


@admin.register(ProviderModel)
class ProviderModelAdmin(admin.ModelAdmin):
    form = ModelForm
    list_display = ("maker", "model", "label", "is_offered", "retired_on", "price_dated", "trouble")
    list_filter = (PROVIDER_FILTER, "is_offered")
    search_fields = ("provider", "model", "label")
    ordering = ("provider", "position", "model")

    @admin.display(description=gettext_lazy("provider"), ordering="provider")
    def maker(self, obj) -> str:
        return registry.provider_label(obj.provider)

    @admin.display(description=gettext_lazy("Problem"))
    def trouble(self, obj) -> str:
        return describe_problem(obj) or "–"

    def changelist_view(self, request, extra_context=None):
        shipped = [
            (slug, label, [_add_label(each) for each in catalogue.built_in_models(slug)]) for slug, label in list_editable_providers()
        ]
        return super().changelist_view(request, {"shipped": shipped, **(extra_context or {})})

    def get_fieldsets(self, request, obj=None):
        named = (obj.provider, obj.model) if obj else (request.GET.get("provider", ""), request.GET.get("model", ""))
        described = render_notes(named[0]) if named[0] in dict(list_editable_providers()) else _render_all_notes()
        return [(None, {"fields": ModelForm.Meta.fields, "description": format_html("{}{}", _render_traits(*named), described)})]

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
    """What the model declares of stopping, progress and recovery, or has from its provider."""
    engine = providers()[slug] if slug in dict(list_editable_providers()) else None
    made = next((each for each in engine.capabilities() if each.model == model), None) if engine else None
    if made is None:
        return ""
    told = ", ".join(capabilities.describe_to_admins(capabilities.get_new_clip_traits(engine, made)))
    own = ", ".join(name for name in (*TRAITS, "has_progress") if getattr(made, name) is not None)
    whose = (
        _("Set for this model: %(names)s.") % {"names": own} if own else _("All three are inherited from the provider.")
    )
    return format_html("<p><strong>{}</strong>: {}. {}</p>", made.label, told, whose)


def _render_all_notes() -> str:
    return format_html_join("", "{}", ((render_notes(slug),) for slug, _label in list_editable_providers()))
