"""`heterophony models`: which trained models come with the package."""

import typer


def models() -> None:
    """List the models that come with the package, with the classes they know and the modalities they take."""
    from heterophony.recipes.model_folder import load_model, model_names

    for name in model_names():
        trained = load_model(name)
        takes = ", ".join(f"{modality} ({spec.encoder})" for modality, spec in trained.recipe.modalities.items())
        typer.echo(f"{name}: {trained.taxonomy.n_classes} classes of {trained.taxonomy.name}; takes {takes}")
        typer.echo(f"  {trained.recipe.about}")
