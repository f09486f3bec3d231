"""Which recordings there are, what is known about them, and how they are parted into folds."""

from heterophony.clips.clip import Clip
from heterophony.clips.collect import MANIFEST_SUFFIXES, MEDIA_SUFFIXES, collect
from heterophony.clips.manifest import read_manifest
from heterophony.clips.match_words import match_words
from heterophony.clips.split_file import read_split, write_split
from heterophony.clips.splits import Split, given_split, grouped_split, stratified_split
from heterophony.clips.words import join_words, words_from_name

__all__ = [
    "MANIFEST_SUFFIXES",
    "MEDIA_SUFFIXES",
    "Clip",
    "Split",
    "collect",
    "given_split",
    "grouped_split",
    "join_words",
    "match_words",
    "read_manifest",
    "read_split",
    "stratified_split",
    "words_from_name",
    "write_split",
]
