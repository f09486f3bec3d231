"""The exceptions of heterophony, one tree.

::

    HeterophonyError
    ├── ConfigError        a recipe or an option: unknown key, wrong type, impossible value
    ├── InputError         what the user handed in: a manifest, a table, a path
    ├── MediaError         one recording or video that cannot be decoded; the others go on
    │   └── AbsentError    it has no such stream: a missing modality, not a fault
    ├── AlignmentError     ids that should match and do not
    ├── ModelError         a model folder that is incomplete, altered or of another kind
    ├── StoreError         an embedding that is missing, or vectors that must not be mixed
    └── MissingExtraError  an optional dependency that is not installed

Every message names the file, id or key, what was wanted, what came, and what to try.
"""


class HeterophonyError(Exception):
    """The root: catch it to catch all that heterophony raises on purpose."""


class ConfigError(HeterophonyError):
    """A recipe or an option is wrong: unknown key, wrong type or impossible value."""


class InputError(HeterophonyError):
    """A path, a manifest or a table that the user handed in cannot be used."""


class MediaError(HeterophonyError):
    """One recording or video cannot be decoded. The others are not affected."""


class AbsentError(MediaError):
    """A file has no sound, or no picture: one missing modality, and nothing wrong with the file."""


class AlignmentError(HeterophonyError):
    """Ids that should match do not; the message names them."""


class ModelError(HeterophonyError):
    """A model folder is incomplete, altered or of another kind than asked for."""


class StoreError(HeterophonyError):
    """An embedding is missing, or vectors with different fingerprints would be mixed."""


class MissingExtraError(HeterophonyError):
    """An optional dependency is not installed; the message has the command that installs it."""
