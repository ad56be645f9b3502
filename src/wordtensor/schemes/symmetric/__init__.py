"""Walks among schemes of <n,n,n> with a cyclic symmetry."""
