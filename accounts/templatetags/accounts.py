from django import template

from accounts.access import has_any_right
from accounts.billing.money import money
from accounts.models.user import display_name
from accounts.sign_in.devices import device_name
from accounts.views.settings_menu import build_menu

register = template.Library()
register.filter("device", device_name)
register.filter("display_name", display_name)
register.filter("in_currency", money)
register.filter("has_any_right", has_any_right)
register.simple_tag(build_menu, name="settings_menu")
