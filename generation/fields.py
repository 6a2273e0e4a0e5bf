"""Fields of the forms that ask for clips: words, files and rows from outside, made clean."""

import re
import uuid

from django import forms
from django.utils.translation import gettext as _


class ChipsField(forms.Field):
    """Keys of understood things that the person switched off (``slot:value``) or changed (``slot:value=other``).

    A value may be a line of dialogue: words with spaces, commas and all.
    """

    widget = forms.SelectMultiple
    KEY = re.compile(r"[a-z_]{1,20}:[^\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]{1,170}\Z")
    MOST = 200  # more than 2,000 characters of words can hold

    def to_python(self, value):
        return sorted({key for key in value or () if self.KEY.match(key)})[: self.MOST]


class ManyPictures(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files under one name, in the order they were chosen."""

    widget = ManyPictures

    def clean(self, data, initial=None):
        return [super(FilesField, self).clean(each, initial) for each in data or () if each]


class RowsField(forms.Field):
    """Ids of rows of one kind, each once, in their order."""

    widget = forms.SelectMultiple

    def to_python(self, value):
        try:
            return list(dict.fromkeys(uuid.UUID(str(each)) for each in value or ()))
        except ValueError:
            raise forms.ValidationError(_("This no longer exists. Choose another.")) from None
