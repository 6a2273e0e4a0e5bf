"""The form of what is known of one provider: its facts, their bounds, and what each means in plain words."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.admin import override_wire
from generation.providers import overrides
from generation.providers.models import ProviderManners
from generation.providers.traits import Billing, Recovery

NAMES = (
    "busy_never_creates", "billing", "can_be_found", "absence_is_proof", "deadline_minutes", "misses", "first_look",
    "look_every", "look_at_most_every", "concurrency", "per_minute", "good_key",
)  # fmt: skip
LABELS = {name: ProviderManners._meta.get_field(name).verbose_name for name in NAMES}
WAITS = gettext_lazy("Requests above this limit wait here and cost nothing yet. Each connection can set its own limit.")
MEANINGS = {
    "busy_never_creates": gettext_lazy(
        "Yes: the request is resent. No: a clip may exist and may have been charged, so the studio searches "
            "for it and never resends it; if it cannot search, the job page asks the user what to do."
    ),
    "billing": gettext_lazy(
        "For finished videos only: failed clips cost nothing, and pages say so. On acceptance: a clip that "
            "fails later keeps its price. Unknown: the price is refunded here, and pages say that the account may "
            "have been charged once."
    ),
    "can_be_found": gettext_lazy(
        "No: nobody looks; the page says that it may have been charged and asks the person. It cannot be switched on "
        "where the adapter has no way to look."
    ),
    "absence_is_proof": gettext_lazy(
        "Yes: after five minutes it is sent again; if that is wrong, a clip is bought twice. No: its price is held "
        "until somebody decides, for three days at most."
    ),
    "deadline_minutes": gettext_lazy(
        "Counted from acceptance; also applies to clips in progress. If it is too short, the provider may "
            "still finish and charge a clip that was given up."
    ),
    "misses": gettext_lazy("With too few, a film that is paid is given up while the provider only forgot it briefly."),
    "first_look": gettext_lazy("Asking costs nothing."),
    "look_every": gettext_lazy("Asking costs nothing; too often, and the provider calls it too much."),
    "look_at_most_every": gettext_lazy("The pause grows to this while a clip takes long."),
    "concurrency": WAITS,
    "per_minute": WAITS,
    "good_key": gettext_lazy("With commas. Too many, and a key that does not work passes the test; no clip is bought."),
}  # fmt: skip
BOUNDS = {
    "deadline_minutes": (5, 4320), "misses": (2, 50), "first_look": (1, 600), "look_every": (5, 600),
    "look_at_most_every": (5, 900), "concurrency": (1, 200), "per_minute": (1, 6000),
}  # fmt: skip
FOUND = {
    Recovery.OWN_ID: gettext_lazy("yes, by our own ID"),
    Recovery.LIST: gettext_lazy("yes, in the account’s task list"),
    Recovery.WEBHOOK: gettext_lazy("only if the provider calls back"),
}
REFUSED_KEYS = {401, 402, 403, 407, 408, 429}


def facts_of(engine) -> list[str]:
    """Only what the adapter can do is asked about."""
    recovery, names = engine.declared.recovery, set(LABELS)
    if recovery == Recovery.NONE:
        names.discard("can_be_found")
    if recovery not in (Recovery.OWN_ID, Recovery.LIST):
        names.discard("absence_is_proof")
    if not engine.declared.good_key:
        names.discard("good_key")
    return [name for name in LABELS if name in names]


def declared(engine, name: str) -> str:
    """A fact as the adapter declares it, in words."""
    facts = engine.declared
    if name == "can_be_found":
        return str(FOUND[facts.recovery])
    if name == "deadline_minutes":
        return f"{facts.deadline / 60:g}"
    if name == "billing":
        free = _("no per-clip charge")
        return free if facts.billing == Billing.FREE else str(ProviderManners.Billing(facts.billing.value).label)
    if name == "busy_never_creates" and not facts.busy_never_creates:
        return _("no, unless the error code says so")
    value = getattr(facts, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}"


class MannersForm(forms.ModelForm):
    """``engine`` and ``provider`` are those of the one provider that a subclass is for."""

    engine = None
    provider = ""
    status_words = override_wire.WordsField(label=gettext_lazy("What its words mean"), required=False)

    class Meta:
        model = ProviderManners
        fields = [*LABELS, "status_words", "source"]
        labels = {"source": gettext_lazy("Source")}
        help_texts = {"source": gettext_lazy("For future readers: an email, a page with its date, or an account.")}

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        for name in set(LABELS) & set(self.fields):
            self.fields[name] = field = self._field(name)
            field.label, field.required = LABELS[name], False
            told, doubt = (
                _("Declared: %(value)s.") % {"value": declared(self.engine, name)},
                self.engine.doubts.get(name),
            )
            field.help_text = format_html("<strong>{}</strong> {} <br>{}", told, doubt or "", MEANINGS[name])
            if isinstance(self.initial.get(name), bool):
                self.initial[name] = str(self.initial[name])
        if self.engine is not None:
            self.initial |= override_wire.initial(self.engine, self.instance.ways)
            self.fields["status_words"].help_text = override_wire.words_help(self.engine.stages)
            if not self.engine.stages:
                del self.fields["status_words"]

    @property
    def changed_facts(self) -> list[str]:
        """What was changed, by the names of the row's own fields."""
        names = {"ways" if name.startswith(override_wire.PREFIX) else name for name in self.changed_data}
        return sorted(names)

    def _field(self, name: str) -> forms.Field:
        none = _("as declared: %(value)s") % {"value": declared(self.engine, name)}
        if name in BOUNDS:
            least, most = BOUNDS[name]
            words = _("Enter a whole number from %(least)s to %(most)s, or leave the field empty. Nothing was changed.")
            words %= {"least": least, "most": most}
            errors = dict.fromkeys(("invalid", "min_value", "max_value"), words)
            return forms.IntegerField(min_value=least, max_value=most, error_messages=errors)
        if name == "billing":
            return forms.ChoiceField(choices=[("", none), *ProviderManners.Billing.choices])
        if name == "good_key":
            return forms.CharField(max_length=60)
        ways = [("True", _("yes")), ("False", _("no"))]
        if name == "can_be_found":
            del ways[0]
        return forms.TypedChoiceField(
            choices=[("", none), *ways], coerce=lambda value: value == "True", empty_value=None
        )

    def clean_good_key(self) -> str:
        parts = self.cleaned_data["good_key"].replace(",", " ").split()
        statuses = [int(part) for part in parts if part.isdecimal() and part.isascii() and len(part) == 3]
        if len(statuses) != len(parts) or not all(400 <= each < 500 for each in statuses):
            raise forms.ValidationError(_("Write statuses from 400 to 499 with commas. Nothing was changed."))
        if refused := sorted(REFUSED_KEYS & set(statuses)):
            words = _("%(status)s refuses a key, or says nothing of it: no good key gets that. Nothing was changed.")
            raise forms.ValidationError(words % {"status": refused[0]})
        return ", ".join(map(str, statuses))

    def clean(self):
        """What only together makes no sense."""
        values = super().clean()
        if self.errors or self.engine is None:
            return values
        said = {name: value for name, value in values.items() if name in LABELS}
        now = overrides.over(self.engine.declared, ProviderManners(**said))
        if now.look_every > now.look_at_most_every:
            words = _(
                "Later it would be asked every %(later)g s, at first every %(first)g s: later must not be shorter."
            )
            self.add_error("look_at_most_every", words % {"later": now.look_at_most_every, "first": now.look_every})
        if now.recovery == Recovery.NONE and said.get("absence_is_proof"):
            words = _("What nobody looks for proves nothing. Let it be looked for, or say no here.")
            self.add_error("absence_is_proof", words)
        self.instance.ways = override_wire.chosen(self.engine, values)
        return values
