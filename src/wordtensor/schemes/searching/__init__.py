"""Searches in the flip graph for schemes and tensors, and what all searches share."""
