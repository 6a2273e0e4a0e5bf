"""Whether the site is closed for maintenance."""

from django.db import models


class Maintenance(models.Model):
    """The one row of this table exists while the site is closed for maintenance (accounts.maintenance)."""

    since = models.DateTimeField(auto_now_add=True)
