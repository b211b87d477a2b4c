"""Where an image is encoded: states of qubits with their phase fixed, and classical latents of the
same real dimension.

A pure state of n qubits has 2·2ⁿ − 2 real degrees of freedom: norm and global phase are none. Its
classical twins are a unit sphere and a plain vector of that dimension. Each of the three geometries
knows its sizes, its real form, how to put numbers back on itself, how to draw from it without
knowing the data or knowing only low moments, and how far an ensemble is from a plain one.

One family of kernels serves all three: exp(−(1 − c)/w), averaged over widths w, with c = |⟨z|z′⟩|²
for states, c = ⟨z, z′⟩ on the sphere and 1 − c = |z − z′|²/(2D) for vectors of D reals. Haar
measure and the uniform sphere look the same from every point, so their kernel means are constants,
and the Gaussian's has a closed form: the distance to a plain ensemble is exact on the side of the
plain one.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import torch
from scipy.integrate import quad
from torch import Tensor
from torch.nn.functional import normalize

from qdm_utils.arguments import demand, whole_number
from qdm_utils.mmd import mean_over_pairs
from qdm_utils.qubits.states import haar_states, qubit_count
from qdm_utils.randomness import Seed, generator

WIDTHS = (0.1, 0.25, 0.5, 1.0)


class Geometry(ABC):
    """A space of latents. Latents are the rows of a tensor of shape (N, size)."""

    unit_norm: ClassVar[bool]
    dtype: ClassVar[torch.dtype] = torch.float32

    @property
    @abstractmethod
    def size(self) -> int:
        """Numbers in one latent, complex ones for states."""

    @property
    @abstractmethod
    def freedom(self) -> int:
        """Real degrees of freedom of a latent."""

    @property
    def real_size(self) -> int:
        """Reals that a network reads or gives for one latent, see `to_reals`."""
        return self.size

    @property
    def coordinate_size(self) -> int:
        """Reals behind a latent once its phase is fixed, see `to_coordinates`."""
        return self.size

    @property
    def scale(self) -> float:
        """What brings the reals of a latent to order 1: D reals of a unit vector are about
        D^(−1/2)."""
        return self.real_size**0.5 if self.unit_norm else 1.0

    @property
    def moment_count(self) -> int:
        """Numbers that fix `matched`: mean and covariance of the reals."""
        return self.size + self.size * (self.size + 1) // 2

    def to_reals(self, latents: Tensor) -> Tensor:
        """The reals of latents, shape (..., real_size)."""
        return latents

    def from_reals(self, reals: Tensor) -> Tensor:
        """Latents of any reals, shape (..., real_size): normalised where the geometry asks for
        it."""
        return normalize(reals, dim=-1) if self.unit_norm else reals

    def to_coordinates(self, latents: Tensor) -> Tensor:
        """The reals of latents whose phase is fixed, shape (..., coordinate_size)."""
        return latents

    def from_coordinates(self, coordinates: Tensor) -> Tensor:
        """Latents of any coordinates, normalised where the geometry asks for it, their phase
        fixed."""
        return self.from_reals(coordinates)

    def fix_phase(self, latents: Tensor) -> Tensor:
        """The representative of each latent that is decoded; real latents have only one."""
        return latents

    def check(self, latents: Tensor) -> Tensor:
        """The latents in single precision.

        Raises:
            ValueError: another shape than (N, size), or real latents where states are wanted and
                the reverse.
        """
        demand(
            latents.is_complex() == self.dtype.is_complex,
            "latents",
            f"be {'complex' if self.dtype.is_complex else 'real'}",
            latents.dtype,
        )
        demand(
            latents.ndim == 2 and latents.shape[-1] == self.size,
            "latents",
            f"have shape (N, {self.size})",
            f"shape {tuple(latents.shape)}",
        )
        return latents.to(self.dtype)

    @abstractmethod
    def plain(self, count: int, seed: Seed) -> Tensor:
        """Latents that know nothing of the data, shape (count, size), complex64 or float32.

        Args:
            count: how many, ≥ 0.
            seed: of the draws.
        """

    def matched(self, latents: Tensor, count: int, seed: Seed) -> Tensor:
        """Draws that share low moments with the data: the simplest prior that has seen them.

        Args:
            latents: the data, shape (N, size).
            count: how many to draw, ≥ 0.
            seed: of the draws.

        Returns:
            Shape (count, size), the dtype of `latents`.

        Raises:
            ValueError: latents of another geometry, or too few to have the moments.
        """
        self.check(latents)
        return self.from_reals(matched_gaussian(latents, count, seed))

    @abstractmethod
    def closeness(self, latents: Tensor, others: Tensor) -> Tensor:
        """c of every pair, shape (N, M), for latents of shapes (N, size) and (M, size)."""

    @abstractmethod
    def kernel_means(
        self, latents: Tensor, widths: tuple[float, ...] = WIDTHS
    ) -> tuple[Tensor, float]:
        """Kernel mean of plain draws seen from each latent, shape (N,), and its mean over plain
        draws."""

    def penalty(self, latents: Tensor, widths: tuple[float, ...] = WIDTHS) -> Tensor:
        """Unbiased estimate of the squared MMD between the ensemble behind `latents` and the plain
        one.

        Args:
            latents: independent draws, shape (N, size), N ≥ 2.
            widths: of the kernel.

        Returns:
            A scalar, differentiable; 0 in the mean for plain draws, so it may be negative.

        Raises:
            ValueError: fewer than two latents.
        """
        within = self._within(latents, widths)
        seen, mean = self.kernel_means(latents, widths)
        return within - 2 * seen.mean() + mean

    def discrepancy(
        self, latents: Tensor, data: Tensor, widths: tuple[float, ...] = WIDTHS
    ) -> Tensor:
        """Unbiased estimate of the squared MMD to the ensemble behind `data`, less what latents
        cannot change.

        Args:
            latents: independent draws, shape (N, size), N ≥ 2.
            data: shape (M, size).
            widths: of the kernel.

        Returns:
            A scalar, differentiable: the kernel's mean over pairs of latents minus twice that
            between latents and data.

        Raises:
            ValueError: fewer than two latents.
        """
        between = kernel(self.closeness(latents, data), widths).mean()
        return self._within(latents, widths) - 2 * between

    def _within(self, latents: Tensor, widths: tuple[float, ...]) -> Tensor:
        demand(len(latents) > 1, "latents", "be two or more", len(latents))
        return mean_over_pairs(kernel(self.closeness(latents, latents), widths))


@dataclass(frozen=True)
class States(Geometry):
    """Pure states of n qubits: 2ⁿ complex amplitudes of unit norm, amplitude 0 real and ≥ 0 where
    the phase is fixed.

    Args:
        n: qubits, ≥ 1.

    >>> States(4).size, States(4).real_size, States(4).freedom
    (16, 32, 30)
    """

    n: int
    unit_norm: ClassVar[bool] = True
    dtype: ClassVar[torch.dtype] = torch.complex64

    def __post_init__(self) -> None:
        whole_number("n", self.n, 1)

    @property
    def size(self) -> int:
        """2ⁿ amplitudes."""
        return 2**self.n

    @property
    def freedom(self) -> int:
        """2·2ⁿ − 2: neither norm nor global phase."""
        return 2 * self.size - 2

    @property
    def real_size(self) -> int:
        """Real and imaginary parts."""
        return 2 * self.size

    @property
    def coordinate_size(self) -> int:
        """Real and imaginary parts but that of amplitude 0: a point of a sphere."""
        return 2 * self.size - 1

    @property
    def moment_count(self) -> int:
        """d² − 1 of a density matrix."""
        return self.size**2 - 1

    def to_reals(self, latents: Tensor) -> Tensor:
        """Real parts, then imaginary parts."""
        return torch.cat((latents.real, latents.imag), dim=-1)

    def from_reals(self, reals: Tensor) -> Tensor:
        """Normalised states of any phase."""
        real, imaginary = normalize(reals, dim=-1).chunk(2, dim=-1)
        return torch.complex(real, imaginary)

    def to_coordinates(self, latents: Tensor) -> Tensor:
        """Real parts, then imaginary parts but the first, which a fixed phase makes 0."""
        return torch.cat((latents.real, latents.imag[..., 1:]), dim=-1)

    def from_coordinates(self, coordinates: Tensor) -> Tensor:
        """Normalised states whose amplitude 0 is real, of either sign: the decoder sees none."""
        unit = normalize(coordinates, dim=-1)
        real, imaginary = unit.split([self.size, self.size - 1], dim=-1)
        return torch.complex(real, torch.cat((torch.zeros_like(real[..., :1]), imaginary), dim=-1))

    def fix_phase(self, latents: Tensor) -> Tensor:
        """As the function `fix_phase`."""
        return fix_phase(latents)

    def plain(self, count: int, seed: Seed) -> Tensor:
        """Haar states."""
        return haar_states(count, self.n, seed, torch.complex64)

    def matched(self, latents: Tensor, count: int, seed: Seed) -> Tensor:
        """√ρ·Haar, normalised, with ρ the mean density matrix of the data; see `matched_states`."""
        self.check(latents)
        return matched_states(latents, count, seed)

    def closeness(self, latents: Tensor, others: Tensor) -> Tensor:
        """|⟨z|z′⟩|², blind to phases."""
        overlap = latents.conj() @ others.mT
        # Not abs(): its gradient is undefined for orthogonal states.
        return overlap.real.square() + overlap.imag.square()

    def kernel_means(
        self, latents: Tensor, widths: tuple[float, ...] = WIDTHS
    ) -> tuple[Tensor, float]:
        """A constant: under Haar |⟨z|z′⟩|² is Beta(1, d − 1) distributed whatever z is."""
        mean = _haar_kernel_mean(self.size, widths)
        return torch.full_like(latents[:, 0].real, mean), mean


@dataclass(frozen=True)
class Sphere(Geometry):
    """Unit vectors of `dimension` + 1 reals.

    Args:
        dimension: of the sphere, ≥ 1, which is its degrees of freedom.

    >>> Sphere(30).size, Sphere(30).freedom
    (31, 30)
    """

    dimension: int
    unit_norm: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number("dimension", self.dimension, 1)

    @property
    def size(self) -> int:
        """One real more than the dimension."""
        return self.dimension + 1

    @property
    def freedom(self) -> int:
        """The dimension."""
        return self.dimension

    def plain(self, count: int, seed: Seed) -> Tensor:
        """Uniform points."""
        return normalize(_normal(count, self.size, seed), dim=-1).float()

    def closeness(self, latents: Tensor, others: Tensor) -> Tensor:
        """⟨z, z′⟩, the cosine of the angle between two points."""
        return latents @ others.mT

    def kernel_means(
        self, latents: Tensor, widths: tuple[float, ...] = WIDTHS
    ) -> tuple[Tensor, float]:
        """A constant: for D reals ⟨z, z′⟩ has density ∝ (1 − t²)^((D−3)/2) whatever z is."""
        mean = _sphere_kernel_mean(self.size, widths)
        return torch.full_like(latents[:, 0], mean), mean


@dataclass(frozen=True)
class Vector(Geometry):
    """Plain real vectors.

    Args:
        dimension: reals, ≥ 1.

    >>> Vector(30).size, Vector(30).moment_count
    (30, 495)
    """

    dimension: int
    unit_norm: ClassVar[bool] = False

    def __post_init__(self) -> None:
        whole_number("dimension", self.dimension, 1)

    @property
    def size(self) -> int:
        """The dimension."""
        return self.dimension

    @property
    def freedom(self) -> int:
        """The dimension."""
        return self.dimension

    def plain(self, count: int, seed: Seed) -> Tensor:
        """Standard normal vectors."""
        return _normal(count, self.size, seed).float()

    def closeness(self, latents: Tensor, others: Tensor) -> Tensor:
        """1 − |z − z′|²/(2D), which at the typical radius √D is the cosine of the angle."""
        squares = latents.square().sum(-1)
        other_squares = others.square().sum(-1)
        distance = squares[:, None] + other_squares - 2 * (latents @ others.mT)
        return 1 - distance / (2 * self.size)

    def kernel_means(
        self, latents: Tensor, widths: tuple[float, ...] = WIDTHS
    ) -> tuple[Tensor, float]:
        """Gaussian integrals: the kernel of width w is exp(−|z − z′|²/(2wD))."""
        seen = torch.zeros_like(latents[:, 0])
        mean = 0.0
        for width in widths:
            square = width * self.size
            peak = math.exp(-self.size / 2 * math.log1p(1 / square))
            fall = torch.exp(-latents.square().sum(-1) / (2 * (1 + square)))
            seen = seen + peak * fall / len(widths)
            mean += math.exp(-self.size / 2 * math.log1p(2 / square)) / len(widths)
        return seen, mean


def latent_geometry(name: str, n: int) -> Geometry:
    """States of n qubits, or one of their classical twins of the same real dimension, by name.

    Args:
        name: "states", "sphere" or "vector".
        n: qubits, ≥ 1.

    Raises:
        ValueError: another name, n < 1.

    >>> [latent_geometry(name, 3) for name in ("states", "sphere", "vector")]
    [States(n=3), Sphere(dimension=14), Vector(dimension=14)]
    """
    states = States(n)
    named = {"states": states, "sphere": Sphere(states.freedom), "vector": Vector(states.freedom)}
    demand(name in named, "name", f"be one of {', '.join(named)}", repr(name))
    return named[name]


def state_freedom(n: int, seed: Seed) -> int:
    """Real degrees of freedom of a pure state, counted and not taken from a formula.

    The rank of the derivative of |ψ⟩⟨ψ| by the 2·2ⁿ reals behind ψ at one random point.

    >>> state_freedom(1, seed=1)
    2
    """
    states = States(n)

    def projector(reals: Tensor) -> Tensor:
        state = states.from_reals(reals)
        return torch.view_as_real(torch.outer(state, state.conj())).flatten()

    point = torch.randn(states.real_size, dtype=torch.float64, generator=generator(seed))
    return int(torch.linalg.matrix_rank(torch.autograd.functional.jacobian(projector, point)))


def fix_phase(states: Tensor) -> Tensor:
    """The representative of each state whose amplitude 0 is real and ≥ 0; a state whose amplitude 0
    vanishes stays as it is.

    Args:
        states: amplitudes, shape (..., 2ⁿ).

    Raises:
        ValueError: no amplitudes.

    >>> fix_phase(torch.tensor([0.6j, 0.8])).real
    tensor([0.6000, 0.0000])
    """
    qubit_count("states", states)
    first = states[..., :1]
    vanishes = first == 0
    # 1 instead of 0 where nothing is to be turned: neither phase nor gradient is defined there.
    turned = states * torch.sgn(torch.where(vanishes, torch.ones_like(first), first)).conj()
    # Rounding leaves an imaginary part of amplitude 0 that would depend on the phase removed.
    fixed = torch.where(vanishes, first, first.abs().to(first.dtype))
    return torch.cat((fixed, turned[..., 1:]), dim=-1)


def matched_states(states: Tensor, count: int, seed: Seed) -> Tensor:
    """√ρ·Haar, normalised: an ensemble of pure states without phases, with nearly the mean density
    matrix ρ of `states`.

    Args:
        states: amplitudes, shape (N, 2ⁿ), N ≥ 1.
        count: how many to draw, ≥ 0.
        seed: of the draws.

    Returns:
        Shape (count, 2ⁿ), the dtype of `states`. Before the norms are divided out the mean is ρ
        exactly.

    Raises:
        ValueError: no table of amplitudes, or an empty one.
    """
    _check_table("states", states, 1)
    n = qubit_count("states", states)
    wide = states.to(torch.complex128)
    rho = wide.mT @ wide.conj() / len(states)  # the mean of |ψ⟩⟨ψ|
    values, vectors = torch.linalg.eigh(rho)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.mH
    drawn = haar_states(count, n, seed) @ root.mT
    return (drawn / torch.linalg.vector_norm(drawn, dim=-1, keepdim=True)).to(states.dtype)


def matched_gaussian(latents: Tensor, count: int, seed: Seed) -> Tensor:
    """Normal vectors with the mean and covariance of real latents.

    Args:
        latents: shape (N, D), N ≥ 2, real.
        count: how many to draw, ≥ 0.
        seed: of the draws.

    Returns:
        Shape (count, D), the dtype of `latents`; points of a sphere have to be put back on it.

    Raises:
        ValueError: no table of finite reals, fewer than two rows, or count < 0.
    """
    demand(not latents.is_complex(), "latents", "be real", latents.dtype)
    _check_table("latents", latents, 2)
    wide = latents.double()
    values, vectors = torch.linalg.eigh(torch.atleast_2d(torch.cov(wide.mT)))
    drawn = _normal(count, latents.shape[-1], seed)
    return (wide.mean(0) + (drawn * values.clamp(min=0).sqrt()) @ vectors.mT).to(latents.dtype)


def kernel(closeness: Tensor, widths: tuple[float, ...] = WIDTHS) -> Tensor:
    """Mean over the widths of exp(−(1 − c)/w): 1 where latents coincide, c = 1.

    >>> kernel(torch.tensor([1.0]))
    tensor([1.])
    """
    total = torch.zeros_like(closeness)
    for width in widths:
        total = total + torch.exp((closeness - 1) / width)
    return total / len(widths)


def _normal(count: int, size: int, seed: Seed) -> Tensor:
    shape = (whole_number("count", count, 0), size)
    return torch.randn(shape, generator=generator(seed), dtype=torch.float64)


def _check_table(name: str, table: Tensor, least: int) -> None:
    demand(
        table.ndim == 2 and len(table) >= least,
        name,
        f"have shape (N, size), N ≥ {least}",
        f"shape {tuple(table.shape)}",
    )
    demand(bool(torch.isfinite(table).all()), name, "be finite", "values that are not")


@cache
def _haar_kernel_mean(size: int, widths: tuple[float, ...]) -> float:
    return _integral(lambda c: (size - 1) * (1 - c) ** (size - 2), 0.0, widths)


@cache
def _sphere_kernel_mean(size: int, widths: tuple[float, ...]) -> float:
    log_norm = math.lgamma(size / 2) - math.lgamma((size - 1) / 2)
    norm = math.exp(log_norm) / math.sqrt(math.pi)
    return _integral(lambda c: norm * (1 - c * c) ** ((size - 3) / 2), -1.0, widths)


def _integral(density: Callable[[float], float], low: float, widths: tuple[float, ...]) -> float:
    """∫ density(c) · kernel(c) dc from `low` to 1."""

    def weighted(c: float) -> float:
        return density(c) * float(kernel(torch.tensor(c, dtype=torch.float64), widths))

    value, _ = quad(weighted, low, 1.0, epsabs=1e-12)
    return value
