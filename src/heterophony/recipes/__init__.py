"""Recipes: the only wiring. From typed data to a trained model, and from a model to answers."""
