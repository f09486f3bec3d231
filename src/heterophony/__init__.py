"""Classifies sound with whatever comes with it: the recording, the words around it, the pictures that go with it."""

__version__ = "0.1.0"
