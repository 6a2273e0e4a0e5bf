"""Form for the overrides of one provider: the declared value, the bounds and the effect of each field."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.providers.models import ProviderOverride
from generation.providers.traits import Billing

NAMES = ("is_busy_refusal", "billing", "deadline_minutes", "concurrency", "per_minute")
LABELS = {name: ProviderOverride._meta.get_field(name).verbose_name for name in NAMES}
WAITS = gettext_lazy("Requests above this limit wait here and cost nothing yet. Each connection can set its own limit.")
MEANINGS = {
    "is_busy_refusal": gettext_lazy(
        "Yes: the request is resent. No: a clip may exist and may have been charged, so the studio searches "
        "for it and never resends it; if it cannot search, the job page asks the user what to do."
    ),
    "billing": gettext_lazy(
        "For finished videos only: failed clips cost nothing, and pages say so. On acceptance: a clip that "
        "fails later keeps its price. Unknown: the price is refunded here, and pages say that the account may "
        "have been charged once."
    ),
    "deadline_minutes": gettext_lazy(
        "Counted from acceptance; also applies to clips in progress. If it is too short, the provider may "
        "still finish and charge a clip that was given up."
    ),
    "concurrency": WAITS,
    "per_minute": WAITS,
}
BOUNDS = {"deadline_minutes": (5, 4320), "concurrency": (1, 200), "per_minute": (1, 6000)}


def declared_value(engine, name: str) -> str:
    """Return the value that the adapter declares, as text for the page."""
    traits = engine.declared
    if name == "deadline_minutes":
        return f"{traits.deadline / 60:g}"
    if name == "billing":
        is_free = traits.billing == Billing.FREE
        return _("no per-clip charge") if is_free else str(ProviderOverride.Billing(traits.billing.value).label)
    if name == "is_busy_refusal":
        return _("yes") if traits.is_busy_refusal else _("no, unless the error code says so")
    return f"{getattr(traits, name):g}"


class ProviderOverrideForm(forms.ModelForm):
    """Base form: a subclass for one provider sets ``engine`` and ``provider`` (its slug)."""

    engine = None
    provider = ""

    class Meta:
        model = ProviderOverride
        fields = [*LABELS, "source"]
        labels = {"source": gettext_lazy("Source")}
        help_texts = {"source": gettext_lazy("For future readers: an email, a page with its date, or an account.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in set(LABELS) & set(self.fields):
            self.fields[name] = field = self._build_field(name)
            field.label, field.required = LABELS[name], False
            declared = _("Declared: %(value)s.") % {"value": declared_value(self.engine, name)}
            field.help_text = format_html("<strong>{}</strong> <br>{}", declared, MEANINGS[name])
            if isinstance(self.initial.get(name), bool):
                self.initial[name] = str(self.initial[name])

    def _build_field(self, name: str) -> forms.Field:
        if name in BOUNDS:
            least, most = BOUNDS[name]
            message = _(
                "Enter a whole number from %(least)s to %(most)s, or leave the field empty. Nothing was changed."
            )
            errors = dict.fromkeys(("invalid", "min_value", "max_value"), message % {"least": least, "most": most})
            return forms.IntegerField(min_value=least, max_value=most, error_messages=errors)
        unchanged = ("", _("as declared: %(value)s") % {"value": declared_value(self.engine, name)})
        if name == "billing":
            return forms.ChoiceField(choices=[unchanged, *ProviderOverride.Billing.choices])
        return forms.TypedChoiceField(
            choices=[unchanged, ("True", _("yes")), ("False", _("no"))],
            coerce=lambda value: value == "True",
            empty_value=None,
        )
