"""`heterophony report`: the page of a run, with what to look at and how it came about."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Map(StrEnum):
    """How the embeddings are put on a plane."""

    tsne = "tsne"
    umap = "umap"
    none = "none"


def report(
    run: Annotated[
        Path, typer.Argument(help="The folder of a run: of train, of a sweep's recipe, of an ensemble.", metavar="RUN")
    ],
    *,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="The page [default: RUN/report.html].")] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="The collection it was trained on (a manifest, or the folder of a data set): adds words and players."
        ),
    ] = None,
    group: Annotated[str | None, typer.Option(help="Column of what stays together [default: group, uploader].")] = None,
    taxonomy: Annotated[
        str | None, typer.Option(help="bst, tau or a CSV of the tree, where the folder has none.")
    ] = None,
    plane: Annotated[
        Map, typer.Option("--map", help="How the embeddings are put on a plane; umap needs the extra `umap`.")
    ] = Map.tsne,
    clips: Annotated[int, typer.Option(min=0, help="Clips in each list of clips to look at.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="Of the intervals and of the map.")] = 0,
) -> None:
    """Write the page of a run: one HTML file that needs no network, from what lies in the run's folder."""
    from heterophony.clips import read_collection
    from heterophony.errors import InputError
    from heterophony.recipes.report_run import write_report
    from heterophony.report.run_page import RunPageSettings
    from heterophony.taxonomy import TAXONOMIES, read_taxonomy

    if out is not None and not out.absolute().parent.is_dir():
        raise InputError(f"{out}: there is no folder {out.absolute().parent}; make it first")
    tree = None
    if taxonomy is not None:
        tree = TAXONOMIES[taxonomy] if taxonomy in TAXONOMIES else read_taxonomy(Path(taxonomy))
    found = None if data is None else read_collection(data, group=group).clips
    settings = RunPageSettings(clips=clips, map=plane.value, seed=seed)
    typer.echo(f"wrote {write_report(run, out, clips=found, taxonomy=tree, settings=settings)}")
