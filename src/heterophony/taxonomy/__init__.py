"""Trees of classes: the Broad Sound Taxonomy, TAU scenes, one's own."""

from heterophony.taxonomy.bst import BST
from heterophony.taxonomy.table import read_taxonomy, write_taxonomy
from heterophony.taxonomy.tau import TAU
from heterophony.taxonomy.tree import Taxonomy, from_pairs

TAXONOMIES: dict[str, Taxonomy] = {"bst": BST, "tau": TAU}

__all__ = ["BST", "TAU", "TAXONOMIES", "Taxonomy", "from_pairs", "read_taxonomy", "write_taxonomy"]
