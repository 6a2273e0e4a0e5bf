from django import template

from accounts.billing.money import money
from accounts.models.user import display_name
from accounts.sign_in.devices import device_name

register = template.Library()
register.filter("device", device_name)
register.filter("display_name", display_name)
register.filter("in_currency", money)
