"""Messages of the film pages: why a film cannot be made, and what users should know about a film."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.messages import Message, build_message, join_messages
from studio.timeline.scene_names import format_numbers, scene_name

TRY_AGAIN = gettext_lazy("Nothing was changed. Try again; if it happens again, contact the administrator.")
MESSAGES = {
    # the plan
    "empty": gettext_lazy("There are no scenes to make a film from. Write one first."),
    "trimmed_away": gettext_lazy("Nothing is left after trimming. Trim less."),
    "joins": gettext_lazy("A transition can last at most 10 seconds. Make it shorter."),
    "too_long_join": gettext_lazy(
        "The transitions before and after are longer than this part. Make one of them shorter."
    ),
    "format": gettext_lazy("This film size is not supported. Choose another."),
    "card": gettext_lazy("A card can last 1 to 60 seconds and have at most 270 characters. Change it."),
    "gain": gettext_lazy("The volume is raised or lowered too much. Choose less than 24 decibels."),
    # while the film is made
    "missing": gettext_lazy("The clip no longer exists. Draw the scene again, then make the film again."),
    "in_bin": gettext_lazy("The clip is in the trash. Restore it or choose another take, then make the film again."),
    "foreign": gettext_lazy("The clip belongs to another workspace, which is not allowed. Choose another take."),
    "changed": gettext_lazy("The clip is damaged or was replaced. Choose another take, then make the film again."),
    "frames": gettext_lazy("The length of the clip has changed. Make the film again."),
    "not_a_mezzanine": gettext_lazy("The clip cannot be merged as it is. Draw the scene again."),
    "undecodable": gettext_lazy("The clip cannot be played to the end. Draw the scene again."),
    "no_font": gettext_lazy("This studio has no font for the characters on a card. Use other characters."),
    "music": gettext_lazy("The music no longer exists or is damaged. Choose it again."),
    "not_allowed": gettext_lazy("The story is in the trash, or you can no longer edit it."),
    "not_stored": gettext_lazy("The film was not stored completely. Try again."),
    # the check of a finished film
    "length": gettext_lazy("The film is longer or shorter than planned, so it was not kept."),
    "order": gettext_lazy("The frames of the film were out of order, so it was not kept."),
    "window": gettext_lazy("A transition was wrong, so the film was not kept."),
    "copied": gettext_lazy("A scene was altered, so the film was not kept."),
    "drift": gettext_lazy("Sound and picture were out of sync, so the film was not kept."),
    "black": gettext_lazy("Part of the film was black, so it was not kept."),
    "frozen": gettext_lazy("Part of the film was frozen, so it was not kept."),
    "not_playable": gettext_lazy("The film could not be played, so it was not kept."),
    "tool": gettext_lazy("A tool for merging films failed."),
}
MUSIC_MESSAGES = {
    "missing": gettext_lazy("Choose a music track first."),
    "empty": gettext_lazy("The file is empty. Choose another."),
    "too_many_bytes": gettext_lazy("The file is larger than 100 MB. Save it as MP3 or M4A and try again."),
    "no_room": gettext_lazy(
        "The music of this workspace has reached the limit of 3 GB. Remove a track that no film needs."
    ),
    "music": gettext_lazy("This file contains no readable sound. Use MP3, M4A, Ogg, FLAC or WAV."),
    "too_costly": gettext_lazy("The file took too long to read. Save it as MP3 or M4A and try again."),
    "gone": gettext_lazy("This music track no longer exists. Choose another."),
}
CHECK_CODES = ("length", "order", "window", "copied", "drift", "black", "frozen", "not_playable", "tool")


def refusal_message(code: str, *, where: str = "") -> Message:
    """Return the message of an error code. ``where``: the name of the scene or card at fault, if any."""
    known = [build_message(f"film_{code}")] if code in MESSAGES else []
    again = [build_message("film_try_again")] if code in CHECK_CODES or not known else []
    message = join_messages(*known, *again)
    return build_message("with_subject", what=where, why=message) if where else message


def music_message(code: str) -> Message:
    return build_message(f"music_{code if code in MUSIC_MESSAGES else 'music'}")


def other_stories_message(count: int, title: str) -> str:
    """Return a message about other stories that use a music track; "" for none. ``title``: of one of these stories."""
    if count == 1:
        return _("“%(title)s” also uses this track; its next film would have no music.") % {"title": title}
    message = ngettext(
        "%(n)d other story also uses this track; its next film would have no music.",
        "%(n)d other stories also use this track; their next films would have no music.",
        count,
    )
    return message % {"n": count} if count else ""


def piece_name(piece: dict) -> Message:
    """Return the name of a piece of a stored plan: "Scene 3" or the name of the card."""
    if piece["kind"] == "card" and piece["place"] != "scene":
        return build_message("title_card" if piece["place"] == "title" else "end_card")
    return scene_name(piece["n"])


def not_drawn_message(numbers: list[int]) -> str:
    message = ngettext(
        "Scene %(numbers)s has no finished take yet. A draft is free and ready within a minute.",
        "Scenes %(numbers)s have no finished take yet. Drafts are free and ready within a minute.",
        len(numbers),
    )
    return message % {"numbers": format_numbers(numbers)}


def being_drawn_message(numbers: list[int]) -> str:
    message = ngettext(
        "Scene %(numbers)s is being drawn. Make the film when it is ready.",
        "Scenes %(numbers)s are being drawn. Make the film when they are ready.",
        len(numbers),
    )
    return message % {"numbers": format_numbers(numbers)}


def not_written_message(numbers: list[int]) -> str:
    message = ngettext(
        "Scene %(numbers)s is empty. Describe what happens in it, or delete it.",
        "Scenes %(numbers)s are empty. Describe what happens in them, or delete them.",
        len(numbers),
    )
    return message % {"numbers": format_numbers(numbers)}


def empty_scenes_message(numbers: list[int]) -> Message:
    return _about_scenes("note_empty_scenes", numbers)


def text_scenes_message(numbers: list[int]) -> Message:
    return _about_scenes("note_text_scenes", numbers)


def other_takes_message(numbers: list[int]) -> Message:
    return _about_scenes("note_other_takes", numbers)


def new_takes_message(numbers: list[int]) -> Message:
    return _about_scenes("note_new_takes", numbers)


def older_text_message(numbers: list[int]) -> Message:
    return _about_scenes("note_older_text", numbers)


def earlier_look_message(numbers: list[int]) -> Message:
    return _about_scenes("note_earlier_look", numbers)


def _about_scenes(code: str, numbers: list[int]) -> Message:
    return build_message(code, numbers={"scenes": numbers}, n=len(numbers))


def shortened_message(wanted: int, given: int, who: str) -> Message:
    """Return why a transition has only ``given`` of ``wanted`` frames. ``who``: the scene or card that is too short."""
    return build_message("note_shortened" if given else "note_cut", wanted=wanted, given=given, who=who)
