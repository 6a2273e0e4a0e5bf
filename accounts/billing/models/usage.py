"""Usage of ended days, summed nightly from holds (accounts.billing.usage.rollup)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.billing.models.wallet import Payer, Wallet


class SiteDay(models.Model):
    """A day that is rolled up: its row is written first. ``sign_ups``: accounts created on that day."""

    day = models.DateField(_("day"), primary_key=True)
    sign_ups = models.PositiveIntegerField(_("sign-ups"), default=0)

    class Meta:
        verbose_name = _("day of the site")
        verbose_name_plural = _("days of the site")

    def __str__(self):
        return self.day.isoformat()


class DaySums(models.Model):
    """What the jobs of a wallet whose holds were closed on one day made and cost, divided in one way.

    ``charged`` is in millionths of the wallet's currency, ``paid`` is ``charged`` in millionths of ``price_currency``,
    that of the provider's price. ``failed``: jobs whose hold was released.
    """

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="+", verbose_name=_("wallet"))
    day = models.DateField(_("day"))
    payer = models.CharField(_("payer"), max_length=4, choices=Payer)
    price_currency = models.CharField(_("currency of the price"), max_length=3, blank=True)
    jobs = models.PositiveIntegerField(_("jobs"), default=0)
    failed = models.PositiveIntegerField(_("failed jobs"), default=0)
    clips = models.PositiveIntegerField(_("clips"), default=0)
    clip_seconds = models.PositiveBigIntegerField(_("seconds of clips"), default=0)
    films = models.PositiveIntegerField(_("films"), default=0)
    film_seconds = models.PositiveBigIntegerField(_("seconds of films"), default=0)
    charged = models.BigIntegerField(_("charged"), default=0)
    paid = models.BigIntegerField(_("charged in the provider’s currency"), default=0)

    class Meta:
        abstract = True


class UsageDay(DaySums):
    """The usage of a day by provider and member. ``written_off``: millionths of the wallet's currency."""

    provider = models.CharField(_("provider"), max_length=40, blank=True)
    member_id = models.UUIDField(_("requested by"), null=True)
    written_off = models.BigIntegerField(_("written off"), default=0)

    class Meta:
        verbose_name = _("usage of a day")
        verbose_name_plural = _("usage of days")
        indexes = [
            models.Index(fields=["wallet", "day"], name="usage_by_wallet"),
            models.Index(fields=["day"], name="usage_by_day"),
        ]

    def __str__(self):
        return f"{self.day} · {self.provider or '–'}"


class StoryDay(DaySums):
    """The usage of a day by story. Apart from UsageDay: rows of both at once would be nearly as many as jobs."""

    story_id = models.UUIDField(_("story"), null=True)

    class Meta:
        verbose_name = _("usage of a story on a day")
        verbose_name_plural = _("usage of stories on days")
        indexes = [models.Index(fields=["wallet", "day"], name="story_usage_by_wallet")]

    def __str__(self):
        return f"{self.day} · {self.story_id or '–'}"
