"""Template tags and filters for components, icons, slots and the format of numbers.

A component is a file in templates/components/. One that wraps markup is used as a block,
``{% component "note" look="sky" %}…{% endcomponent %}``; one that does not is included with
``{% include "components/avatar.html" with … only %}``. Both see only their arguments. Icons, tags, progress bars and
frames are written in Python (common/web/components.py) and have tags of their own.
"""

import math
import re
from functools import cache, lru_cache, reduce
from uuid import UUID
from zlib import crc32

from django import template
from django.conf import settings
from django.template import defaulttags
from django.template.defaulttags import URLNode
from django.template.loader import render_to_string
from django.templatetags import i18n
from django.urls import NoReverseMatch
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import slots
from common.web import components
from common.web.paths import path_of, path_of_page

register = template.Library()

FPS = 24
LAST_LATIN = 0x2DFF  # Chinese, Japanese and Korean come after
AVATAR_COLOURS = 6
STATE_LOOKS = {
    "queued": "wait",
    "submitting": "work",
    "unknown": "wait",
    "running": "work",
    "fetching": "work",
    "stored": "work",
    "ready": "done",
    "ready_degraded": "done",
    "failed": "fail",
    "timed_out": "fail",
    "lost_result": "fail",
    "stuck": "fail",
    "cancelled": "off",
}
MESSAGE_LOOKS = {"success": "ok", "error": "bad"}


@register.simple_block_tag(takes_context=True)
def component(context, content, name, **props):
    """Render templates/components/<name>.html with the enclosed markup as ``content``."""
    wrapper = context.template.engine.get_template(f"components/{name}.html")
    return wrapper.render(context.new({"content": content, **props}))


@register.simple_tag(takes_context=True)
def slot(context, name):
    """Render what apps above contribute to this slot."""
    return format_html_join("", "{}", ((render(context),) for render in slots.contents(name)))


@register.simple_tag
def constant(name):
    """Render a template, or its part ``file.html#part``, that depends on nothing but the language."""
    return (_render if settings.DEBUG else _render_once)(name, get_language())


def _render(name: str, language: str):
    return mark_safe(render_to_string(name))  # noqa: S308 - a template's own output


_render_once = cache(_render)


@register.simple_tag
def kept(part, **values):
    """Render a template, or a part of one (``file.html#part``), that depends only on the language and these values.

    The values are texts, numbers or None: the HTML is kept by them.
    """
    return (_render_with if settings.DEBUG else _keep_with)(part, get_language(), tuple(values.items()))


def _render_with(name: str, language: str, values: tuple):
    return mark_safe(render_to_string(name, dict(values)))  # noqa: S308 - a template's own output


_keep_with = lru_cache(maxsize=1000)(_render_with)
register.simple_tag(components.draw_icon, name="icon")
register.simple_tag(components.draw_tag, name="tag")
register.simple_tag(components.draw_progress, name="progress_bar")
register.simple_tag(components.draw_frame, name="frame")


class QuickURLNode(URLNode):
    """The tag ``url``, which remembers the addresses of pages and of rows with a UUID."""

    def render(self, context):
        values = [argument.resolve(context) for argument in self.args]
        if self.kwargs or not all(isinstance(value, UUID) for value in values) or len(values) > 1:
            return super().render(context)
        view = self.view_name.resolve(context)
        try:
            url = path_of(view, values[0]) if values else path_of_page(view)
        except NoReverseMatch:
            return super().render(context)
        if not self.asvar:
            return url
        context[self.asvar] = url
        return ""


@register.tag("url")
def parse_url(parser, token):
    node = defaulttags.url(parser, token)
    return QuickURLNode(node.view_name, node.args, node.kwargs, node.asvar)


class QuickTranslateNode(i18n.TranslateNode):
    """The tag ``translate`` for a text in quotation marks, which is translated once for each language."""

    def __init__(self, message: str, asvar: str | None, expression):
        super().__init__(expression, noop=False, asvar=asvar)
        self.message = message.replace("%", "%%")
        self.translated: dict[str | None, str] = {}

    def render(self, context):
        language = get_language()
        text = self.translated.get(language)
        if text is None:
            text = self.translated[language] = mark_safe(_(self.message).replace("%%", "%"))  # noqa: S308
        if not self.asvar:
            return text
        context[self.asvar] = text
        return ""


