"""What the room needs beside the core; imported first, so that what is missing names its extra."""

from .._extras import missing

try:
    import matplotlib as matplotlib
except ModuleNotFoundError as error:
    raise missing(error, "The package wordtensor.plots") from error
