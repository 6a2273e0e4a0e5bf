from django import template

from accounts.sign_in.devices import device_name
from accounts.sign_in.display_name import display_name

register = template.Library()
register.filter("device", device_name)
register.filter("display_name", display_name)
