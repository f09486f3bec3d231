"""Samples as the nodes of similarity graphs: who is near to whom, by which unit, and how features spread."""
