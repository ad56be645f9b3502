"""What all networks share: sizes in, named parameters, and many instances in one module."""

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ..._typing import unmasked
from ...errors import NetworkError

Seeds = int | Sequence[int]


def seeded(seed: int) -> torch.Generator:
    """Return a fresh source of random numbers."""
    try:
        return torch.Generator().manual_seed(int(seed))
    except (ValueError, RuntimeError) as error:
        raise NetworkError(f"A seed must fit into 64 bits, which {seed} does not") from error


def start_scale(scale: float | None, inputs: int) -> float:
    """Return the standard deviation of a start: as asked, or one over the root of the inputs."""
    if scale is None:
        return math.pow(max(inputs, 1), -0.5)
    if not 0 <= scale < float("inf"):
        raise NetworkError(f"Argument 'scale' must be at least 0 and finite, not {scale}")
    return float(scale)


def normal(generator: torch.Generator, shape: tuple[int, ...], std: float) -> Tensor:
    """Draw independent Gaussians in single precision, which every dtype then starts from."""
    return torch.randn(shape, generator=generator) * std


def rows(matrix: Tensor, index: Tensor) -> Tensor:
    """Gather rows, index (P,) or (S, P), of a matrix (n, R) or one per instance (S, n, R)."""
    if matrix.dim() == 2:
        return F.embedding(index, matrix)
    count, n, width = matrix.shape
    offsets = n * torch.arange(count, device=index.device).unsqueeze(1)
    return F.embedding(index + offsets, matrix.reshape(count * n, width))


