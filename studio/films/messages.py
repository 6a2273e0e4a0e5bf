"""Why there is no film, in words for people: one table for what speaks against a plan and for what broke a merge.

Nothing is ever charged for a film, and a film that is not made leaves everything else as it was.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

AGAIN = gettext_lazy("Nothing was changed. Try again; if it happens again, tell the studio's operator.")
WORDS = {
    # what is asked for
    "empty": gettext_lazy("There is no scene to make a film of. Write one first."),
    "trimmed_away": gettext_lazy("Nothing is left of it after trimming. Trim less."),
    "joins": gettext_lazy("A join lasts at most 10 seconds. Make it shorter."),
    "too_long_join": gettext_lazy("It is shorter than the joins before and after it. Make one of them shorter."),
    "format": gettext_lazy("A film cannot have this size. Choose another one."),
    "card": gettext_lazy("A card stays 1 to 60 seconds and holds at most 270 letters. Change it."),
    "gain": gettext_lazy("It is made too much louder or softer. Choose less than 24 decibels."),
    # what was found while it was made
    "missing": gettext_lazy("Its clip is not there any more. Draw the scene again, then make the film anew."),
    "in_bin": gettext_lazy("Its clip is in the bin. Bring it back or choose another take, then make the film anew."),
    "foreign": gettext_lazy("Its clip belongs to another workspace, which is not allowed. Choose another take."),
    "changed": gettext_lazy("Its clip is damaged or was exchanged. Choose another take, then make the film anew."),
    "frames": gettext_lazy("Its clip is not as long as it was. Make the film anew."),
    "not_a_mezzanine": gettext_lazy("Its clip cannot be joined as it is. Draw the scene again."),
    "undecodable": gettext_lazy("Its clip cannot be played to its end. Draw the scene again."),
    "no_font": gettext_lazy("This studio has no letters for the words of a card. Write it in other letters."),
    "music": gettext_lazy("The music is not there any more, or it is damaged. Choose it again."),
    "not_allowed": gettext_lazy("The story is in the bin, or you may not change it any more."),
    "not_stored": gettext_lazy("The film did not arrive in the store whole. Try again."),
    # what the check of a finished film found
    "length": gettext_lazy("The film came out longer or shorter than planned, so it was not kept."),
    "order": gettext_lazy("Frames of the film were not in order, so it was not kept."),
    "window": gettext_lazy("A join came out wrong, so the film was not kept."),
    "copied": gettext_lazy("A scene came out changed, so the film was not kept."),
    "drift": gettext_lazy("Sound and picture were not in step, so the film was not kept."),
    "black": gettext_lazy("A part of the film came out black, so it was not kept."),
    "frozen": gettext_lazy("A part of the film stood still, so it was not kept."),
    "not_playable": gettext_lazy("The film could not be played, so it was not kept."),
    "tool": gettext_lazy("A tool that joins films broke."),
}
MUSIC_WORDS = {
    "missing": gettext_lazy("Choose a piece of music first."),
    "empty": gettext_lazy("The file is empty. Choose another one."),
    "too_many_bytes": gettext_lazy("The file is larger than 100 MB. Save it as MP3 or M4A and try again."),
    "no_room": gettext_lazy("The music of this workspace fills its 3 GB. Remove a piece that no film needs."),
    "music": gettext_lazy("There is no sound in this file that can be read. Use MP3, M4A, Ogg, FLAC or WAV."),
    "too_costly": gettext_lazy("The file took too long to read. Save it as MP3 or M4A and try again."),
    "gone": gettext_lazy("This piece of music is not here any more. Choose another."),
}
CHECKED = ("length", "order", "window", "copied", "drift", "black", "frozen", "not_playable", "tool")


def refusal_words(code: str, *, where: str = "") -> str:
    """One sentence or two; ``where`` names the scene or card it is about."""
    words = str(WORDS.get(code, AGAIN))
    if code in CHECKED:
        words = f"{words} {AGAIN}"
    return _("%(where)s: %(words)s") % {"where": where, "words": words} if where else words


def music_words(code: str) -> str:
    return str(MUSIC_WORDS.get(code, MUSIC_WORDS["music"]))


def also_under(count: int, title: str) -> str:
    """Which other stories lose a piece of music that is removed; ``title`` is that of one of them."""
    if count == 1:
        return _("“%(title)s” uses it too; its next film would be without music.") % {"title": title}
    words = ngettext(
        "%(n)d other story uses it too; its next film would be without music.",
        "%(n)d other stories use it too; their next films would be without music.",
        count,
    )
    return words % {"n": count} if count else ""


def piece_name(piece: dict) -> str:
    """ "Scene 3", or which card it is; of a frozen piece."""
    if piece["kind"] == "card" and piece["place"] != "scene":
        return _("The title card") if piece["place"] == "title" else _("The end card")
    return scene_name(piece["n"])


def scene_name(n: int) -> str:
    return _("Scene %(n)s") % {"n": n}


def numbers(found: list[int]) -> str:
    """ "2, 5 and 7", at most a dozen of them."""
    shown, comma = [str(n) for n in found[:12]], pgettext("between the numbers of scenes", ", ")
    if len(found) > 12:
        return _("%(numbers)s and %(n)d more") % {"numbers": comma.join(shown), "n": len(found) - 12}
    if len(shown) < 2:
        return "".join(shown)
    return _("%(numbers)s and %(last)s") % {"numbers": comma.join(shown[:-1]), "last": shown[-1]}


def not_drawn(found: list[int]) -> str:
    words = ngettext(
        "Scene %(numbers)s has no finished take yet. Its animatic is drawn free and is ready within a minute.",
        "Scenes %(numbers)s have no finished take yet. Their animatics are drawn free and are ready within a minute.",
        len(found),
    )
    return words % {"numbers": numbers(found)}


def being_drawn(found: list[int]) -> str:
    words = ngettext(
        "Scene %(numbers)s is being drawn. Make the film when it is ready.",
        "Scenes %(numbers)s are being drawn. Make the film when they are ready.",
        len(found),
    )
    return words % {"numbers": numbers(found)}


def not_written(found: list[int]) -> str:
    words = ngettext(
        "Nothing is written in scene %(numbers)s yet. Write what happens in it, or delete it.",
        "Nothing is written in scenes %(numbers)s yet. Write what happens in them, or delete them.",
        len(found),
    )
    return words % {"numbers": numbers(found)}


def refusal_of(found: list[int], why: str) -> str:
    """ "Scene 2: why", for one or several scenes that were refused for the same reason."""
    words = ngettext("Scene %(numbers)s: %(why)s", "Scenes %(numbers)s: %(why)s", len(found))
    return words % {"numbers": numbers(found), "why": why}


def plays_empty(found: list[int]) -> str:
    words = ngettext(
        "Scene %(numbers)s has neither words nor a picture: it plays as an empty card with its number.",
        "Scenes %(numbers)s have neither words nor a picture: they play as empty cards with their numbers.",
        len(found),
    )
    return words % {"numbers": numbers(found)}


def plays_another(found: list[int]) -> str:
    words = ngettext(
        "Scene %(numbers)s plays another take: the one that was chosen is in the bin.",
        "Scenes %(numbers)s play other takes: those that were chosen are in the bin.",
        len(found),
    )
    return words % {"numbers": numbers(found)}


def older_words(found: list[int]) -> str:
    words = ngettext("Scene %(numbers)s shows older words.", "Scenes %(numbers)s show older words.", len(found))
    return words % {"numbers": numbers(found)}


def earlier_look(found: list[int]) -> str:
    words = ngettext(
        "Scene %(numbers)s shows somebody as they looked before.",
        "Scenes %(numbers)s show somebody as they looked before.",
        len(found),
    )
    return words % {"numbers": numbers(found)}


def shortened_words(wanted: int, given: int, who: str) -> str:
    """Why a join is shorter than asked. Frames; ``who`` is the scene or card that is too short for more."""
    if not given:
        words = _("%(who)s is too short for a join of %(wanted)d frames, so it is a cut.")
        return words % {"who": who, "wanted": wanted}
    words = _("Only %(given)d of %(wanted)d frames fit: %(who)s is too short for more.")
    return words % {"given": given, "wanted": wanted, "who": who}
