"""Schemes by numerical optimisation, and their rounding to rational numbers."""