@register.tag("translate")
def parse_translate(parser, token):
    node = i18n.do_translate(parser, token)
    expression, message = node.filter_expression, node.filter_expression.var.literal
    if not isinstance(message, str) or expression.filters or node.message_context or node.noop:
        return node
    return QuickTranslateNode(message, node.asvar, expression)


@register.simple_tag
def ago(moment):
    """Render a relative time; js/relative-times.js updates it."""
    return format_html('<time datetime="{}" data-ago>{}</time>', moment.isoformat(), components.describe_age(moment))


@register.filter
def listed(items):
    """Return ``one, two`` with the separator of the language."""
    pair = _("%(one)s, %(next)s")
    return reduce(lambda one, following: pair % {"one": one, "next": following}, map(str, items)) if items else ""


@register.filter
def duration(seconds):
    """5 → ``5 s``, 4.5 → ``4.5 s``, 84 → ``1:24``, 3723 → ``1:02:03``, None → ``""``."""
    if seconds is None:
        return ""
    if seconds < 60:
        count = seconds if isinstance(seconds, int) else number_format(round(seconds, 1)).removesuffix(".0")
        return _("%(count)s s") % {"count": count}
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def timecode(seconds, fps=FPS):
    """1.5 → ``01+12``: whole seconds and frames, as on an exposure sheet."""
    whole, frames = divmod(round((seconds or 0) * fps), fps)
    return f"{whole:02}+{frames:02}"


@register.filter(name="bytes")
def byte_size(count):
    """2202009 → ``2.1 MB``, in steps of 1024; None → ``""``."""
    if count is None:
        return ""
    power = min(int(math.log(count, 1024)), 4) if count > 0 else 0
    figure = number_format(round(count / 1024**power, 1 if power else 0)).removesuffix(".0")
    return f"{figure} {('B', 'KB', 'MB', 'GB', 'TB')[power]}"


@register.filter
def look(state):
    """Return the look of a job's state: wait, work, done, fail or off."""
    return STATE_LOOKS.get(str(state), "wait")  # a state of a later version must not break the page


@register.filter
def ratio_class(ratio):
    """``16:9`` → ``ratio-16-9``."""
    return f"ratio-{ratio.replace(':', '-')}"


@register.filter
def thousandths(progress):
    """Return thousandths as a percentage with one decimal, for attributes."""
    return f"{(progress or 0) / 10:.1f}"


@register.filter
def initials(name):
    """Return two letters for an avatar: of the first two words, or the first two of a single word."""
    words = str(name).split("@")[0].replace(".", " ").split()
    letters = words[0][0] + words[1][0] if len(words) > 1 else "".join(words)[:2]
    return letters.upper() or "·"


@register.filter
def colour(name):
    """Return the class of an avatar colour, always the same for a name."""
    return f"colour-{crc32(str(name).encode()) % AVATAR_COLOURS}"


@register.filter
def breakable(address):
    """Allow line breaks in an address or email only after its punctuation, instead of inside words."""
    parts = [part for part in re.split(r"(?<=[/@.?&=_-])(?![/])", str(address)) if part]
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in parts))


@register.filter
def face(text):
    """Return ``own`` for Chinese, Japanese or Korean text: the display font has only the characters of our headings."""
    return "own" if any(ord(letter) > LAST_LATIN for letter in str(text)) else ""


@register.filter
def control(field, css_class="input"):
    """Render the widget of a form field with the CSS class of its type."""
    classes = {"select": "select", "textarea": "textarea", "checkbox": "checkbox", "radioselect": "checkbox radio"}
    return field.as_widget(attrs={"class": classes.get(field.widget_type, css_class)})


@register.filter
def toast_look(message):
    return next((look for tag, look in MESSAGE_LOOKS.items() if tag in message.tags.split()), "")


@register.filter
def undo_path(message):
    """Return the path after ``undo:`` in the extra tags of a message, or ""."""
    return _find_tag(message, "undo:")


@register.filter
def message_lack(message):
    """Return what a refused request lacks, which stands after ``lacks:``, or ""."""
    return _find_tag(message, "lacks:")


def _find_tag(message, prefix: str) -> str:
    tags = [tag for tag in message.tags.split() if tag.startswith(prefix)]
    return tags[0].removeprefix(prefix) if tags else ""
