"""The benchmark prints its documented values; their size is not tested."""

import json

from benchmarks import animatic as bench

DOCUMENTED = {"words_seconds", "words_vs_encode", "picture_vs_encode", "story_seconds", "peak_mb"}


def test_the_benchmark_ends_with_json_of_the_slowest_scene(monkeypatch, capsys):
    measured = {"hill": (2.0, 3.0, 200.0), "street": (3.456, 4.0, 300.0), "picture": (1.2, 2.0, 250.0)}

    def compare(name, folder):
        (folder / "raw.yuv").touch()
        return measured.get(name, (1.0, 6.789, 100.0))

    monkeypatch.setattr(bench.subprocess, "run", lambda *_args, **_more: None)
    monkeypatch.setattr(bench, "compare", compare)
    monkeypatch.setattr(bench, "measure_story", lambda: 31.44)
    monkeypatch.setattr(bench, "measure_drawing", lambda *_args: (60.0, 40.0, 555.5))

    bench.main()

    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(report) == DOCUMENTED and all(name in bench.__doc__ for name in DOCUMENTED)
    assert (report["words_vs_encode"], report["words_seconds"]) == (3.46, 6.79)
    assert (report["picture_vs_encode"], report["story_seconds"], report["peak_mb"]) == (1.2, 31.4, 556)


def test_the_benchmark_measures_real_drawing_and_encoding(tmp_path):
    cpu, wall, peak = bench.measure_drawing("hill", tmp_path, "128x72", 1)
    assert 0 < cpu < 600 and 0 < wall < 600 and 20 < peak < 2000
    assert (tmp_path / "out.mp4").stat().st_size > 1000

    raw = tmp_path / "raw.yuv"
    raw.write_bytes(bytes(range(256)) * (1280 * 720 * 3 // 2 * 3 // 256))  # three frames
    assert bench.measure_encoding(raw, tmp_path / "plain.mp4") > 0
    assert (tmp_path / "plain.mp4").stat().st_size > 1000
