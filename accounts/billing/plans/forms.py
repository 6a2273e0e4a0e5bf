"""Forms of the operators for plans."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.billing.hooks import BillingHooks
from accounts.billing.limits import OFFERED_LIMITS
from common.web.form_fields import set_choices

MILLION, GIGABYTE = 1_000_000, 1024**3  # as sizes are shown
LEAST_NOTICE = timedelta(days=7)
NUMBERS = [name for name, limit in OFFERED_LIMITS.items() if limit.unit not in ("names", "bytes")]
PERIODS = {"month": _("Price a month"), "year": _("Price a year")}
STRIPE_IDS = {
    "month": _("Stripe’s id of the monthly price (price_…)"),
    "year": _("Stripe’s id of the yearly price (price_…)"),
}


class PlanForm(forms.Form):
    """A version of a plan. An empty limit means no limit, an empty price that the plan is not sold for that period."""

    name = forms.CharField(label=_("Name"), max_length=60)
    words = forms.CharField(label=_("For whom, in one sentence"), max_length=300, required=False)
    position = forms.IntegerField(label=_("Position on the page"), min_value=0, max_value=1000, initial=1)
    monthly_grant = forms.DecimalField(
        label=_("Credit a month"), min_value=0, max_value=10**6, decimal_places=2, initial=0
    )
    trial_days = forms.IntegerField(label=_("Days of the trial"), min_value=0, max_value=365, initial=0)
    storage = forms.DecimalField(
        label=_("Storage in GB"), min_value=0, max_value=10**6, decimal_places=3, required=False
    )
    providers = forms.MultipleChoiceField(
        label=_("Providers"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "checkbox"}),
        help_text=_("Whose connections of the studio may be used. None selected: all of them."),
    )

    has_no_providers = forms.BooleanField(
        label=_("No provider at the studio’s expense: only own connections and what is drawn here"), required=False
    )

    def __init__(self, *args, code: str = "", **more):
        super().__init__(*args, **more)
        if not code:
            self.fields["code"] = forms.SlugField(
                label=pgettext_lazy("short name of a plan", "Code"),
                max_length=30,
                help_text=_("“free” is the plan of everybody without a subscription."),
            )
        for name in NUMBERS:
            most = 100 if name == "workers_share" else 10**9
            label, initial = OFFERED_LIMITS[name].label, OFFERED_LIMITS[name].default
            field = forms.IntegerField(label=label, min_value=0, max_value=most, required=False, initial=initial)
            self.fields[f"limit_{name}"] = field
        for period, label in PERIODS.items():
            self.fields[f"price_{period}"] = forms.DecimalField(
                label=label, min_value=Decimal("0.01"), max_value=10**6, decimal_places=2, required=False
            )
            self.fields[f"ref_{period}"] = forms.CharField(label=STRIPE_IDS[period], max_length=120, required=False)
        labels = [pair for list_all in BillingHooks.values_of("list_providers") for pair in list_all()]
        set_choices(self, "providers", labels)

    @property
    def limit_fields(self):
        return [self["storage"], *(self[f"limit_{name}"] for name in NUMBERS)]

    @property
    def price_fields(self):
        return [self[f"{part}_{period}"] for period in PERIODS for part in ("price", "ref")]

    def get_columns(self) -> dict:
        """Return the columns of Plan."""
        values = self.cleaned_data
        limits = {name: values[f"limit_{name}"] for name in NUMBERS}
        limits["storage_bytes"] = None if values["storage"] is None else int(values["storage"] * GIGABYTE)
        limits["providers"] = [] if values["has_no_providers"] else values["providers"] or None
        plain = {name: values[name] for name in ("name", "words", "position", "trial_days")}
        return plain | {
            "limits": limits,
            "monthly_grant": int(values["monthly_grant"] * MILLION),
            "prices": self._list_prices(),
        }

    def _list_prices(self) -> list[dict]:
        rows = []
        for period in PERIODS:
            if (amount := self.cleaned_data[f"price_{period}"]) is None:
                continue
            price = {"period": period, "amount": int(amount * MILLION), "currency": settings.SITE_CURRENCY}
            ref = self.cleaned_data[f"ref_{period}"]
            rows.append(price | {"provider": "stripe" if ref else "bank", "ref": ref})
        return rows

    @staticmethod
    def read_plan(plan) -> dict:
        """Return the initial values of a form that makes the next version of a plan."""
        values = {name: getattr(plan, name) for name in ("name", "words", "position", "trial_days")}
        values["monthly_grant"] = Decimal(plan.monthly_grant) / MILLION
        values |= {f"limit_{name}": plan.limits.get(name, OFFERED_LIMITS[name].default) for name in NUMBERS}
        storage = plan.limits.get("storage_bytes")
        values["storage"] = None if storage is None else round(Decimal(storage) / GIGABYTE, 3)
        providers = plan.limits.get("providers")
        values["providers"], values["has_no_providers"] = providers or [], providers == []
        for price in plan.prices:
            values[f"price_{price['period']}"] = Decimal(price["amount"]) / MILLION
            if price["provider"] == "stripe":
                values[f"ref_{price['period']}"] = price["ref"]
        return values


class MoveForm(forms.Form):
    """The day on which holders of older versions move to a plan."""

    day = forms.DateField(label=_("Move them on"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day < (timezone.localtime() + LEAST_NOTICE).date():
            raise forms.ValidationError(_("Give them at least seven days’ notice."))
        return day

    def get_moment(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], time.min))
