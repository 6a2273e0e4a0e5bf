"""Forms of reports, decisions and appeals."""

from django import forms
from django.utils.translation import gettext_lazy as _

from gallery.models import Appeal, Ban, Report
from gallery.moderation.decisions import BanTerms, Explanation

BAN_DAYS = [("7", _("7 days")), ("30", _("30 days")), ("0", _("Without an end"))]
HIDES = [
    ("this", _("Hide what was reported")),
    ("all", _("Hide it and all works of this author")),
    ("", _("Hide nothing")),
]


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=Report.Reason.choices,
        widget=forms.RadioSelect(attrs={"class": "checkbox radio"}),
    )
    text = forms.CharField(
        label=_("In your words"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Say where in the film the problem is, and what else an administrator should know."),
    )
    email = forms.EmailField(
        label=_("Your email address"), help_text=_("Only for questions about this report. The author does not see it.")
    )

    def __init__(self, *args, is_visitor: bool, **options):
        super().__init__(*args, **options)
        if not is_visitor:
            del self.fields["email"]

    def clean(self):
        values = super().clean()
        if values.get("reason") in (Report.Reason.OTHER, Report.Reason.RIGHTS) and not values.get("text"):
            self.add_error("text", _("Say in a few words what is wrong."))
        return values


class ExplanationForm(forms.Form):
    """The rule of a decision, and what its author reads about it."""

    reason = forms.ChoiceField(label=_("Rule"), choices=[("", _("None")), *Report.Reason.choices], required=False)
    statement = forms.CharField(
        label=_("Explanation for the author"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def read_explanation(self) -> Explanation:
        values = self.cleaned_data
        return Explanation(reason=values["reason"], statement=values["statement"], note=values.get("note", ""))


class DecisionForm(ExplanationForm):
    """A decision about a case, with the terms of a ban."""

    note = forms.CharField(label=_("Note for administrators"), max_length=1000, required=False)
    scope = forms.ChoiceField(label=_("Banned from"), choices=Ban.Scope.choices, initial=Ban.Scope.ALL, required=False)
    days = forms.ChoiceField(label=_("For"), choices=BAN_DAYS, initial="30", required=False)
    hides = forms.ChoiceField(label=_("Their works"), choices=HIDES, initial="this", required=False)

    def read_terms(self) -> BanTerms:
        values = self.cleaned_data
        return BanTerms(scope=values["scope"] or Ban.Scope.ALL, days=int(values["days"] or 30), hides=values["hides"])


class AppealForm(forms.ModelForm):
    class Meta:
        model = Appeal
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"text": _("You can appeal once. Say why the decision is wrong.")}


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Answer to the author"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
