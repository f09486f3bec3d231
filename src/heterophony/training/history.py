"""What happened in training, epoch by epoch."""

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class History:
    """One row per epoch.

    Attributes:
        rows: `epoch` (from 1), `learning_rate`, `train_loss` (mean over the steps), and the validation scores by name.
        best_epoch: The epoch whose weights the model has at the end; 0 before the first.
        waited: The part of the training time, 0 .. 1, that steps waited for batches; not written down.
        earlier: Of what came before, where a model is trained in stages: its teacher, then its own earlier stages.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    waited: float = field(default=0.0, compare=False)
    earlier: tuple["History", ...] = ()

    def write(self, path: Path) -> None:
        """Writes `history.jsonl`: one JSON object per epoch."""
        path.write_text("".join(json.dumps(row) + "\n" for row in self.rows), encoding="utf-8")
