"""Growing and shrinking the samples that a graph model knows; its units and weights stay as they are.

A new sample may become a nearer neighbour of any known one, and a removed one leaves room for the next: rows of the
graph change that were not touched. Nor can a row be mended from what is stored, since edges inside groups are not
there. So all neighbours are looked up again, which is exact and takes what it took in training; add many at once.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import AlignmentError, InputError
from heterophony.models.node_bank import NodeBank, Units, Vectors, bank_of

Groups = Sequence[str | None]


def grown(bank: NodeBank, batch: Batch, groups: Groups | None = None) -> NodeBank:
    """The bank with more samples behind its own, scaled and measured as those are.

    Args:
        bank: It stays as it is.
        batch: The new ones, with the modalities of the bank, any of them absent; what they have is not normalised anew.
        groups: Of the old and then the new samples, where samples of one group are not to be linked.

    Raises:
        InputError: The modalities or the sizes of vectors are others, a vector is not finite, or nothing is given.
        AlignmentError: There is not one group for each sample.
    """
    sizes = {name: x.shape[1] for name, x in bank.vectors.items()}
    given = {name: x.shape[1] for name, x in batch.inputs.items()}
    if given != sizes or list(given) != list(sizes) or not len(batch):
        raise InputError(f"the bank has vectors of {sizes}; {len(batch)} samples with {given} cannot join it")
    scaled = bank.scaled(batch)
    vectors = {name: torch.cat([x, scaled[name]]) for name, x in bank.vectors.items()}
    return _again(bank, vectors, torch.cat([bank.present, batch.present]), groups)


def shrunk(bank: NodeBank, rows: Int64[Tensor, " removed"], groups: Groups | None = None) -> NodeBank:
    """The bank without some samples; the others keep their order.

    Args:
        bank: It stays as it is.
        rows: Which are removed.
        groups: Of those that stay.

    Raises:
        InputError: There is no such row, or fewer than two samples with some modality would stay.
        AlignmentError: There is not one group for each sample that stays.
    """
    samples = len(bank.present)
    if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < samples:
        raise InputError(
            f"rows {int(rows.min())} to {int(rows.max())} of a bank of {samples} samples cannot be removed"
        )
    stays = torch.ones(samples, dtype=torch.bool)
    stays[rows] = False
    return _again(bank, {name: x[stays] for name, x in bank.vectors.items()}, bank.present[stays], groups)


def _again(
    bank: NodeBank, vectors: Vectors, present: Bool[Tensor, "samples modalities"], groups: Groups | None
) -> NodeBank:
    if groups is not None and len(groups) != len(present):
        raise AlignmentError(f"{len(groups)} groups for {len(present)} samples; give each one, or None")
    units = Units(dict(bank.shift), dict(bank.stretch), dict(bank.mu))
    return bank_of(vectors, present, bank.settings, units, groups)
