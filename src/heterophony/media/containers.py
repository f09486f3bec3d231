"""Opening files with FFmpeg (through PyAV) without letting a file reach beyond itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.container

from heterophony.errors import MediaError
from heterophony.media.limits import Limits

# Containers whose stated duration is counted and not guessed from a bit rate.
_COUNTING = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "asf", "caf")
ENDS = ("matroska,webm",)
"""Containers that say when they end, not how long they are."""

# Demuxers that read one file and nothing else: no playlists (hls, concat, dash), no numbered pictures, no text art.
DEMUXERS = (
    "aac,ac3,eac3,aiff,amr,amrnb,amrwb,ape,asf,au,caf,dsf,dts,dtshd,flac,loas,mp3,mpc,mpc8,ogg,shn,sox,tak,truehd,tta,voc",
    "w64,wav,wv,xwma,avi,flv,h264,hevc,iff,ivf,m4v,matroska,webm,mjpeg,mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegts,mpegvideo",
    "mxf,nut,rm,gif,bmp_pipe,gif_pipe,jpeg_pipe,png_pipe,tiff_pipe,webp_pipe",
)
# How much FFmpeg may read to find out what a file is. Its own 5 MB cost 30 ms for a WAV, and say no more.
PROBE_BYTES = 2**16
# Tags stand in headers and need no look at the sound: with 64 KiB FFmpeg looks for DTS in the samples of a WAV (4 ms).
PROBE_BYTES_OF_TAGS = 2**13
# FFmpeg takes a file of one of these names for numbered pictures (image2, refused), until it has read all of a JPEG.
_JPEG_NAMES, _JPEG_MAGIC = (".jpg", ".jpeg", ".jpe", ".jfif"), b"\xff\xd8\xff"
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": ",".join(DEMUXERS)}


@contextmanager
def open_container(
    path: Path, limits: Limits, *, probe_bytes: int = PROBE_BYTES, ignore_length: bool = False
) -> Iterator[av.container.InputContainer]:
    """Open a file with FFmpeg.

    Only the local file itself is read: playlists and other formats that name further files or addresses are refused.

    Args:
        path: Any file.
        limits: `max_pixels` holds for every picture that is decoded, also while FFmpeg looks what is in the file.
        probe_bytes: How much may be read to find out what it is, beyond its header.
        ignore_length: Whether the data of a WAV end with the file, whatever its header says.

    Raises:
        MediaError: FFmpeg cannot open it; the message is the reason alone.
    """
    options = _OPTIONS | {"probesize": str(probe_bytes), "max_pixels": str(limits.max_pixels)}
    if ignore_length:
        options["ignore_length"] = "1"
    try:
        container = av.open(
            os.path.abspath(path),  # noqa: PTH100 (a name like "concat:a" is then a name)
            format="jpeg_pipe" if _is_jpeg(path) else None,
            options=options,
            metadata_errors="surrogateescape",
        )
    except (av.FFmpegError, UnicodeError, ValueError, OSError) as error:
        raise MediaError(f"FFmpeg: {getattr(error, 'strerror', None) or error}") from error
    with container:
        yield container


def _is_jpeg(path: Path) -> bool:
    """Whether a file is called a JPEG and begins like one."""
    if path.suffix.lower() not in _JPEG_NAMES:
        return False
    with path.open("rb") as file:
        return file.read(len(_JPEG_MAGIC)) == _JPEG_MAGIC


def promised_seconds(
    container: av.container.InputContainer, stream: av.AudioStream | av.VideoStream, begins: float = 0.0
) -> float | None:
    """How long a stream is, by its header; None where the header guesses or says nothing.

    Args:
        container: With the stream.
        stream: Sound or pictures.
        begins: When it begins, in seconds on the clock of the file: Matroska says when it ends.
    """
    if container.format.name not in _COUNTING:
        return None
    hours, *rest = stream.metadata.get("DURATION", "").split(":")
    if len(rest) == 2:
        try:
            return 3600 * float(hours) + 60 * float(rest[0]) + float(rest[1]) - begins
        except ValueError:  # a tag that says something else promises nothing
            return None
    if not stream.duration or not stream.time_base:
        return None
    return float(stream.duration * Fraction(stream.time_base)) - (begins if container.format.name in ENDS else 0.0)
