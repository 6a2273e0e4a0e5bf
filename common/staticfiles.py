"""Static files as production serves them: named by their content, compressed, few."""

import posixpath
import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/main.css"
IMPORT = re.compile(r'@import url\("(?P<url>[^"]+)"\)(?: layer\((?P<layer>[\w-]+)\))?;\n')


class FoldedStatic(CompressedManifestStaticFilesStorage):
    """Sheets are folded into one, and modules name each other by content hash.

    While developing, the browser follows the imports itself; there is no build step to forget.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths, dry_run=False, **options):
        if SHEET in paths and not dry_run:
            self.delete(SHEET)
            self.save(SHEET, ContentFile(fold(paths).encode()))
            paths[SHEET] = (self, SHEET)
        yield from super().post_process(paths, dry_run=dry_run, **options)


def fold(paths) -> str:
    """The main sheet with each import replaced by what it names. ``paths``: name → (storage, path)."""

    def text(name):
        storage, path = paths[name]
        with storage.open(path) as sheet:
            return sheet.read().decode()

    def inside(found):
        name = posixpath.normpath(posixpath.join(posixpath.dirname(SHEET), found["url"]))
        return f"@layer {found['layer']} {{\n{text(name)}}}\n" if found["layer"] else text(name)

    return IMPORT.sub(inside, text(SHEET))
