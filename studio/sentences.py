"""Sentences about stories and films that are stored: why scenes, films and requests to language models failed."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from studio.films.messages import MESSAGES, MUSIC_MESSAGES, TRY_AGAIN

DRAWING = {
    "run_progress": _("%(done)s of %(all)s"),
    "run_not_allowed": _("The story is in the trash, or you can no longer edit it. No further scenes were submitted."),
    "clip_removed": _("The clip was removed."),
    "scene_locked": _("The scene was locked or deleted before its turn."),
    "scene_drawn_meanwhile": _("The scene was drawn in the meantime, so it was not submitted again."),
    "previous_not_drawn": _("Skipped because the previous scene was not drawn."),
    "run_cancelled": _("Cancelled before its turn."),
    "foreign_content": _("This scene uses content of another workspace, which is not allowed."),
    "scene_changed": _("This scene has changed since you confirmed. Review the quote again."),
    "scene_price_rose": _("The price is now higher than you agreed to, so the scene was not submitted."),
    "provider_gone": _("The selected provider is no longer available. Choose another."),
    "with_subject": _("%(what)s: %(why)s"),
    "scenes_refused": ngettext_lazy("Scene %(numbers)s: %(why)s", "Scenes %(numbers)s: %(why)s", "n"),
    "scenes_not_drawn": ngettext_lazy(
        "%(n)d of %(all)d scenes was not drawn. Finished scenes are kept.",
        "%(n)d of %(all)d scenes were not drawn. Finished scenes are kept.",
        "n",
    ),
    "scenes_not_charged": ngettext_lazy(
        "%(n)d of %(all)d scenes was not drawn. Finished scenes are kept; nothing was charged for the rest.",
        "%(n)d of %(all)d scenes were not drawn. Finished scenes are kept; nothing was charged for the rest.",
        "n",
    ),
}
FILMS = {
    "note_empty_scenes": ngettext_lazy(
        "Scene %(numbers)s has neither text nor an image, so it plays as an empty card with its number.",
        "Scenes %(numbers)s have neither text nor an image, so they play as empty cards with their numbers.",
        "n",
    ),
    "note_text_scenes": ngettext_lazy(
        "Scene %(numbers)s has no finished take yet, so it plays as a card with its text.",
        "Scenes %(numbers)s have no finished take yet, so they play as cards with their text.",
        "n",
    ),
    "note_other_takes": ngettext_lazy(
        "Scene %(numbers)s plays another take because the selected one is in the trash.",
        "Scenes %(numbers)s play other takes because the selected ones are in the trash.",
        "n",
    ),
    "note_new_takes": ngettext_lazy(
        "Scene %(numbers)s has a new take that the film does not show yet. Use it on the storyboard.",
        "Scenes %(numbers)s have new takes that the film does not show yet. Use them on the storyboard.",
        "n",
    ),
    "note_older_text": ngettext_lazy(
        "Scene %(numbers)s was drawn from an older text.", "Scenes %(numbers)s were drawn from older texts.", "n"
    ),
    "note_earlier_look": ngettext_lazy(
        "Scene %(numbers)s shows a character’s earlier look.",
        "Scenes %(numbers)s show a character’s earlier look.",
        "n",
    ),
    "note_cut": _("%(who)s is too short for a transition of %(wanted)d frames, so it is a cut."),
    "note_shortened": _("Only %(given)d of %(wanted)d frames fit, because %(who)s is too short."),
    "film_try_again": TRY_AGAIN,
    "title_card": _("The title card"),
    "end_card": _("The end card"),
    "scene_name": _("Scene %(n)s"),
}
DIRECTOR = {
    "story_not_editable": _("The story is in the trash, or you can’t edit it."),
}
STORY_TEMPLATES = {
    "template_version": _("This template was made by another version of the studio and cannot be read."),
    "template_unreadable": _("The template cannot be read: a value in it is not valid. Nothing was saved."),
    "template_empty": _("The template has no scene with words. Nothing was saved."),
    "template_cast": _("Two characters of the template have the same name."),
    "template_too_large": _("The template is too large: at most %(most)s of “%(what)s” are possible."),
    "template_text_too_long": _("A text of the template is too long. Shorten what you filled in."),
    "template_blank_name": _(
        "“{%(name)s}” cannot name a blank: use at most 24 letters, digits and spaces, and begin with a letter."
    ),
    "template_blank_twice": _("Two blanks have the same name."),
    "template_blank_missing": _("The blank “{%(name)s}” is used in a text but has no question."),
    "template_blank_unused": _("The blank “{%(name)s}” does not occur in any text."),
    "template_blank_cycle": _("The blank “{%(name)s}” contains another blank. Write plain words there."),
}
SENTENCES = {
    **STORY_TEMPLATES,
    **DRAWING,
    **FILMS,
    **DIRECTOR,
    **{f"film_{code}": sentence for code, sentence in MESSAGES.items()},
    **{f"music_{code}": sentence for code, sentence in MUSIC_MESSAGES.items()},
}
