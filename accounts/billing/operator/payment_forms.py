"""Forms of the operators' pages of payments."""

import uuid
from datetime import datetime, time, timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.billing.amounts import MILLION
from accounts.forms import CONTROL

MOST_VOUCHERS = 500


class ReasonForm(forms.Form):
    """The reason of an act, and the id that makes a form that is sent twice act once."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Other administrators read it."))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid.uuid4())

    def clean_reason(self):
        if CONTROL.search(reason := self.cleaned_data["reason"]):
            raise forms.ValidationError(_("A reason cannot contain control characters."))
        return reason


class VouchersForm(ReasonForm):
    """Vouchers to create."""

    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_VOUCHERS, initial=1)
    credit = forms.DecimalField(
        label=_("Credit per voucher"), min_value=Decimal("0.01"), max_value=10_000, decimal_places=2
    )
    ends_on = forms.DateField(label=_("Last day to use them"), widget=forms.DateInput(attrs={"type": "date"}))
    credit_days = forms.IntegerField(
        label=_("Credit expires after (days)"),
        min_value=1,
        max_value=3650,
        required=False,
        help_text=_("Empty: the credit has no end."),
    )
    field_order = ["count", "credit", "ends_on", "credit_days", "reason", "key"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credit"].help_text = settings.SITE_CURRENCY

    def clean_credit(self) -> int:
        """Return millionths."""
        return int(self.cleaned_data["credit"] * MILLION)

    def clean_ends_on(self) -> datetime:
        """Return the moment after the last day."""
        if (day := self.cleaned_data["ends_on"]) < timezone.localdate():
            raise forms.ValidationError(_("This day is over. Choose a later one."))
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
