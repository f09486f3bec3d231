"""Broken, lying, strange and innocent files, each with how it must end: `write(folder)` gives `{path: Expected}`.

Every file is made here, from a second or two of a tone, and is small. Verdicts are those of the sound, read as mono at
16 kHz, and of the pictures, one a second: `ok`, `partial` (with a note), `refused` (`MediaError`), `absent`
(`AbsentError`: nothing wrong, but no such modality).
"""

import bz2
import functools
import gzip
import io
import os
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import soundfile
from PIL import Image

RATE = 16_000


class Expected(NamedTuple):
    """How a file ends: `sound` with a note or reason that matches `reason`, and `pictures`."""

    sound: str
    reason: str = ""
    pictures: str = "absent"


def tone(seconds=1.0, rate=RATE):
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def wav(data=None, rate=RATE, channels=1, bits=16, form=1, size=None, align=None):
    """A WAV file by hand, so that its header can lie: `size` is what it says of the data, `align` of a frame."""
    data = (tone() * 2**15).astype("<i2").tobytes() if data is None else data
    size = len(data) if size is None else size
    align = channels * bits // 8 if align is None else align
    head = struct.pack("<IHHIIHH", 16, form, channels, rate, rate * align & 0xFFFFFFFF, align & 0xFFFF, bits)
    riff = struct.pack("<I", min(36 + size, 0xFFFFFFFF))
    return b"RIFF" + riff + b"WAVEfmt " + head + b"data" + struct.pack("<I", size) + data


def floats(samples, kind="<f4"):
    return wav(np.asarray(samples).astype(kind).tobytes(), bits=8 * np.dtype(kind).itemsize, form=3)


def chunks(*named):
    """A WAV file of these chunks, in this order; `None` stands for the usual "fmt " or "data"."""
    usual = wav()
    whole = {b"fmt ": usual[20:36], b"data": usual[44:]}
    body = b""
    for name, content in named:
        content = whole[name] if content is None else content
        body += name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


@functools.cache
def written(form, subtype=None, seconds=2.0, channels=1, rate=44_100):
    """A tone as libsndfile writes it."""
    file = io.BytesIO()
    samples = np.repeat(tone(seconds, rate)[:, None], channels, axis=1)
    soundfile.write(file, samples, rate, format=form, subtype=subtype)
    return file.getvalue()


@functools.cache
def muxed(form, sound=None, picture=None, options=(), seconds=2):
    """A tone, a video (10 pictures a second), or both, as FFmpeg writes them."""
    with tempfile.TemporaryDirectory() as folder:
        _mux(Path(folder) / "a", form, sound, picture, dict(options), seconds)
        return (Path(folder) / "a").read_bytes()


