"""Recordings and videos that the tests of media write themselves."""

import struct

import av
import numpy as np
import pytest
import soundfile


@pytest.fixture(scope="session")
def tone():
    """440 Hz at amplitude 0.3: `tone(seconds, rate_hz)`."""

    def make(seconds=1.0, rate_hz=44_100, hz=440.0):
        return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def loudest_hz():
    """The frequency with the most energy."""

    def find(samples, rate_hz):
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
        return float(np.argmax(spectrum) * rate_hz / len(samples))

    return find


@pytest.fixture(scope="session")
def wav_bytes():
    """A WAV file by hand, so that its header can lie: `size` is what it says of the data."""

    def make(data=b"\1\0" * 16_000, rate_hz=16_000, channels=1, bits=16, form=1, size=None):
        size = len(data) if size is None else size
        frame = channels * bits // 8
        head = struct.pack("<IHHIIHH", 16, form, channels, rate_hz, rate_hz * frame & 0xFFFFFFFF, frame, bits)
        riff = struct.pack("<I", min(36 + size, 0xFFFFFFFF))
        return b"RIFF" + riff + b"WAVEfmt " + head + b"data" + struct.pack("<I", size) + data

    return make


@pytest.fixture(scope="session")
def video_file(tone):
    """A video (10 pictures a second, each 10 brighter than the last) and or a tone, in any container FFmpeg writes."""

    def write(path, *, sound=None, picture="mpeg4", pictures=20, metadata=None):
        with av.open(str(path), "w") as container:
            container.metadata.update(metadata or {})
            video = container.add_stream(picture, rate=10) if picture else None
            audio = container.add_stream(sound, rate=48_000, layout="mono") if sound else None
            if video is not None:
                video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
                for number in range(pictures):
                    flat = np.full((48, 64, 3), 10 * number, np.uint8)
                    container.mux(video.encode(av.VideoFrame.from_ndarray(flat, format="rgb24")))
                container.mux(video.encode(None))
            if audio is not None:
                frame = av.AudioFrame.from_ndarray(tone(2.0, 48_000)[None], format="fltp", layout="mono")
                frame.sample_rate, frame.pts = 48_000, 0
                resampler = av.AudioResampler(format=audio.format.name, layout="mono", rate=48_000, frame_size=960)
                for part in resampler.resample(frame) + resampler.resample(None):
                    container.mux(audio.encode(part))
                container.mux(audio.encode(None))
        return path

    return write


@pytest.fixture(scope="session")
def recordings(tmp_path_factory, tone):
    """Four stereo seconds in each format of libsndfile that people use: `{suffix: bytes}`."""
    folder = tmp_path_factory.mktemp("recordings")
    stereo = np.stack([tone(4.0), 0.5 * tone(4.0)], axis=1)
    contents = {}
    for suffix in (".wav", ".flac", ".ogg", ".mp3", ".aiff"):
        soundfile.write(folder / f"a{suffix}", stereo, 44_100)
        contents[suffix] = (folder / f"a{suffix}").read_bytes()
    return contents
