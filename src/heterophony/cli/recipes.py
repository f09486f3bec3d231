"""`heterophony recipes`: what can be trained, and what exactly each recipe says."""

from typing import Annotated

import typer

recipes = typer.Typer(
    help="List the recipes that come with the package, show one in full, compare two, count their parameters.",
    no_args_is_help=True,
)

RecipeArgument = Annotated[str, typer.Argument(help="Name of a recipe, or a .yaml file.")]


@recipes.command("list")
def list_recipes(
    pattern: Annotated[str, typer.Argument(help="Only names like this: 'bst/table3/*'.")] = "*",
) -> None:
    """List the recipes that come with the package."""
    from heterophony.recipes.load import load_any, names_like

    for name in names_like(pattern):
        typer.echo(f"{name}: {load_any(name).about}")


@recipes.command("show")
def show(recipe: RecipeArgument) -> None:
    """Print a recipe in full: its parents' keys and every default written out."""
    from heterophony.recipes.load import dump, load_any

    typer.echo(dump(load_any(recipe)), nl=False)


@recipes.command("diff")
def diff(one: RecipeArgument, other: RecipeArgument) -> None:
    """Print the keys in which two recipes differ: what the first says, what the second says."""
    from heterophony.recipes.differences import differences
    from heterophony.recipes.load import load_any

    found = differences(load_any(one), load_any(other))
    for key, mine, theirs in found:
        typer.echo(f"{key}\n  {one}: {mine}\n  {other}: {theirs}")
    if not found:
        typer.echo(f"{one} and {other} say the same")


@recipes.command("complexity")
def complexity(
    pattern: Annotated[str, typer.Argument(help="Names like this: 'graph/*'.")] = "graph/*",
    *,
    dims: Annotated[str, typer.Option(help="Size of each modality's vectors.")] = "sound=128,words=64,pictures=64",
    classes: Annotated[int, typer.Option(help="Of recipes that name no tree.")] = 10,
    timed: Annotated[bool, typer.Option("--time", help="Train each for some epochs on random vectors.")] = False,
    rows: Annotated[int, typer.Option(min=2, help="Training rows, with --time.")] = 8646,
    test_rows: Annotated[int, typer.Option(min=1, help="More rows of a transductive graph.")] = 36450,
) -> None:
    """Print the parameters of networks, encoders left out, and how long they train (Table 3 of graph fusion)."""
    from heterophony.recipes.complexity import size_of, task_of, time_of
    from heterophony.recipes.load import load_recipe, names_like

    sizes = _sizes(dims)
    for name in names_like(pattern):
        task = task_of(load_recipe(name), sizes, classes)
        size = size_of(task)
        mixed = f"  {size.parameters - size.theta:,} and {size.theta} of theta" if size.theta else ""
        typer.echo(f"{name:32} {size.parameters:>11,} parameters{mixed}")
        if timed:
            took = time_of(task, rows, test_rows)
            epochs = task.recipe.fit.epochs
            said = f"{took.epoch:.3f} s an epoch, {took.start:.1f} s before the first, {took.whole:,.0f} s for {epochs}"
            typer.echo(f"{'':32} {said}")


def _sizes(text: str) -> dict[str, int]:
    """`sound=128,words=64` as a mapping.

    >>> _sizes("sound=128,words=64")
    {'sound': 128, 'words': 64}

    Raises:
        ConfigError: A part of it is no NAME=NUMBER.
    """
    from heterophony.cli.options import pairs_of
    from heterophony.errors import ConfigError

    found = pairs_of(text.split(","), "--dims")
    wrong = [f"{name}={size}" for name, size in found.items() if not size.isdecimal()]
    if wrong:
        raise ConfigError(f"--dims {wrong[0]}: wanted NAME=NUMBER")
    return {name: int(size) for name, size in found.items()}
