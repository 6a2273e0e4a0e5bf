"""How jobs are worded on pages."""

from django import template
from django.utils.translation import gettext as _

from accounts.billing.money import money
from common.templatetags.ui import look
from jobs import recovery, registry
from jobs.models import State

register = template.Library()


@register.filter
def state_label(job):
    return registry.kind_of(job).state_label(job)


@register.filter
def state_look(job):
    """The look of its tag; of what waits its turn elsewhere it is that of what waits here."""
    return "wait" if job.waits_at_provider else look(job.state)


@register.filter
def kind_label(job):
    return registry.kind_label(job.kind)


@register.filter
def maker_label(job):
    return registry.kind_of(job).maker_label(job)


@register.filter
def provider_label(job):
    return registry.kind_of(job).provider_label(job)


@register.filter
def working_note(job):
    """What is said of the work while it goes on; its maker's last words are over once the film is being fetched."""
    return "" if job.state == State.FETCHING else job.progress_note


@register.filter
def seconds_taken(job):
    """Seconds from start to end, None unless both are known."""
    is_known = job.finished_at and job.started_at and not job.was_reopened
    return (job.finished_at - job.started_at).total_seconds() if is_known else None


@register.filter
def held(job):
    """What is kept aside for it, as money."""
    return money(job.price_reserved, job.currency)


@register.simple_tag
def unknown_wait():
    """After how long what is held for an unanswered job comes back by itself."""
    return recovery.describe_release_delay()


@register.filter
def price(job):
    """What it cost, or what is held for it while it is being made; "free" for what has no price."""
    if cost := registry.kind_of(job).cost_label(job):
        return cost
    if not job.price_reserved:
        return _("free")
    if job.is_active and not job.was_reopened:
        return _("%(price)s on hold") % {"price": money(job.price_reserved, job.currency)}
    return money(job.price_charged, job.currency) if job.price_charged else _("not charged")
