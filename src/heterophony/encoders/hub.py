"""Fetches published weights from the Hugging Face hub: only when asked to, and only a revision that somebody named."""

from pathlib import Path

from heterophony.encoders.own_weights import published
from heterophony.errors import ConfigError, ModelError
from heterophony.extras import import_extra


def fetch(name: str, revision: str = "", file: str = "") -> Path:
    """The file of a checkpoint, downloaded into the hub's own cache folder, or found there.

    No token of the user is sent. `own_weights.add_weights` checks what came.

    Args:
        name: In `CHECKPOINTS`.
        revision: A commit of the repository; that of `CHECKPOINTS` where left out. A branch such as "main" may change
            from one day to the next, so none is taken for granted.
        file: Path inside the repository; that of `CHECKPOINTS` where left out.

    Raises:
        ConfigError: Unknown name, weights that are not on the hub, or no revision.
        MissingExtraError: huggingface_hub is not installed.
        ModelError: It cannot be downloaded.
    """
    checkpoint = published(name)
    by_hand = f"download {file or checkpoint.file} from {checkpoint.source}, then: heterophony weights add {name} FILE"
    if not checkpoint.hub:
        raise ConfigError(f"weights {name!r} are not on the hub; {by_hand}")
    commit = revision or checkpoint.revision
    if not commit:
        raise ConfigError(
            f"weights {name!r}: no revision of {checkpoint.hub} is known here; name a commit of it: "
            f"heterophony weights get {name} --revision COMMIT"
        )
    hub = import_extra("huggingface_hub", "hub")
    errors = import_extra("huggingface_hub.errors", "hub")
    try:
        return Path(hub.hf_hub_download(checkpoint.hub, file or checkpoint.file, revision=commit, token=False))
    except (errors.HTTPError, OSError, ValueError) as error:  # what it raises for networks, paths and names
        said = " ".join(str(error).split())[:300]
        raise ModelError(f"{checkpoint.hub} at {commit}: cannot be downloaded ({said}); {by_hand}") from error
