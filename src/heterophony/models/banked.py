"""A graph model together with the samples that it knows: `Batch -> Output`, for samples that nobody has seen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Bool, Int64
from scipy.sparse import csr_array
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.graph.attach import Links
from heterophony.models.node_bank import GraphSettings, NodeBank
from heterophony.models.nodes import Nodes, of_rows
from heterophony.models.output import Output

_CSR = ("data", "indices", "indptr")
_SPREAD = "spread_"


class Banked(nn.Module):
    """Attaches each sample to its neighbours in a bank, and asks the network.

    The answer to a sample depends on it and the bank alone, not on what else is in the batch (but for samples of one
    clip, where the batch says which are). The bank is saved with the weights.

    Args:
        network: `Nodes -> Output`.
        modalities: Names in the order of the bank's.
        settings: How samples become nodes.
    """

    def __init__(self, network: nn.Module, modalities: tuple[str, ...], settings: GraphSettings) -> None:
        super().__init__()
        self.network = network
        self.modalities = modalities
        self.settings = settings
        self._bank: NodeBank | None = None
        self._known: Nodes | None = None

    def remember(self, bank: NodeBank) -> None:
        """Makes these the known samples."""
        self._keep(_arrays(bank))

    @property
    def bank(self) -> NodeBank:
        """The known samples.

        Raises:
            ModelError: There are none yet.
        """
        if self._bank is None:
            if not hasattr(self, "present"):
                raise ModelError("this graph model knows no samples yet: fit it, or load it from its folder")
            self._bank = _bank({name: x.cpu() for name, x in self.named_buffers(recurse=False)}, self)
        return self._bank

    def known(self) -> Nodes:
        """The known samples as nodes, made once; their spread features are saved with the bank."""
        if self._known is None:
            spread = {name: x.cpu() for name, x in self.named_buffers(recurse=False) if name.startswith(_SPREAD)}
            self._known = self.bank.nodes(first=[spread[f"{_SPREAD}{n}"] for n in range(len(spread))] or None)
            for place, x in enumerate(self._known.first):
                self.register_buffer(f"{_SPREAD}{place}", x)
        return self._known

    def some(self, rows: Int64[Tensor, " asked"]) -> Nodes:
        """The known samples as nodes, these asked for."""
        return of_rows(self.known(), self.bank.laplacians(), rows)

    def forward(self, batch: Batch) -> Output:
        """The outputs for samples with the modalities of the bank, any of them absent in any sample.

        Where `batch.clips` is given, samples of one clip also see each other.
        """
        return self._weighed(self.network(self.bank.attach(self.known(), batch)), batch.present)

    def of_known(self, rows: Int64[Tensor, " asked"]) -> Output:
        """The outputs for known samples, as they stand in the graph."""
        return self._weighed(self.network(self.some(rows)), self.bank.present[rows])

    def _weighed(self, output: Output, present: Bool[Tensor, "asked modalities"]) -> Output:
        """The output with a weight for each modality, where the network has one graph that is the mean of several."""
        if output.attention.shape[1] == len(self.modalities):
            return output
        return replace(output, attention=present / present.sum(dim=1, keepdim=True).clamp_min(1))

    def neighbours(self, batch: Batch) -> dict[str, Links]:
        """What each sample is attached to, for each modality: evidence to show."""
        found = self.bank.links(self.bank.scaled(batch), batch.present)
        return dict(zip(self.modalities, found, strict=True))

    def links_among(self, batch: Batch) -> dict[str, csr_array]:
        """For each modality the weights of links between the samples themselves, `[new, new]`."""
        vectors = self.bank.scaled(batch)
        return {name: self.bank.among(name, vectors, batch) for name in vectors}

    def _keep(self, arrays: Mapping[str, Tensor]) -> None:
        for name in [name for name, _ in self.named_buffers(recurse=False) if name.startswith(_SPREAD)]:
            delattr(self, name)  # of the bank before
        for name, x in arrays.items():
            self.register_buffer(name, x)
        self._bank = self._known = None

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:  # noqa: ANN401
        """Takes a bank of any size from the state: a fresh model has none."""
        own = {name.removeprefix(prefix): x for name, x in state_dict.items() if name.startswith(prefix)}
        self._keep({name: torch.empty_like(x) for name, x in own.items() if "." not in name})
        super()._load_from_state_dict(state_dict, prefix, *rest)


def _arrays(bank: NodeBank) -> dict[str, Tensor]:
    """The bank as buffers; names of modalities are replaced by their numbers."""
    mu = torch.tensor(list(bank.mu.values()), dtype=torch.float64)
    arrays = {"present": bank.present, "novelty": bank.novelty, "mu": mu}
    for place, name in enumerate(bank.vectors):
        arrays |= {
            f"vectors_{place}": bank.vectors[name],
            f"shift_{place}": bank.shift[name],
            f"stretch_{place}": bank.stretch[name],
        }
        arrays |= {f"graph_{place}_{key}": torch.from_numpy(getattr(bank.adjacency[place], key)) for key in _CSR}
    return arrays


def _bank(arrays: Mapping[str, Tensor], model: Banked) -> NodeBank:
    """The bank that `_arrays` took apart."""
    if "novelty" not in arrays:
        raise ModelError("this graph model was saved by an earlier version, without its novelty; train it again")
    names, samples = model.modalities, len(arrays["present"])
    csr = [tuple(arrays[f"graph_{place}_{key}"].numpy() for key in _CSR) for place in range(len(names))]
    return NodeBank(
        settings=model.settings,
        vectors={name: arrays[f"vectors_{place}"] for place, name in enumerate(names)},
        present=arrays["present"],
        shift={name: arrays[f"shift_{place}"] for place, name in enumerate(names)},
        stretch={name: arrays[f"stretch_{place}"] for place, name in enumerate(names)},
        mu=dict(zip(names, arrays["mu"].tolist(), strict=True)),
        adjacency=[csr_array(parts, shape=(samples, samples)) for parts in csr],
        novelty=arrays["novelty"],
    )
