"""`heterophony recipes`: what can be trained, and what exactly each recipe says."""

from typing import Annotated

import typer

recipes = typer.Typer(
    help="List the recipes that come with the package, show one in full, compare two.", no_args_is_help=True
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
