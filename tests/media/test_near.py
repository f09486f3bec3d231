"""Pictures of a stretch are the same bytes whether decoding began near it or at the beginning."""

from fractions import Fraction

import av
import numpy as np
import pytest

from heterophony.media import iter_seconds, video_source

UNEVEN = [Fraction(round(1000 * n / 12 + 30 * np.sin(n)), 1000) for n in range(144)]
EVEN = [Fraction(n, 12) for n in range(144)]
KINDS = {
    "h264-b.mp4": ("libx264", {"g": "24", "bf": "3", "x264-params": "b-pyramid=normal:scenecut=0"}, EVEN),
    "h264-open.mp4": ("libx264", {"x264-params": "keyint=24:bframes=3:open-gop=1:scenecut=0"}, EVEN),
    "h264.mkv": ("libx264", {"g": "24", "bf": "2"}, EVEN),
    "uneven.mkv": ("libx264", {"g": "24", "bf": "3"}, UNEVEN),
    "uneven.mp4": ("libx264", {"g": "24", "bf": "3"}, UNEVEN),
    "late.mp4": ("libx264", {"g": "24", "bf": "3"}, [7 + time for time in EVEN]),
    "late.mkv": ("libx264", {"g": "24", "bf": "3"}, [7 + time for time in EVEN]),
    "vp9.webm": ("libvpx-vp9", {"g": "24", "deadline": "realtime", "cpu-used": "8"}, EVEN),
    "vp8.webm": ("libvpx", {"g": "24", "deadline": "realtime"}, EVEN),
    "mpeg4.mp4": ("mpeg4", {"g": "24", "bf": "2"}, EVEN),
    "png.mov": ("png", {}, EVEN),
    "ffv1.mkv": ("ffv1", {"g": "12"}, EVEN),
}
NOT = {
    "refreshed.mp4": ("libx264", {"x264-params": "keyint=24:intra-refresh=1:bframes=0"}, EVEN),
    "mpeg4.avi": ("mpeg4", {"g": "24"}, EVEN),
    "mpeg2.ts": ("mpeg2video", {"g": "24", "bf": "2"}, EVEN),
    "one_key.mp4": ("libx264", {"g": "1000", "x264-params": "scenecut=0"}, EVEN),
}
STRETCHES = [(1.0, 3.0), (2.0, 4.0), (4.3, 6.1), (7.95, 9.0), (10.5, 30.0), (11.9, 13.0)]


def write(path, codec, options, times):
    """A square that wanders over noise, so that every picture needs those before it."""
    rng = np.random.default_rng(0)
    ground = rng.integers(0, 255, (64, 96, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=12, options=options)
        stream.width, stream.height = 96, 64
        stream.pix_fmt = {"png": "rgb24", "ffv1": "bgr0"}.get(codec, "yuv420p")
        stream.codec_context.time_base = Fraction(1, 1000 if times is UNEVEN else 12)
        stream.codec_context.thread_count = 1
        for number, time in enumerate(times):
            picture = np.roll(ground, number, axis=1)
            picture[10:30, (3 * number) % 70 : (3 * number) % 70 + 20] = number
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=stream.pix_fmt, threads=1)
            frame.time_base = stream.codec_context.time_base
            frame.pts = round(time / frame.time_base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("near")
    for name, kind in {**KINDS, **NOT}.items():
        write(folder / name, *kind)
    return folder


def seen(path, stretch, **settings):
    return [second.tobytes() for second in iter_seconds(path, (0.0, 0.5), 32, "crop", stretch=stretch, **settings)]


@pytest.mark.parametrize("name", [*KINDS, *NOT])
def test_pictures_are_those_decoded_from_the_beginning(folder, name, monkeypatch):
    found, real = [], video_source.near
    monkeypatch.setattr(video_source, "near", lambda *rest: found.append(real(*rest)) or found[-1])
    near = [seen(folder / name, stretch) for stretch in STRETCHES]
    both = [seen(folder / name, stretch, threads=2) for stretch in STRETCHES]
    monkeypatch.setattr(video_source, "near", lambda *rest: None)
    from_the_beginning = [seen(folder / name, stretch) for stretch in STRETCHES]
    assert near == from_the_beginning
    assert both == from_the_beginning
    assert [len(seconds) for seconds in near] == [2, 2, 2, 2, 1, 1]
    if name in KINDS:
        assert None not in found
    elif name != "one_key.mp4":
        assert None in found


def test_decoding_begins_near_the_stretch(folder, monkeypatch):
    decoded, real = [], video_source.Shown
    monkeypatch.setattr(video_source, "Shown", lambda *rest: decoded.append(1) or real(*rest))
    seen(folder / "h264-b.mp4", (8.0, 9.0))
    assert len(decoded) < 30, "a second of 12 pictures, and what lies between the key frame and it"
    decoded.clear()
    seen(folder / "mpeg4.avi", (8.0, 9.0))
    assert len(decoded) > 96
