from django import template

from accounts.devices import device_name
from accounts.names import display_name

register = template.Library()
register.filter("device", device_name)
register.filter("display_name", display_name)
