"""What an operator says of how a provider speaks: which of several forms it takes, and what its status words mean."""

from collections.abc import Mapping

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.providers.remote import Stage
from generation.providers.traits import Way

PREFIX = "way_"
STAGES = tuple(stage.value for stage in Stage)
MOST_WORDS, LONGEST = 50, 60  # no provider has as many words, and none as long
WORDS_MEANING = gettext_lazy(
    "One word a line: “word = queued”, running, succeeded, failed or cancelled. It lies over the adapter's own words. "
    "A word that nobody knows counts as running, and its clip is asked after until it is given up. With failed or "
    "cancelled a clip ends for good and is never asked after again: its price is given back or kept as “It charges” "
    "says, and a film that is made and charged there all the same is not fetched. succeeded is a failure too where "
    "the answer has no film. What is queued can be stopped where what runs cannot."
)


class WordsField(forms.CharField):
    """Lines ``word = stage``; its value is the words with their stages."""

    widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "off"})

    def prepare_value(self, value):
        return written(value) if isinstance(value, dict) else value

    def to_python(self, value) -> dict[str, str]:
        return read(super().to_python(value))

    def has_changed(self, initial, data) -> bool:
        try:
            return self.to_python(data) != (initial or {})
        except forms.ValidationError:
            return True


def written(words: Mapping[str, str]) -> str:
    """In the order of the alphabet: a database keeps them in one of its own."""
    return "\n".join(f"{word} = {words[word]}" for word in sorted(words, key=str.casefold))


def read(text: str) -> dict[str, str]:
    """Word → stage. Words are told apart without regard to capitals, as they are looked up."""
    words: dict[str, str] = {}
    for n, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        word, stage = (part.strip() for part in line.rpartition("=")[::2])
        facts = {"n": n, "word": word, "stages": ", ".join(STAGES), "most": MOST_WORDS}
        if not 0 < len(word) <= LONGEST or not word.isprintable() or stage.lower() not in STAGES:
            told = _("Line %(n)s: write “word = stage” with one of %(stages)s. Nothing was changed.")
            raise forms.ValidationError(told % facts)
        if word.casefold() in {each.casefold() for each in words}:
            raise forms.ValidationError(_("Line %(n)s: “%(word)s” stands there twice. Nothing was changed.") % facts)
        if len(words) == MOST_WORDS:
            raise forms.ValidationError(_("More than %(most)s words are not kept. Nothing was changed.") % facts)
        words[word] = stage.lower()
    return words


def words_help(stages: Mapping[str, Stage]) -> str:
    """What the adapter knows by itself, and what a line means."""
    known = _("The adapter knows: %(words)s.") % {"words": ", ".join(f"{word} = {stages[word]}" for word in stages)}
    return format_html("<strong>{}</strong><br>{}", known, WORDS_MEANING)


def way_fields(engine) -> dict[str, forms.Field]:
    """A field for each form that an operator can choose."""
    return {f"{PREFIX}{way.name}": _way_field(way) for way in engine.ways}


def _way_field(way: Way) -> forms.Field:
    declared = dict(way.choices)[way.declared]
    none = _("as declared: %(value)s") % {"value": declared}
    told = _("Declared: %(value)s.") % {"value": declared}
    said = format_html("<strong>{}</strong> <br>{}", told, way.meaning)
    return forms.ChoiceField(choices=[("", none), *way.choices], required=False, label=way.label, help_text=said)


def initial(engine, chosen: Mapping) -> dict[str, str]:
    """What the fields begin with; a choice that this version does not have begins with none."""
    ways = {way.name: chosen.get(way.name, "") for way in engine.ways}
    return {f"{PREFIX}{way.name}": ways[way.name] for way in engine.ways if way.is_choice(ways[way.name])}


def chosen(engine, values: Mapping) -> dict[str, str]:
    """What the fields say, by the names of the ways; without those that are left as declared."""
    told = {way.name: values.get(f"{PREFIX}{way.name}") for way in engine.ways}
    return {name: value for name, value in told.items() if value}


def forgotten(engine, kept: Mapping) -> str:
    """Of choices that were made once and that this version does not have any more: that they change nothing."""
    ways = {way.name: way for way in engine.ways}
    gone = [(name, value) for name, value in kept.items() if name not in ways or not ways[name].is_choice(value)]
    words = _("“%(value)s” was chosen for %(name)s and is no more: what is declared counts. Saving forgets it.")
    rows = [(words % {"name": ways[name].label if name in ways else name, "value": value},) for name, value in gone]
    return format_html_join("", "<p>{}</p>", rows)
