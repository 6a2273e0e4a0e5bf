"""Sentences about remixes."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "remix_picture": _("The frame is too small to start a clip from. Nothing was copied."),
    "remix_gone": _("The work was withdrawn, or its file was replaced. Nothing was copied."),
}
