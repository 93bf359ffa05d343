"""Engines: everything that runs a model."""
