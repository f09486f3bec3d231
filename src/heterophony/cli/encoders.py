"""`heterophony encoders`: which encoders there are, and which of them can be used here and now."""

import json
from typing import Annotated

import typer


def encoders(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON, for machines.")] = False
) -> None:
    """List the encoders: what they take, the length of a vector, and what is missing to use them."""
    from heterophony.encoders import ENCODERS, encoder_named
    from heterophony.errors import HeterophonyError

    rows: list[dict[str, str | int]] = []
    for name in ENCODERS:
        found = encoder_named(name)
        try:
            _ = found.fingerprint
            missing = ""
        except HeterophonyError as error:
            missing = str(error)
        rows.append({"name": name, "modality": found.modality, "dim": found.dim, "missing": missing})
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        state = "missing" if row["missing"] else "ready"
        typer.echo(f"{row['name']:<26} {row['modality']:<9} {row['dim']:>5}  {state}")
    if any(row["missing"] for row in rows):
        typer.echo("missing: the weights must be brought; `heterophony weights list` says which file and from where")