def pair_shape(order: int | tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the sizes (x, y, z) of inputs and output; (n, n, n) for an order n."""
    x, y, z = order if isinstance(order, tuple) else (order, order, order)
    if min(x, y, z) < 1:
        raise NetworkError(f"Argument 'order' must be at least 1, not {order}")
    return (int(x), int(y), int(z))


class Net(nn.Module):
    """A network with named parameters, for one seed or for many at once.

    Attributes
    ----------
    kind : str
        Its name in a `TrainConfig` and in files.
    sizes : dict
        The arguments of the constructor, seed and dtype apart: ``type(net)(**net.sizes)`` has
        the same shapes.
    instances : int or None
        The number of nets trained side by side; every parameter has them as its first axis.
        None: a single net without that axis.
    degree : int or None
        f(t theta) = t^degree f(theta) for t > 0; None if the net is not homogeneous.

    Examples
    --------
    >>> from wordtensor.nets import HadamardNet
    >>> nets = HadamardNet(6, 9, seed=[0, 1, 2])
    >>> nets.kind, nets.sizes["width"], nets.instances, nets.degree
    ('hadamard', 9, 3, 3)
    >>> sorted(nets.instance(1).arrays())
    ['U', 'V', 'W']
    """

    kind: ClassVar[str] = ""
    neuron_axes: ClassVar[Mapping[str, int]] = {}

    def __init__(self, sizes: dict[str, Any], seed: Seeds, dtype: torch.dtype) -> None:
        super().__init__()
        sizes = {k: int(v) if isinstance(v, np.integer) else v for k, v in sizes.items()}
        for name, value in sizes.items():
            if isinstance(value, int) and not isinstance(value, bool) and value < 1:
                raise NetworkError(f"Argument {name!r} must be at least 1, not {value}")
        self.sizes = sizes
        self.instances = None if isinstance(seed, int | np.integer) else len(seed)
        seeds = [seed] if isinstance(seed, int | np.integer) else list(seed)
        if not seeds:
            raise NetworkError("Argument 'seed' must be an integer or a non-empty sequence of them")
        drawn = [self.draw(seeded(s)) for s in seeds]
        for name, first in drawn[0].items():
            value = first if self.instances is None else torch.stack([d[name] for d in drawn])
            self.register_parameter(name, nn.Parameter(value.to(dtype)))

    @abstractmethod
    def draw(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw the parameters of one instance, by name."""

    @property
    def degree(self) -> int | None:
        """Degree of homogeneity in all parameters together, or None."""
        return None

    @property
    def width(self) -> int:
        """Number of hidden neurons."""
        return int(self.sizes["width"])

    @property
    def dtype(self) -> torch.dtype:
        """The type of the parameters."""
        return next(self.parameters()).dtype

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return next(self.parameters()).device

    def arrays(self) -> dict[str, NDArray[np.floating[Any]]]:
        """Return copies of the parameters by name, as numpy arrays."""
        return {name: p.detach().cpu().numpy().copy() for name, p in self.named_parameters()}

    def assign(self, arrays: Mapping[str, ArrayLike | Tensor]) -> Self:
        """Set the parameters; returns the net itself.

        Raises
        ------
        NetworkError
            If a name is missing or unknown, or a shape does not fit.
        """
        own = dict(self.named_parameters())
        if own.keys() != arrays.keys():
            raise NetworkError(
                f"A {type(self).__name__} has the parameters {', '.join(sorted(own))}; given "
                f"{', '.join(sorted(arrays)) or 'none'}"
            )
        with torch.no_grad():
            for name, parameter in own.items():
                given = arrays[name]
                value = (
                    given
                    if isinstance(given, Tensor)
                    else torch.tensor(np.asarray(unmasked(given)))
                )
                if value.is_complex():
                    raise NetworkError(f"Parameter {name!r} must be real, not {value.dtype}")
                if value.shape != parameter.shape:
                    raise NetworkError(
                        f"Parameter {name!r} must have shape {tuple(parameter.shape)}, not "
                        f"{tuple(value.shape)}"
                    )
                parameter.copy_(value)
        return self

    def instance(self, number: int) -> Self:
        """Return one of the instances as a net of its own; a single net returns a copy.

        Raises
        ------
        NetworkError
            If there is no such instance.
        """
        count = 1 if self.instances is None else self.instances
        if not 0 <= number < count:
            raise NetworkError(f"There are instances 0 to {count - 1}, and no {number}")
        with torch.no_grad():
            chosen = {
                name: p.detach().clone() if self.instances is None else p.detach()[number].clone()
                for name, p in self.named_parameters()
            }
        single = type(self)(**self.sizes, dtype=self.dtype)
        return single.to(self.device).assign(chosen)

    def neuron_norms(self) -> Tensor:
        """Return the Euclidean norm of the concatenated weights of every neuron.

        Returns
        -------
        Tensor, shape (width,) or (S, width)

        Raises
        ------
        NetworkError
            If the weights of the net do not belong to one neuron each.
        """
        if not self.neuron_axes:
            raise NetworkError(
                f"The weights of a {type(self).__name__} are shared by its neurons, which have no "
                "norms of their own"
            )
        own = dict(self.named_parameters())
        squares = [own[name].square().sum(axis) for name, axis in self.neuron_axes.items()]
        total: Tensor = torch.stack(squares).sum(0)
        # The derivative of a root at zero is infinite: a dead neuron keeps a norm of 1e-15.
        return (total + 1e-30).sqrt()

    def extra_repr(self) -> str:
        """Show the sizes where torch shows a module."""
        shown = [f"{name}={value!r}" for name, value in self.sizes.items()]
        return ", ".join(shown + ([f"instances={self.instances}"] if self.instances else []))


class PairNet(Net):
    """A network with two elements of a group, or of two sets, as inputs.

    Attributes
    ----------
    shape : tuple of int
        Sizes (x, y, z) of the first input, of the second, and of the output; (n, n, n) for a group.

    Examples
    --------
    >>> from wordtensor.nets import HadamardNet
    >>> net = HadamardNet(6, 9)
    >>> net.shape, tuple(net(torch.tensor([0, 5]), torch.tensor([1, 1])).shape)
    ((6, 6, 6), (2, 6))
    """

    shape: tuple[int, int, int]

    @property
    def order(self) -> int:
        """Size n of the output: the order of the group."""
        return self.shape[2]

    @abstractmethod
    def hidden(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the activations of the hidden neurons on pairs: shape ([S,] P, width)."""

    @abstractmethod
    def hidden_grid(self) -> Tensor:
        """Return the activations on all pairs in the order of a: shape ([S,] x y, width)."""

    @abstractmethod
    def readout(self) -> Tensor:
        """Return the map from hidden neurons to logits: shape ([S,] width, z)."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the logits of given pairs.

        Parameters
        ----------
        a, b : Tensor of int64, shape (P,) or (S, P)
            The pairs; a shape (P,) serves every instance.

        Returns
        -------
        Tensor, shape (P, z) or (S, P, z)
        """
        return self.hidden(a, b) @ self.readout()

    def grid(self) -> Tensor:
        """Return the logits of all pairs: shape ([S,] x y, z), pair (a, b) in row a y + b."""
        return self.hidden_grid() @ self.readout()

    def logits(self) -> NDArray[np.floating[Any]]:
        """Return the logits of all pairs as a numpy array of shape ([S,] x, y, z)."""
        with torch.no_grad():
            values = self.grid().cpu().numpy()
        return values.reshape(*values.shape[:-2], *self.shape)
