"""Lifting: exact coefficients from schemes that hold modulo 2."""
