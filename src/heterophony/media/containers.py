"""Opening files with FFmpeg (through PyAV) without letting a file reach beyond itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import av.container

from heterophony.errors import MediaError
from heterophony.media.limits import Limits

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
            options=options,
            metadata_errors="surrogateescape",
        )
    except (av.FFmpegError, UnicodeError, ValueError) as error:
        raise MediaError(f"FFmpeg: {getattr(error, 'strerror', None) or error}") from error
    with container:
        yield container
