"""Tags that draw a job in a list, and the time of an active job.

They are written in Python, which is faster than a template (docs/adr/0028-tiles-in-python.md). Rare parts
are in the template jobs/_row.html.
"""

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.billing.money import split_cost
from common.templatetags.ui import duration, look, thousandths
from common.web.components import NOTHING, describe_age, draw_icon, draw_once, draw_progress, draw_tag, shorten
from common.web.paths import path_of
from jobs import registry
from jobs.estimates.times import JobTime
from jobs.listing.rows import JobRow, build_row
from jobs.templatetags import jobs as filters

register = template.Library()

BEFORE_TIME = """<li class="job-row" id="job-{pk}"{topics} data-state="{look}" data-can="{can}">{checkbox}
<span class="frame ratio-16-9{blank}" aria-hidden="true">{picture}</span>
<div class="job-row-title"><a href="{page}">{title}</a>
<span class="job-row-meta"><a class="link job-row-details" href="{details}">{details_label}\
<span class="visually-hidden">: {short}</span></a>
<span>{kind}</span> {seconds}{story}
<span class="only-narrow">{model}</span> {note}</span></div>{reason}
<div class="job-row-progress">{state} {bar} <span class="mono eta">{eta}</span> """
BEFORE_AGE = """</div>
<span class="only-wide subtle small-text">{model}<br><span class="mono dim">{price}</span></span>
<span class="only-wide dim small-text" hx-morph-skip><time datetime="{created}" data-ago>"""
END = """</time></span>
<div class="job-row-actions">{actions}</div></li>"""
TOPICS = ' data-topics="{}"'
TIME = """<span class="job-time" data-elapsed="{elapsed}"{usual}><span class="visually-hidden">{so_far}</span>
<span class="mono" data-clock>{clock}</span>{left}</span>"""
USUAL = ' data-usual="{}" data-slow="{}"'
LEFT = ' <span aria-hidden="true">·</span> <span data-left>{}</span>'
BUTTON = """<button class="button ghost {look}small" form="jobs" formaction="{path}" hx-post="{path}" hx-swap="none"
{agreed}aria-label="{label}" title="{title}">{icon}{price}</button>"""
CHECKBOX = '<input class="checkbox" type="checkbox" name="id" value="{}" form="jobs" aria-label="{}">'
NO_CHECKBOX = mark_safe('<span class="checkbox-space"></span>')
EDIT = '<a class="button ghost icon-only small only-wide" href="{}" aria-label="{}" title="{}">{}</a>'
SHORT = 60  # characters of a title in the name of a control


@register.simple_tag(name="job_row")
def draw_row(job) -> SafeString:
    """Return the row of a job that ``cards.prepare_rows`` prepared, with ``can_change``."""
    begin, middle, end = _draw_parts(build_row(job))
    age = describe_age(job.created_at)
    return mark_safe(f"{begin}{draw_time(job.time)}{middle}{age}{end}")  # noqa: S308 - parts that are safe already


@draw_once
def _draw_parts(job: JobRow) -> tuple[SafeString, SafeString, SafeString]:
    """Return the parts of the row around the time of the job and its age, which change by themselves."""
    details, short = path_of("jobs:job", job.pk), shorten(job.title, SHORT)
    values = {
        "pk": job.pk,
        "topics": format_html(TOPICS, job.topic) if job.is_active else "",
        "look": look(job.state),
        "can": _list_acts(job),
        "checkbox": _draw_checkbox(job) if job.can_change else NO_CHECKBOX,
        "blank": "" if job.picture else " blank",
        "picture": job.picture,
        "page": job.page or details,
        "title": job.title,
        "details": details,
        "details_label": _("Details"),
        "short": short,
        "actions": _draw_actions(job, short) if job.can_change else "",
        **_draw_facts(job),
        **_draw_progress(job),
    }
    begin, middle, end = (format_html(part, **values) for part in (BEFORE_TIME, BEFORE_AGE, END))
    return begin, middle, end


def _draw_facts(job) -> dict[str, object]:
    return {
        "kind": registry.kind_label(job.kind),
        "seconds": format_html("<span>{}</span>", duration(job.seconds)) if job.seconds else "",
        "story": _render("story", job) if job.story else "",
        "model": filters.model_label(job),
        "price": filters.price(job),
        "created": job.created_at.isoformat(timespec="seconds"),
    }


