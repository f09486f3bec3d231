"""The published weights that no wheel brings: which file, what it hashes to, where it is, under which licence.

A hash that is empty, or only begun, could not be seen by us; whoever adds the file says what it must be.
"""

from heterophony.encoders.checkpoint import Checkpoint

# name -> what was published; several encoders may share one
CHECKPOINTS: dict[str, Checkpoint] = {
    "efficientat-mn04": Checkpoint(
        file="mn04_as_mAP_432.pt",
        sha256="899a8c6217063f6941793102a2780b3dd788ab11fce468d9cf5f0577c453321c",
        source="https://github.com/fschmid56/EfficientAT/releases",
        licence="MIT",
    ),
}
