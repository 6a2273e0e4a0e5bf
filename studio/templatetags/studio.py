"""Template filters of the studio. None of them makes database queries."""

import json

from django import template

from accounts.billing.money import describe_total, money
from generation.media import storage
from generation.offers.durations import describe_wait
from studio.models import Scene, Story
from studio.timeline.fields import IMAGE_LABELS
from studio.timeline.scene_names import format_numbers

register = template.Library()
register.filter("about_time", describe_wait)
KEY_LOOKS = {"done": "on", "work": "now", "fail": "bad"}


@register.filter
def get_item(values: dict, key):
    return values.get(key)


@register.filter
def as_json(values) -> str:
    return json.dumps(values, ensure_ascii=False)


@register.filter
def same(first, second) -> bool:
    return first == second


@register.filter
def key_look(panel) -> str:
    """Return the class of a scene's number: "on" if done, "now" while it is drawn, "bad" if it failed, otherwise ""."""
    return KEY_LOOKS.get(panel.state, "")


@register.filter
def final_share(story) -> int:
    """Return the percentage of scenes that show a final take."""
    return 100 * story.final_count // story.scene_count if story.scene_count else 0


@register.filter
def in_money(amount: int, currency: str) -> str:
    return money(amount, currency)


@register.filter
def film_poster(film) -> str:
    """Return a signed link to the film's poster; "" if the film is not ready."""
    return storage.create_link(film.poster_key) if film.is_ready else ""


@register.filter
def film_sprite(film) -> str:
    """Return a signed link to the strip of small pictures for seeking; "" if there is none."""
    return storage.create_link(film.sprite_key) if film.is_ready and film.sprite_tiles else ""


@register.filter
def join_label(kind: str) -> str:
    return str(Scene.Join(kind).label)


@register.filter
def numbers(scenes: list[int]) -> str:
    return format_numbers(scenes)


@register.filter
def format_total(quote) -> str:
    return describe_total(quote.totals, is_known=quote.price_is_known)


@register.filter
def picture_parts(scene) -> list[dict]:
    """Return name, label and link ("" if there is none) of each kind of image of a scene."""
    rows = [(name, label, getattr(scene, name)) for name, label in IMAGE_LABELS.items()]
    return [
        {"name": name, "label": label, "url": storage.create_link(row.key) if row else ""} for name, label, row in rows
    ]


@register.filter
def story_field(name: str) -> str:
    return str(Story._meta.get_field(name).verbose_name)


@register.filter
def first_picture(character) -> str:
    """Return a signed link to the character's first reference image; "" if there is none."""
    first = next(iter(character.pictures.all()), None)
    return storage.create_link(first.picture.key) if first else ""
