"""The history of what was asked: the prompts of the clips, and of the scenes, that a user may see."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from accounts.viewer import Viewer
from generation import access
from generation.hooks import ClipHooks
from generation.models import PromptStar

PAGE = 30
WINDOW = 4  # rows read for each that is shown, since many clips have the same prompt


@dataclass(frozen=True)
class Asked:
    """A prompt, when it was asked last, and the page of the clip or scene."""

    text: str
    at: datetime
    url: str = ""
    title: str = ""

    @property
    def key(self) -> str:
        return build_key(self.text)


def build_key(text: str) -> str:
    """Return the key of the star on an asked prompt."""
    return "asked-" + hashlib.sha256(text.encode()).hexdigest()


def list_asked(viewer: Viewer, words: str = "", before: datetime | None = None) -> tuple[list[Asked], datetime | None]:
    """Return the newest different prompts, and the time before which the next page begins; None on the last page."""
    limit = PAGE * WINDOW
    sources = [_list_clips(viewer, words, before, limit)]
    sources += [find(viewer, words, before, limit) for find in ClipHooks.values_of("asked_prompts")]
    rows = list(merge(*sources, key=lambda asked: asked.at, reverse=True))[:limit]
    found: dict[str, Asked] = {}
    last = before
    for asked in rows:
        if asked.text not in found and len(found) == PAGE:
            return list(found.values()), last
        found.setdefault(asked.text, asked)
        last = asked.at
    return list(found.values()), last if len(rows) == limit else None


def _list_clips(viewer: Viewer, words: str, before: datetime | None, limit: int) -> Iterable[Asked]:
    clips = access.visible_clips(viewer.at_hand).exclude(prompt="").filter(take=1)
    for find_grouped in ClipHooks.values_of("grouped_clips"):  # of scenes, which are listed by their own prompts
        clips = clips.exclude(pk__in=find_grouped())
    clips = filter_asked(clips, words, before)
    return [Asked(clip.prompt, clip.created_at, clip.get_absolute_url(), clip.title) for clip in clips[:limit]]


def filter_asked(rows, words: str, before: datetime | None):
    """Return the rows whose prompt contains all words, newest first."""
    for word in words.split():
        rows = rows.filter(prompt__icontains=word)
    return (rows.filter(created_at__lt=before) if before else rows).order_by("-created_at")


def list_starred(user, words: str = "") -> list[Asked]:
    """Return the asked prompts that the user starred."""
    rows = PromptStar.objects.filter(user=user.pk).exclude(text="").order_by("-created_at")
    for word in words.split():
        rows = rows.filter(text__icontains=word)
    return [Asked(star.text, star.created_at) for star in rows[: PAGE * WINDOW]]
