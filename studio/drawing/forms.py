"""The form with which a quote is requested and confirmed."""

import re
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _

from generation.forms import IDEM_KEY, build_cap_field, to_millionths
from studio.models import Story

CURRENCY = re.compile(r"\Acap_([A-Z]{3})\Z")
MAX_MONEY = Decimal(1_000_000)


class DrawForm(forms.Form):
    """Form for which scenes to draw, how, and the spending limits ("caps").

    Caps are sent as ``cap_USD`` in whole units of the currency, and cleaned to millionths. ``agreed``: the mark of the
    quote that the page showed. ``provider``, ``model``: with which the scenes are drawn, if chosen here. ``cap``: the
    most that one request may cost at a model whose price is not known.
    """

    which = forms.ChoiceField(choices=[(name, name) for name in ("one", "all", "missing", "failed", "stale")])
    scene = forms.UUIDField(required=False)
    character = forms.UUIDField(required=False)
    mode = forms.ChoiceField(choices=Story.Mode.choices, required=False)
    on_failure = forms.ChoiceField(choices=Story.OnFailure.choices, required=False)
    provider = forms.CharField(max_length=40, required=False)
    model = forms.CharField(max_length=80, required=False)
    cap = build_cap_field()
    agreed = forms.CharField(max_length=100, required=False)
    idem_key = forms.RegexField(IDEM_KEY, required=False)

    def clean_cap(self):
        return to_millionths(self.cleaned_data["cap"])

    def clean(self):
        cleaned = super().clean()
        cleaned["caps"] = {}
        if cleaned.get("which") == "one" and not cleaned.get("scene"):
            cleaned["which"] = "missing"
        for name, text in self.data.items():
            if (match := CURRENCY.match(name)) and text.strip():
                self._add_cap(cleaned, match[1], text)
        return cleaned

    def _add_cap(self, cleaned, currency: str, text: str) -> None:
        try:
            amount = forms.DecimalField(min_value=0, max_value=MAX_MONEY, decimal_places=4).clean(text)
        except forms.ValidationError:
            self.add_error(None, _("Enter the spending limit as a number, such as 2.50."))
            return
        cleaned["caps"][currency] = int(amount * 1_000_000)
