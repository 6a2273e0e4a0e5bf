"""Widgets of forms, written in Python: a template of Django's for each option of a menu takes ten times as long."""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

INPUTS = {f"django/forms/widgets/{name}.html" for name in ("text", "number", "email", "url", "hidden", "checkbox")}


class FormRenderer(DjangoTemplates):
    """Writes menus and inputs as Django's templates do; everything else is a template."""

    def render(self, template_name, context, request=None):
        if template_name == "django/forms/widgets/select.html":
            return _draw_select(context["widget"])
        if template_name in INPUTS:
            return _draw_input(context["widget"])
        return super().render(template_name, context, request)


def _draw_select(widget: Mapping[str, Any]) -> SafeString:
    groups = [_draw_group(name, options) for name, options, _index in widget["optgroups"]]
    options = format_html_join("", "{}", ((group,) for group in groups))
    return format_html('<select name="{}"{}>{}</select>', widget["name"], _draw_attributes(widget["attrs"]), options)


def _draw_group(name: str | None, options: list[Mapping[str, Any]]) -> SafeString:
    rows = [(option["value"], _draw_attributes(option["attrs"]), option["label"]) for option in options]
    html = format_html_join("", '<option value="{}"{}>{}</option>', rows)
    return format_html('<optgroup label="{}">{}</optgroup>', name, html) if name else html


def _draw_input(widget: Mapping[str, Any]) -> SafeString:
    value = mark_safe("") if widget["value"] is None else format_html(' value="{}"', widget["value"])
    attributes = _draw_attributes(widget["attrs"])
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, attributes)


def _draw_attributes(attributes: Mapping[str, Any]) -> SafeString:
    rows = [(name, value) for name, value in attributes.items() if value is not False]
    html = (format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value) for name, value in rows)
    return mark_safe("".join(html))  # noqa: S308 - joins safe parts
