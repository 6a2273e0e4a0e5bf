"""Sentences about story templates and remixes."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
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
    "remix_picture": _("The frame is too small to start a clip from. Nothing was copied."),
    "remix_gone": _("The work was withdrawn, or its file was replaced. Nothing was copied."),
    "template_blank_cycle": _("The blank “{%(name)s}” contains another blank. Write plain words there."),
}
