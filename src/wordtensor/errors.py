"""What wordtensor raises: one base class and one child per border of the library."""


class WordTensorError(ValueError):
    """Something given to wordtensor cannot be used; the message says what would be."""


class GroupError(WordTensorError):
    """A group name, table or set of generators is not a group we can build."""


class OrderLimitError(GroupError):
    """A group is larger than any that is built here."""


class WordError(WordTensorError):
    """A word cannot be parsed or has letters that it may not have."""


class TableError(WordTensorError):
    """A table of values, or the formula of one, cannot be read."""


class IrrepError(WordTensorError):
    """A representation failed its own checks, or one was asked for that does not exist."""


class SchemeError(WordTensorError):
    """A bilinear scheme does not satisfy Brent's equations, or its sizes do not fit."""


class DecompositionError(WordTensorError):
    """A word tensor cannot be decomposed as asked."""


class NetworkError(WordTensorError):
    """A network, a task or a training configuration cannot be made as asked."""


class ComparisonError(WordTensorError):
    """A network cannot be compared as asked: it is of another group, or not one that we know."""


class FileFormatError(WordTensorError):
    """A file is not a wordtensor file, is damaged, or has a newer schema."""


class CertificateError(WordTensorError):
    """What a certificate says is not so; the message says what."""


class MissingExtraError(WordTensorError, ImportError):
    """A package that a feature needs is not installed; the message names its extra."""


class MemoryLimitError(WordTensorError):
    """An operation would allocate more than its limit; the message says how much."""
