"""Walks in the flip graph: batches of walks from a pool of terms, on the CPU or a GPU."""
