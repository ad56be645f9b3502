"""Walks in the flip graph: rounds of walks from a pool of terms, on the CPU or a GPU."""
