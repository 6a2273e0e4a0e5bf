"""Form fields of clips: understood chips, several files, several row ids."""

import re
import uuid

from django import forms
from django.utils.translation import gettext as _


class ChipsField(forms.Field):
    """Keys of understood chips that the user switched off (``slot:value``) or changed (``slot:value=other``).

    A value may be a line of dialogue, with spaces and commas.
    """

    widget = forms.SelectMultiple
    KEY = re.compile(r"[a-z_]{1,20}:[^\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]{1,170}\Z")
    MAX_KEYS = 200  # more than a prompt of 2,000 characters can hold

    def to_python(self, value):
        return sorted({key for key in value or () if self.KEY.match(key)})[: self.MAX_KEYS]


class MultipleFileInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files under one name, in the order in which they were chosen."""

    widget = MultipleFileInput

    def clean(self, data, initial=None):
        return [super(FilesField, self).clean(file, initial) for file in data or () if file]


class RowsField(forms.Field):
    """Row ids in order, without repetitions."""

    widget = forms.SelectMultiple

    def to_python(self, value):
        try:
            return list(dict.fromkeys(uuid.UUID(str(pk)) for pk in value or ()))
        except ValueError:
            raise forms.ValidationError(_("This no longer exists. Choose another.")) from None
