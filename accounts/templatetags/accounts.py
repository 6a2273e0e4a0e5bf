from django import template
from django.utils.html import format_html_join

from accounts.access import has_any_right
from accounts.billing.money import money, split_cost
from accounts.models.user import display_name
from accounts.sign_in.devices import device_name
from accounts.views.settings_menu import build_menu

register = template.Library()
register.filter("device", device_name)
register.filter("display_name", display_name)
register.filter("in_currency", money)
register.filter("has_any_right", has_any_right)
register.simple_tag(build_menu, name="settings_menu")


@register.simple_tag(name="cost")
def draw_cost(price, after="", wait=""):
    """Return the words beside a price on a button (accounts.billing.money.split_cost); lines break between them."""
    pieces = split_cost(price, after, wait)
    rows = ((piece.rstrip(), " " if piece.endswith(" ") else "") for piece in pieces)
    return format_html_join("", '<span class="no-break">{}</span>{}', rows)
