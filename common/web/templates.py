"""Template loaders that drop the indentation of HTML templates, which a page need not send."""

import re

from django.template.loaders.app_directories import Loader as AppLoader
from django.template.loaders.filesystem import Loader as FileLoader

INDENTATION = re.compile(r"\n[ \t]+")


class _Unindented:
    """Drops the blanks at the beginning of lines, of HTML only: text files keep their form."""

    def get_contents(self, origin) -> str:
        text = super().get_contents(origin)  # type: ignore[misc]
        return INDENTATION.sub("\n", text) if origin.template_name.endswith(".html") else text


class FileTemplates(_Unindented, FileLoader):
    """Templates of TEMPLATES["DIRS"]."""


class AppTemplates(_Unindented, AppLoader):
    """Templates of installed apps."""