def _draw_progress(job) -> dict[str, object]:
    has_note = job.can_change and job.retry_button and job.retry_button.note
    return {
        "note": _draw_note(job),
        "reason": _render("reason", job) if job.is_blocked or job.error_public or has_note else "",
        "state": draw_tag(filters.state_look(job), str(filters.state_label(job))),
        "bar": _draw_bar(job),
        "eta": _describe_end(job),
    }


def _render(part: str, job) -> SafeString:
    return mark_safe(render_to_string(f"jobs/_row.html#{part}", {"job": job}))  # noqa: S308 - a template's own output


def _list_acts(job) -> str:
    """Return what buttons for several jobs can do with this one, for js/row-selection.js."""
    cancel = "cancel" if job.is_active and not job.is_stopping else ""
    return f"{cancel} {'retry' if job.retry_button else ''} {'' if job.is_active else 'delete'}"


def _draw_checkbox(job) -> SafeString:
    connection = job.retry_button.connection if job.retry_button else ""
    return format_html(CHECKBOX, f"{job.pk} {connection}" if connection else job.pk, job.title)


def _draw_note(job) -> SafeString:
    if job.state == "unknown" and not job.error_public:
        return _render("unknown", job)
    if job.is_active and not job.is_blocked and not job.error_public and (note := filters.working_note(job)):
        return format_html("<span>{}</span>", note)
    return NOTHING


@register.simple_tag(name="job_time")
def draw_time(time: JobTime | None) -> SafeString:
    """Return the time of an active job, counted on by js/elapsed-time.js, or its place in the queue."""
    if not time or time.is_waiting:  # "" in a template without job.time
        return format_html('<span class="job-time">{}</span>', time.place) if time and time.place else NOTHING
    left, usual = time.left, time.usual
    return format_html(
        TIME,
        elapsed=round(time.elapsed),
        usual=format_html(USUAL, round(usual.middle), round(usual.slow)) if usual else "",
        so_far=_("Time so far:"),
        clock=filters.clock(time.elapsed),
        left=format_html(LEFT, left) if left else "",
    )


def _draw_bar(job) -> SafeString:
    if job.is_blocked:
        return NOTHING
    label, name = _("Progress"), look(job.state)
    if name == "wait" or (name == "work" and not job.progress):
        return draw_progress(label, small=True)
    if name == "work":
        return draw_progress(label, thousandths(job.progress), small=True)
    if name == "done":
        return draw_progress(label, 100, "ok", small=True)
    return draw_progress(label, thousandths(job.progress), "fail", small=True)


def _describe_end(job) -> str:
    if look(job.state) != "work":
        return duration(filters.seconds_taken(job))
    return f"{job.percent} %" if job.percent else ""


def _draw_actions(job, short: str) -> SafeString:
    delete = _draw_button(
        "delete", job, "trash-2", _("Move to trash"), _("Move to trash: %(title)s") % {"title": short}
    )
    if job.is_active and not job.is_stopping:
        label = _("Cancel: %(title)s") % {"title": short}
        return _draw_button("cancel", job, "circle-stop", _("Cancel"), label) + delete
    return _draw_retry(job, short) + delete if job.can_retry else delete


def _draw_retry(job, short: str) -> SafeString:
    button, label = job.retry_button, _("Retry: %(title)s") % {"title": short}
    price = "".join(split_cost(button.price, button.after)) if button and button.price else ""
    drawn = _draw_button(
        "retry",
        job,
        "rotate-ccw",
        _("Retry"),
        f"{label} · {price}" if price else label,
        agreed=button.agreed if button else "",
        price=button.price if button and button.is_priced else "",
    )
    if not job.edit_url:
        return drawn
    words = _("Retry with other settings")
    label = _("Retry with other settings: %(title)s") % {"title": short}
    return drawn + format_html(EDIT, job.edit_url, label, words, draw_icon("pencil"))


def _draw_button(act: str, job, icon: str, title: str, label: str, *, agreed: str = "", price: str = "") -> SafeString:
    return format_html(
        BUTTON,
        look="" if price else "icon-only ",
        path=path_of(f"jobs:{act}", job.pk),
        agreed=format_html('name="agreed" value="{}" ', agreed) if agreed else "",
        label=label,
        title=title,
        icon=draw_icon(icon),
        price=price,
    )
