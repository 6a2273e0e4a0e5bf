"""Template filters for jobs."""

from django import template
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from accounts.billing.money import money
from common.templatetags.ui import look
from jobs import registry
from jobs.lifecycle import recovery
from jobs.listing.rows import JobRow
from jobs.models import Job, State

register = template.Library()


@register.filter
def state_label(job):
    return registry.kind_of(job).state_label(job)


@register.filter
def state_look(job):
    """Return the look of the state's tag. A job in a provider's queue looks like a waiting one, a blocked one like a
    failed one."""
    if job.is_blocked:
        return "fail"
    return "wait" if job.waits_at_provider else look(job.state)


@register.filter
def kind_label(job):
    return registry.kind_label(job.kind)


@register.filter
def model_label(job):
    return registry.kind_of(job).model_label(job)


@register.filter
def provider_label(job):
    return registry.kind_of(job).provider_label(job)


@register.filter
def working_note(job):
    """Return the progress note, or "" during the download, when the provider's last note is outdated."""
    return "" if job.state == State.FETCHING else job.progress_note


@register.filter
def seconds_taken(job):
    """Return the seconds from start to end, or None unless both are known."""
    is_known = job.finished_at and job.started_at and not job.was_reopened
    return (job.finished_at - job.started_at).total_seconds() if is_known else None


@register.filter
def clock(seconds):
    """65 → ``1:05``, 3723 → ``1:02:03``; static/js/elapsed-time.js counts on in the same format."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def amount_on_hold(job):
    """Return the amount on hold as text."""
    return money(job.price_reserved, job.currency)


@register.filter
def provider_name(slug):
    """Return the provider's name without a query, or "" for no provider."""
    return registry.provider_label(slug) if slug else ""


@register.filter
def slice_id(pk):
    """Return the first digits of an id, by which operators tell jobs apart."""
    return str(pk)[:8]


@register.simple_tag
def waited(moment):
    """Return for how long something has lasted, such as ``2 hours, 5 minutes``."""
    return timesince(moment)


@register.simple_tag
def unknown_wait():
    """Return after how long the hold of an unanswered job is released automatically."""
    return recovery.describe_release_delay()


def _get_cost_label(job: Job | JobRow) -> str:
    return job.cost_label if isinstance(job, JobRow) else registry.kind_of(job).cost_label(job)


@register.filter
def price(job):
    """Return the price charged, the amount on hold while the job is active, or "free".

    What a user's own account at the provider is billed is neither charged nor on hold here.
    """
    if cost := _get_cost_label(job):
        return cost
    if not job.price_reserved:
        return _("free")
    is_held = job.is_active and not job.was_reopened
    amount = money(job.price_reserved if is_held else job.price_charged, job.currency)
    if not is_held and not job.price_charged:
        return _("not charged")
    if job.is_paid_by_user:
        return _("%(price)s, connected account") % {"price": amount}
    return _("%(price)s on hold") % {"price": amount} if is_held else amount


@register.filter
def spent(job):
    """Return what the job costs or has cost, as a sentence."""
    if cost := _get_cost_label(job):
        return _("Cost: %(cost)s.") % {"cost": cost}
    if not job.price_reserved:
        return _("This is free.")
    if job.is_paid_by_user:
        return _describe_own_cost(job)
    if job.is_active and not job.was_reopened:
        return _("%(price)s is on hold.") % {"price": money(job.price_reserved, job.currency)}
    if not job.price_charged:
        return _("Nothing was charged.")
    return _("%(price)s was charged.") % {"price": money(job.price_charged, job.currency)}


def _describe_own_cost(job) -> str:
    """Return what the provider bills to the connected account, as a sentence that claims no charge by this studio."""
    if job.is_active and not job.was_reopened:
        text = _("The provider bills about %(price)s to the connected account; this studio charges nothing.")
        return text % {"price": money(job.price_reserved, job.currency)}
    if not job.price_charged:
        return _("Nothing was charged.")
    text = _("The provider billed about %(price)s to the connected account; this studio charged nothing.")
    return text % {"price": money(job.price_charged, job.currency)}
