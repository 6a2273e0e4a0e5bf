"""Forms of caps, and of what operators do about credit."""

import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.billing import held_plans
from accounts.billing.amounts import MILLION
from accounts.billing.credit.caps import list_members
from accounts.billing.hooks import BillingHooks
from accounts.billing.models import Cap, CreditChange, Plan
from accounts.forms import CONTROL
from accounts.models.user import display_name
from common.web.form_fields import set_choices, set_queryset

LARGEST = 10_000_000  # whole units of the site's currency
KIND_LABELS = {
    CreditChange.Kind.GIFT: _("Gift"),
    CreditChange.Kind.CORRECTION: _("Correction, also with a minus sign"),
    CreditChange.Kind.LIMIT: _("Limit: may spend this much from now on"),
}


class AmountField(forms.DecimalField):
    """An amount in the site's currency; its value is in millionths."""

    def __init__(self, *, smallest: str, **kwargs):
        super().__init__(min_value=Decimal(smallest), max_value=LARGEST, decimal_places=2, **kwargs)
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 12, "class": "mono"})

    def clean(self, value):
        amount = super().clean(value)
        return None if amount is None else int(amount * MILLION)


class CapForm(forms.Form):
    """A new cap: for whom, in which period, and how much."""

    subject = forms.ChoiceField(label=pgettext_lazy("whom a cap limits", "For"))
    period = forms.ChoiceField(label=_("Period"), choices=Cap.Period.choices)
    amount = AmountField(smallest="0", label=_("At most"))

    def __init__(self, *args, workspace, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        set_choices(self, "subject", _list_subjects(workspace, viewer))
        self.fields["amount"].help_text = settings.SITE_CURRENCY

    def clean(self):
        super().clean()
        values = self.cleaned_data
        if subject := values.get("subject"):
            values["scope"], _colon, pk = subject.partition(":")
            values["subject_id"] = uuid.UUID(pk) if pk else None
        return values


def _list_subjects(workspace, viewer) -> list[tuple]:
    members = [(f"member:{row.pk}", display_name(row)) for row in list_members(workspace)]
    stories = [row for read in BillingHooks.values_of("stories_of_user") for row in read(viewer)]
    stories = [(f"story:{pk}", title) for pk, title in stories]
    groups = [(_("One member"), members if len(members) > 1 else []), (_("One story"), stories)]
    return [*Cap.Scope.choices, *(group for group in groups if group[1])]


def get_end_of_day(day: date | None) -> datetime | None:
    """Return the moment after a day. Raises ValidationError if the day is over."""
    if day is None:
        return None
    if day < timezone.localdate():
        raise forms.ValidationError(_("This day is over. Choose a later one."))
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class CreditForm(forms.Form):
    """Credit that an operator gives to a workspace or corrects.

    ``key`` becomes the id of the change, so that a form that is sent twice changes credit once.
    """

    kind = forms.ChoiceField(label=_("Kind"))
    amount = AmountField(smallest=str(-LARGEST), label=_("Amount"))
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: the credit has no end."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Other administrators read it."))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, is_unlimited: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid.uuid4())
        kinds = [*CreditChange.Kind] if is_unlimited else [CreditChange.Kind.GIFT, CreditChange.Kind.CORRECTION]
        set_choices(self, "kind", [(kind.value, KIND_LABELS[kind]) for kind in kinds])
        self.fields["amount"].help_text = settings.SITE_CURRENCY

    def clean_reason(self):
        if CONTROL.search(reason := self.cleaned_data["reason"]):
            raise forms.ValidationError(_("A reason cannot contain control characters."))
        return reason

    def clean_ends_on(self) -> datetime | None:
        """Return the moment after the last day."""
        return get_end_of_day(self.cleaned_data["ends_on"])

    def clean(self):
        super().clean()
        values = self.cleaned_data
        amount, kind = values.get("amount"), values.get("kind")
        if amount is not None and kind == CreditChange.Kind.GIFT and amount <= 0:
            self.add_error("amount", _("A gift must be above zero. To take credit away, choose the correction."))
        elif amount == 0 and kind == CreditChange.Kind.CORRECTION:
            self.add_error("amount", _("Enter what to add, or with a minus sign what to take away."))
        elif amount is not None and kind == CreditChange.Kind.LIMIT and amount < 0:
            self.add_error("amount", _("A limit cannot be below zero."))
        if values.get("ends_on") and kind != CreditChange.Kind.GIFT and (amount or 0) <= 0:
            values["ends_on"] = None
        return values


class PaidUntilForm(forms.Form):
    """A plan that a workspace paid by an invoice outside this site."""

    plan = forms.ModelChoiceField(label=_("Plan"), queryset=Plan.objects.none(), empty_label=None)
    paid_until = forms.DateField(label=_("Paid until"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Invoice and note"), max_length=300)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid.uuid4())
        paid = [plan.pk for plan in held_plans.list_offered() if plan.code != held_plans.FREE]
        set_queryset(self, "plan", Plan.objects.filter(pk__in=paid))

    def clean_paid_until(self) -> datetime | None:
        return get_end_of_day(self.cleaned_data["paid_until"])


class LimitAllForm(forms.Form):
    """What each workspace without a limit may spend from now on."""

    amount = AmountField(smallest="0", label=_("Limit for each workspace"))
