"""Static files as in production, but not compressed, which takes longer than all the rest of it."""

from common.web.staticfiles import BundledStaticFiles


class UncompressedStaticFiles(BundledStaticFiles):
    def compress_files(self, names):
        return ()
