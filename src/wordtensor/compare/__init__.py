"""Comparing what networks learned with the decomposition: arrays in, numbers out, no torch."""
