"""Ingest each file once per session: what ffmpeg makes of a video is tested in tests/generation/media.

Tests of jobs, pages and charges send the same two seconds through the workers hundreds of times. The first ingest of a
file is real, the following ones copy its results.
"""

import hashlib
import shutil
from dataclasses import replace

import pytest

from generation.media import ffmpeg
from generation.media.errors import FfmpegUnavailable
from generation.media.ingest import KINDS, TOTAL_STEPS, ingest


class CachedIngest:
    """``ingest`` with a cache by content and options. Bypassed while a test replaces ffmpeg."""

    def __init__(self, folder):
        self.folder, self.results, self.binary = folder, {}, ffmpeg.find_binary()

    def __call__(self, source, workdir, *, progress, is_cancelled, **options):
        if not self._has_real_ffmpeg():
            return ingest(source, workdir, progress=progress, is_cancelled=is_cancelled, **options)
        key = hashlib.sha256(source.read_bytes()).digest(), repr(sorted(options.items()))
        if key not in self.results:
            result = ingest(source, workdir, progress=progress, is_cancelled=is_cancelled, **options)
            self.results[key] = self._copy(result, self.folder / str(len(self.results)))
            return result
        progress(TOTAL_STEPS, TOTAL_STEPS)
        return self._copy(self.results[key], workdir)

    def _has_real_ffmpeg(self) -> bool:
        try:
            return ffmpeg.find_binary() == self.binary
        except FfmpegUnavailable:
            return False

    def _copy(self, result, folder):
        folder.mkdir(exist_ok=True)
        return replace(result, **{kind: shutil.copyfile(getattr(result, kind), folder / kind) for kind in KINDS})


@pytest.fixture(scope="session")
def shared_ingests(tmp_path_factory):
    return CachedIngest(tmp_path_factory.mktemp("ingests"))


@pytest.fixture(autouse=True)
def share_ingests(shared_ingests, monkeypatch):
    monkeypatch.setattr("generation.media.ingest.ingest", shared_ingests)
