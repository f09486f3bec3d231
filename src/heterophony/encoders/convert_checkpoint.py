"""The one place that reads a pickle: `python -m heterophony.encoders.convert_checkpoint CHECKPOINT SAFETENSORS`.

Run by `checkpoint.as_safetensors` only, on files whose SHA-256 is known, in a process of its own; `weights_only=True`
admits tensors and plain containers and nothing that runs code.
"""

import sys
from pathlib import Path


def convert(checkpoint: Path, safetensors: Path) -> None:
    """Writes every tensor of a state dict as float32; counters, which are integers, are left out."""
    import torch
    from safetensors.torch import save_file

    state = torch.load(checkpoint, map_location="cpu", weights_only=True)  # noqa: TID251 - known hash, own process
    tensors = {name: tensor.float().contiguous() for name, tensor in state.items() if tensor.is_floating_point()}
    save_file(tensors, safetensors)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
