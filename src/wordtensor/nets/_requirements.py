"""What the room needs beside the core; imported first, so that what is missing names its extra."""

from .._extras import missing

try:
    import safetensors as safetensors
    import torch as torch
except ModuleNotFoundError as error:
    raise missing(error, "The package wordtensor.nets") from error
