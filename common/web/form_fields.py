"""Typed access to the fields of a form."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms


def set_choices(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    cast("forms.ChoiceField", form.fields[name]).choices = choices


def set_queryset(form: forms.BaseForm, name: str, rows: Any) -> None:
    cast("forms.ModelChoiceField", form.fields[name]).queryset = rows
