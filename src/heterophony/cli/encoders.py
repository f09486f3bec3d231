"""`heterophony encoders`: which encoders there are, and which of them can be used here and now."""

from typing import Annotated

import typer


def encoders(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON, for machines.")] = False
) -> None:
    """List the encoders: what they take, the length of a vector, and what is missing to use them."""
    import json

    from heterophony.encoders import ENCODERS, load_encoder
    from heterophony.errors import HeterophonyError

    rows: dict[str, dict[str, object]] = {}
    for name in ENCODERS:
        try:
            found = load_encoder(name)
            rows[name] = {"ready": True, "modality": found.modality, "dim": found.dim}
        except HeterophonyError as error:
            rows[name] = {"ready": False, "missing": str(error)}
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for name, row in rows.items():
        said = f"{row['modality']}, {row['dim']} numbers" if row["ready"] else f"not ready: {row['missing']}"
        typer.echo(f"{name}: {said}")