def _mux(path, form, sound, picture, options, seconds):
    with av.open(str(path), "w", format=form, options=options) as container:
        video = container.add_stream(picture, rate=10) if picture else None
        audio = container.add_stream(sound, rate=48_000, layout="mono") if sound else None
        if video is not None:
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            for number in range(10 * seconds):
                flat = np.full((48, 64, 3), 10 * number % 250, np.uint8)
                container.mux(video.encode(av.VideoFrame.from_ndarray(flat, format="rgb24")))
            container.mux(video.encode(None))
        if audio is not None:
            frame = av.AudioFrame.from_ndarray(tone(seconds, 48_000)[None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48_000, 0
            resampler = av.AudioResampler(format=audio.format.name, layout="mono", rate=48_000, frame_size=960)
            for part in resampler.resample(frame) + resampler.resample(None):
                container.mux(audio.encode(part))
            container.mux(audio.encode(None))


def cut(content, kept=2 / 3):
    return content[: int(len(content) * kept)]


def put(content, at, new):
    return content[:at] + new + content[at + len(new) :]


def id3(frame=b"TIT2\0\0\0\5\0\0\0abcd"):
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + frame


def boxes(content):
    """The outermost boxes of an MP4 file: name → bytes."""
    found, at = {}, 0
    while at < len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        found[content[at + 4 : at + 8]] = content[at : at + size]
        at += size
    return found


def png(width=40, height=30, rows=None):
    """A black picture by hand, so that its header can lie about the size."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = bytes(1 + (width + 7) // 8)
    squeeze = zlib.compressobj(9)
    data = b"".join(squeeze.compress(row) for _ in range(height if rows is None else rows)) + squeeze.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def picture(form, pictures=1):
    file = io.BytesIO()
    flat = [Image.fromarray(np.full((30, 40, 3), 60 * number, np.uint8)) for number in range(pictures)]
    more = {"save_all": True, "append_images": flat[1:], "duration": 500} if pictures > 1 else {}
    flat[0].save(file, form, **more)
    return file.getvalue()


def flac_length(samples):
    """A FLAC file whose header states this length: 36 bits that end 26 bytes into the file."""
    content = written("FLAC")
    kept = int.from_bytes(content[18:26], "big") >> 36 << 36
    return put(content, 18, (kept | samples).to_bytes(8, "big"))


def ogg_pages(content):
    starts = [at for at in range(len(content)) if content[at : at + 5] == b"OggS\0"]
    return [content[start:end] for start, end in zip(starts, [*starts[1:], len(content)], strict=True)]


def ogg_crc(page):
    """The page with its checksum put right (RFC 3533)."""
    value = 0
    for byte in put(page, 22, bytes(4)):
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return put(page, 22, struct.pack("<I", value))


@functools.cache
def noise_ogg():
    """Noise needs many pages."""
    file = io.BytesIO()
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 20 * 8000)
    soundfile.write(file, noise, 8000, format="OGG", subtype="VORBIS")
    return file.getvalue()


def ogg_with(change, which=4):
    pages = ogg_pages(noise_ogg())
    pages[which] = change(pages[which])
    return b"".join(pages)


def zipped(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wav", content)
    return file.getvalue()


def tarred(content):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("a.wav")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def element(name, body):
    """One element of Matroska."""
    return bytes.fromhex(name) + struct.pack(">Q", len(body) | 1 << 56) + body


def matroska(*elements):
    head = element("1A45DFA3", element("4282", b"matroska"))
    return head + element("18538067", b"".join(elements))


def matroska_words():
    """A track of subtitles, and nothing else."""
    track = element("D7", b"\1") + element("73C5", b"\1") + element("83", b"\x11") + element("86", b"S_TEXT/UTF8")
    info = element("1549A966", element("2AD7B1", struct.pack(">I", 1_000_000)))
    cluster = element("1F43B675", element("E7", b"\0") + element("A3", b"\x81\0\0\x80words"))
    return matroska(info, element("1654AE6B", element("AE", track)), cluster)


def matroska_with_attachment():
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        container.add_attachment("font.ttf", "application/x-truetype-font", b"no font " * 50)
        container.add_attachment("cover.png", "image/png", png())
        audio = container.add_stream("flac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray((tone() * 2**15).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return file.getvalue()


def mp3_frames(frames):
    """An MP3 whose first frame states this number of frames."""
    content = written("MP3")
    return put(content, content.index(b"Info" if b"Info" in content[:200] else b"Xing") + 8, struct.pack(">I", frames))


def ogg_end(samples):
    """An Ogg file whose last page states this length."""
    return ogg_with(lambda page: ogg_crc(put(page, 6, struct.pack("<Q", samples))), -1)


def middle(content, more=0):
    """Other bytes in the middle: in place of what is there or, if `more`, so many beside it."""
    at = len(content) // 2
    if more:
        return content[:at] + (bytes(range(256)) * 40)[:more] + content[at:]
    return put(content, at, bytes(range(256)) * 8)


def cover():
    """A tag with a picture, as players put it before an MP3."""
    body = b"\0image/png\0\3\0" + png()
    return id3(b"APIC" + struct.pack(">I", len(body)) + b"\0\0" + body)


def damaged_wave():
    samples = tone()
    samples[5:10], samples[20] = np.nan, np.inf
    return floats(samples)


def ffmpeg_mp4():
    return muxed("mp4", "aac", "mpeg4")


def refused(reason):
    return Expected("refused", reason, "refused")


def partial(reason, pictures="absent"):
    return Expected("partial", reason, pictures)


FAST = (("movflags", "faststart"),)
UNKNOWN = "no format that it knows"
NO_SOUND = "no sound in it, only video$"
NOT_WHOLE = r"^header promises \d\.\d s, \d\.\d s decoded"
VIDEO = Expected("absent", NO_SOUND, "ok")
NOTHING = refused(UNKNOWN)
CUT = Expected("partial", NOT_WHOLE)
OK = Expected("ok")

# name → (maker of its bytes, how it ends)
FILES: dict[str, tuple[Callable[[], bytes], Expected]] = {
    # cut off
    "cut.wav": (lambda: cut(wav()), CUT),
    "cut.aiff": (lambda: cut(written("AIFF")), CUT),
    "cut.flac": (lambda: cut(written("FLAC")), partial(f"{NOT_WHOLE}.*lost sync")),
    "cut.mp3": (lambda: cut(written("MP3")), CUT),
    "cut.ogg": (lambda: cut(noise_ogg()), partial("ends before its Ogg stream does")),
    "cut.opus": (lambda: cut(written("OGG", "OPUS", rate=48_000)), partial("ends before its Ogg stream")),
    "cut.au": (lambda: cut(written("AU")), CUT),
    "cut.w64": (lambda: cut(written("W64")), CUT),
    "cut.rf64": (lambda: cut(written("RF64")), CUT),
    "cut.caf": (lambda: cut(written("CAF")), partial("file is malformed")),
    "cut.adpcm.wav": (lambda: cut(written("WAV", "IMA_ADPCM")), partial(NOT_WHOLE)),
    "cut.m4a": (lambda: cut(muxed("ipod", "aac")), refused("Invalid data")),
    "cut_streaming.m4a": (
        lambda: cut(muxed("ipod", "aac", options=FAST)),
        partial(f"{NOT_WHOLE}.*packets"),
    ),
    "cut.mp4": (lambda: cut(muxed("mp4", "aac", "mpeg4", FAST)), partial(NOT_WHOLE, "partial")),
    "cut.mkv": (lambda: cut(muxed("matroska", "aac", "mpeg4")), partial(NOT_WHOLE, "partial")),
    "cut.webm": (lambda: cut(muxed("webm", "libopus")), CUT),
    "cut.aac": (lambda: cut(muxed("adts", "aac")), partial("1 of 65 packets are damaged")),
    "cut.png": (lambda: cut(picture("PNG"), 0.5), refused("only video")),
    "head.wav": (lambda: wav()[:30], refused("No 'data' chunk marker")),
    "odd.wav": (lambda: wav()[:-1], OK),
    # headers that lie
    "longer.wav": (
        lambda: wav(size=2 * RATE * 3600),
        partial(r"^header promises 3600\.0 s, 1\.0 s decoded$"),
    ),
    "shorter.wav": (lambda: wav(size=RATE), OK),
    "unknown_ffmpeg.wav": (lambda: wav(size=0xFFFFFFFF), OK),
    "unknown_sox.wav": (lambda: wav(size=0x7FFFF000), OK),
    "unknown_zero.wav": (lambda: wav(size=0), OK),
    "longer.flac": (lambda: flac_length(2**35), partial(r"^header promises \d+\.\d s, 2\.0 s decoded$")),
    "shorter.flac": (lambda: flac_length(1000), OK),
    "unknown.flac": (lambda: flac_length(0), OK),
    "longer.mp3": (lambda: mp3_frames(10**7), partial(r"^header promises \d+\.\d s, 2\.0 s decoded$")),
    "shorter.mp3": (lambda: mp3_frames(10), OK),
    "longer.ogg": (lambda: ogg_end(2**40), partial("^header promises")),
    "no_rate.wav": (lambda: wav(rate=0), refused(r"impossible rate \(0 Hz\?\)")),
    "rate_384k.wav": (lambda: wav(np.zeros(384_000, "<i2").tobytes() + b"\1\0" * 9, rate=384_000), OK),
    "rate_2M.wav": (lambda: wav(rate=2_000_000), refused("a rate of 2000000 Hz; 1 to 768000")),
    "no_channel.wav": (lambda: wav(channels=0), refused("Channel count is zero")),
    "channels_96.wav": (lambda: wav(b"\1\0" * 96 * RATE, channels=96), OK),
    "channels_200.wav": (
        lambda: wav(b"\1\0" * 80_000, channels=200),
        refused("200 channels; 1 to 128"),
    ),
    "channels_65535.wav": (lambda: wav(channels=65_535), refused("Too many channels")),
    "align_0.wav": (lambda: wav(align=0), OK),
    "align_9.wav": (lambda: wav(align=9), OK),
    "bits_0.wav": (lambda: wav(bits=0, align=2), refused("unimplemented format")),
    "adpcm_block_0.wav": (lambda: put(written("WAV", "IMA_ADPCM"), 32, b"\0\0"), OK),
    "adpcm_channels.wav": (
        lambda: put(written("WAV", "IMA_ADPCM"), 22, b"\xff\0"),
        refused("ADPCM"),
    ),
    "large.png": (lambda: png(9000, 9000), refused("only video")),
    "size.png": (lambda: png(60_000, 60_000, rows=10), refused("only video")),
    # samples that are no numbers, and none
    "nan.wav": (lambda: floats(np.full(9000, np.nan)), Expected("refused", "none of its 9000 samples is a finite")),
    "inf.wav": (lambda: floats(np.full(9000, -np.inf), "<f8"), Expected("refused", "none of its 9000 samples")),
    "some_nan.wav": (damaged_wave, partial("^6 of 16000 samples not finite, set to zero$")),
    "silent.wav": (lambda: wav(bytes(32_000)), partial("^digital silence$")),
    "empty.wav": (lambda: b"", refused(r"is empty \(0 bytes\)")),
    "byte.wav": (lambda: b"R", NOTHING),
    "none.wav": (lambda: wav(b""), refused("no samples")),
    "one.wav": (lambda: wav(b"\1\0"), Expected("refused", r"1 samples \(6\.25e-05 s\) is too short")),
    # damage in the middle
    "middle.flac": (lambda: middle(written("FLAC")), partial("lost sync")),
    "middle.mp3": (lambda: middle(written("MP3", seconds=4.0)), partial(NOT_WHOLE)),
    "between.mp3": (lambda: middle(written("MP3", seconds=4.0), more=9000), partial(NOT_WHOLE)),
    "page.ogg": (lambda: ogg_with(lambda page: put(page, 22, b"\1\2\3\4")), partial("damaged or missing")),
    "serial.ogg": (
        lambda: ogg_with(lambda page: ogg_crc(put(page, 14, b"\1\2\3\4"))),
        partial("damaged or missing pages of its Ogg stream: 2"),
    ),
    "moov.mp4": (
        lambda: put(ffmpeg_mp4(), ffmpeg_mp4().index(b"moov") + 40, bytes(range(200))),
        refused("nor anything else"),
    ),
    "moov_only.mp4": (
        lambda: boxes(ffmpeg_mp4())[b"ftyp"] + boxes(ffmpeg_mp4())[b"moov"],
        refused("packets are damaged"),
    ),
    "no_moov.mp4": (
        lambda: boxes(ffmpeg_mp4())[b"ftyp"] + boxes(ffmpeg_mp4())[b"mdat"],
        refused("Invalid data"),
    ),
    "sizes.mp4": (
        lambda: put(ffmpeg_mp4(), ffmpeg_mp4().index(b"stsz") + 12, b"\xff" * 4),
        refused("Invalid data"),
    ),
    # not what the name says
    "text.wav": (lambda: b"this is text\n" * 100, NOTHING),
    "text.mp4": (lambda: b"this is text\n" * 100, NOTHING),
    "page.mp3": (lambda: b"<!DOCTYPE html><html><body>404</body></html>", refused("no MPEG")),
    "tag.mp3": (lambda: id3() + bytes(300), refused("no MPEG frame found")),
    "noise.mp3": (lambda: np.random.default_rng(0).bytes(20_000), refused("no MPEG frame")),
    "zeros.mp3": (lambda: bytes(20_000), refused("no MPEG frame found")),
    "zip_bomb.wav": (lambda: zipped(bytes(2**25)), NOTHING),
    "zip_bomb.mp4": (lambda: zipped(bytes(2**25)), NOTHING),
    "gzip.wav": (lambda: gzip.compress(wav()), NOTHING),
    "bzip.ogg": (lambda: bz2.compress(wav()), NOTHING),
    "tar.flac": (lambda: tarred(wav()), NOTHING),
    "program.wav": (lambda: b"\x7fELF" + bytes(3000), NOTHING),
    "picture.wav": (png, VIDEO),
    "picture.mp3": (lambda: picture("JPEG"), VIDEO),
    "wav.mp3": (wav, OK),
    "mp3.wav": (lambda: written("MP3"), OK),
    "flac.ogg": (lambda: written("FLAC"), OK),
    "video.wav": (ffmpeg_mp4, Expected("ok", pictures="ok")),
    "sound.txt": (wav, OK),
    "sound": (lambda: written("OGG", "VORBIS"), OK),
    "text.vox": (lambda: b"this is text\n" * 100, NOTHING),
    # lists of other files, which must not be opened
    "list.m3u8": (lambda: b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nwav.mp3\n", NOTHING),
    "list.ffconcat": (lambda: b"ffconcat version 1.0\nfile wav.mp3\n", NOTHING),
    "list.pls": (lambda: b"[playlist]\nFile1=wav.mp3\n", NOTHING),
    "list.sdp": (lambda: b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=audio 5004 RTP/AVP 0\n", NOTHING),
    "list.svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="picture.wav"/></svg>', NOTHING),
    # one modality, and neither
    "video.mp4": (lambda: muxed("mp4", None, "mpeg4"), VIDEO),
    "video.webm": (lambda: muxed("webm", None, "libvpx"), VIDEO),
    "animation.gif": (lambda: picture("GIF", 4), VIDEO),
    "sound.mp4": (lambda: muxed("mp4", "aac"), OK),
    "cover.mp3": (lambda: cover() + written("MP3"), OK),
    "cover_only.mp3": (lambda: cover() + bytes(3000), refused("cannot be decoded")),
    "attachments.mkv": (matroska_with_attachment, OK),
    "words.mkv": (matroska_words, refused("no sound in it, only subtitle")),
    "nothing.mkv": (matroska, NOTHING),
    # unusual, and whole
    "list_first.wav": (lambda: chunks((b"LIST", b"INFO"), (b"fmt ", None), (b"JUNK", bytes(99)), (b"data", None)), OK),
    "data_first.wav": (lambda: chunks((b"data", None), (b"fmt ", None)), OK),
    "no_fmt.wav": (lambda: chunks((b"data", None)), refused("Error in WAV file")),
    "joined.ogg": (
        lambda: written("OGG", "VORBIS") * 2,
        partial("only the first of 2 Ogg streams was read"),
    ),
    "joined.mp3": (lambda: written("MP3") * 2, OK),
    "tagged.flac": (lambda: id3() + written("FLAC"), OK),
    "rf64.wav": (lambda: written("RF64"), OK),
    "w64.w64": (lambda: written("W64"), OK),
    "aiff.aif": (lambda: written("AIFF"), OK),
    "ulaw.wav": (lambda: written("WAV", "ULAW"), OK),
    "alaw.wav": (lambda: wav(b"\x55\x10" * 8000, bits=8, form=6), OK),
    "bits_24.wav": (lambda: written("WAV", "PCM_24"), OK),
    "double.wav": (lambda: written("WAV", "DOUBLE"), OK),
    "adpcm.wav": (lambda: written("WAV", "MS_ADPCM"), OK),
    "gsm.wav": (lambda: written("WAV", "GSM610", rate=8000), OK),
    "alac.caf": (lambda: written("CAF", "ALAC_16"), OK),
    "mp3_inside.wav": (lambda: wav(written("MP3"), form=0x55), OK),
    # names
    "größe 鐘 \U0001f514.wav": (wav, OK),
    "two\nlines\t'and\" quotes.wav": (wav, OK),
    "-i.wav": (wav, OK),
    "http:a.wav": (wav, OK),
    "concat:a|b.mp4": (ffmpeg_mp4, Expected("ok", pictures="ok")),
    "%00%d.wav": (wav, OK),
    "=1+1.wav": (wav, OK),
    "n" * 250 + ".wav": (wav, OK),
}


def write(folder):
    """All files, and what is no file: {path: how it ends}."""
    expected = {}
    for name, (make, how) in FILES.items():
        (folder / name).write_bytes(make())
        expected[folder / name] = how
    (folder / "folder.wav").mkdir()
    (folder / "dangling.wav").symlink_to(folder / "nowhere.wav")
    (folder / "circle.wav").symlink_to(folder / "circle.wav")
    os.mkfifo(folder / "fifo.wav")
    (folder / "linked.wav").symlink_to(folder / "wav.mp3")
    for name, reason in {
        "folder.wav": "not a regular file",
        "fifo.wav": "not a regular file",
        "dangling.wav": r"cannot be opened \(No such file",
        "circle.wav": r"cannot be opened \(Too many levels",
        "never_was.wav": r"cannot be opened \(No such file",
    }.items():
        expected[folder / name] = refused(reason)
    expected[folder / "linked.wav"] = OK
    if os.geteuid() != 0:  # root may read everything
        (folder / "secret.wav").write_bytes(wav())
        (folder / "secret.wav").chmod(0)
        expected[folder / "secret.wav"] = refused(r"cannot be opened \(Permission denied")
    return expected
