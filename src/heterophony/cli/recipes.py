"""`heterophony recipes`: what can be trained, and what exactly each recipe says."""

from typing import Annotated

import typer

recipes = typer.Typer(help="List the recipes that come with the package, or show one in full.", no_args_is_help=True)


@recipes.command("list")
def list_recipes() -> None:
    """List the recipes that come with the package."""
    from heterophony.recipes.load import load_recipe, preset_names

    for name in preset_names():
        typer.echo(f"{name}: {load_recipe(name).about}")


@recipes.command("show")
def show(recipe: Annotated[str, typer.Argument(help="Name of a recipe, or a .yaml file.")]) -> None:
    """Print a recipe in full: its parents' keys and every default written out."""
    from heterophony.recipes.load import dump, load_recipe

    typer.echo(dump(load_recipe(recipe)), nl=False)
