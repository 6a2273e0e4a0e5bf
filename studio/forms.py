"""Mixins that several forms of the studio share."""

from typing import TYPE_CHECKING

from django import forms

from common.text import clean_text

if TYPE_CHECKING:
    Form = forms.BaseForm  # what a mixin is mixed with
else:
    Form = object


class CleanTextMixin(Form):
    """Mixin that removes control characters from every text of the form."""

    def clean(self):
        cleaned = super().clean()
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and value:
                try:
                    cleaned[name] = clean_text(value)
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return cleaned


class EditConflictMixin(Form):
    """Mixin for a form whose page also sends the values that it showed (``was_…``), to detect changes by others."""

    def get_shown_values(self) -> dict[str, str]:
        """Return the values that the page showed, with line ends as they are stored (browsers send CRLF)."""
        sent = {name: self.data[f"was_{name}"] for name in self.fields if f"was_{name}" in self.data}
        return {name: normalize_newlines(text) for name, text in sent.items()}

    def get_values(self) -> dict:
        """Return the values of the fields by name, which the page sends back as ``was_…``."""
        return {name: self[name].value() for name in self.fields}

    def keep_typed_values(self, current):
        """After a collision, copy what the user changed to ``current``, the form with the stored values, and return it.

        Fields that the user did not change show the stored values.
        """
        typed = {name: normalize_newlines(self.data[name]).strip() for name in self.fields if name in self.data}
        untouched = {name for name, text in self.get_shown_values().items() if text.strip() == typed.get(name)}
        current.initial |= {name: text for name, text in typed.items() if name not in untouched}
        return current


def normalize_newlines(text: str) -> str:
    return text.replace("\r\n", "\n")
