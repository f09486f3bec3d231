"""The store: embeddings by content and fingerprint, and the way from a collection of clips to its embeddings."""

from heterophony.store.content import content_hash, text_hash
from heterophony.store.embed import Embedded, embed_clips
from heterophony.store.shelf import Shelf, Store
from heterophony.store.vectors_file import write_vectors

__all__ = ["Embedded", "Shelf", "Store", "content_hash", "embed_clips", "text_hash", "write_vectors"]
