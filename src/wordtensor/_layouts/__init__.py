"""Which arrays make which network: our names, those that others released, and any layers."""
