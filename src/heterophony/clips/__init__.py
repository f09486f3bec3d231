"""Which recordings there are, what is known about them, and how they are parted into folds."""

from heterophony.clips.bsd import read_bsd
from heterophony.clips.bsd_evaluation import read_bsd_evaluation
from heterophony.clips.clip import Clip
from heterophony.clips.collect import MANIFEST_SUFFIXES, MEDIA_SUFFIXES, collect
from heterophony.clips.datasets import DATASETS, is_data_set, read_collection
from heterophony.clips.equalise import equalise
from heterophony.clips.esc50 import read_esc50
from heterophony.clips.external import external_clips
from heterophony.clips.found import Found
from heterophony.clips.fsd50k import read_fsd50k
from heterophony.clips.label_map import LABEL_MAPS, read_label_map
from heterophony.clips.manifest import read_manifest
from heterophony.clips.match_words import match_words
from heterophony.clips.official_split import is_official, official_split
from heterophony.clips.segments import clip_of, is_segment, segments
from heterophony.clips.split_file import read_split, write_split
from heterophony.clips.splits import Split, given_split, grouped_split, stratified_split
from heterophony.clips.tau import read_tau
from heterophony.clips.words import join_words, words_from_name

__all__ = [
    "DATASETS",
    "LABEL_MAPS",
    "MANIFEST_SUFFIXES",
    "MEDIA_SUFFIXES",
    "Clip",
    "Found",
    "Split",
    "clip_of",
    "collect",
    "equalise",
    "external_clips",
    "given_split",
    "grouped_split",
    "is_data_set",
    "is_official",
    "is_segment",
    "join_words",
    "match_words",
    "official_split",
    "read_bsd",
    "read_bsd_evaluation",
    "read_collection",
    "read_esc50",
    "read_fsd50k",
    "read_label_map",
    "read_manifest",
    "read_split",
    "read_tau",
    "segments",
    "stratified_split",
    "words_from_name",
    "write_split",
]
