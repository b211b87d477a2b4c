"""JAX: the ansatz fused by hand into a few products of matrices, one compiled call for a step.

It is this package's method in JAX. The rotations of up to five qubits become one matrix, for all
layers at once; the CNOTs exchange rows of these matrices, and what is left of a layer is a product
or two. The derivative is JAX's own, except that a permutation of rows is undone by another one and
not by adding row to row.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.engines import Engine, Job
from benchmarks.workloads import LEARNING_RATE, Draws, Training
from qdm_utils.qubits import Ansatz

# The caller waits for every result, so that handing the work to another thread only costs.
jax.config.update("jax_cpu_enable_async_dispatch", False)

Loss = Callable[[jax.Array, jax.Array, jax.Array], jax.Array]


class FusedJax(Engine):
    """One group of up to five qubits or two of up to ten; one draw after the other, in a loop.

    The loop is compiled too. `vmap` over the draws is up to three times slower, as XLA multiplies a
    batch of small complex matrices slowly, and splitting them into real ones is slower still.
    """

    name, precision, compiles = "JAX, fused by hand", "complex64", True

    def training(self, workload: Training) -> Job:
        return training_step(_loss(workload.ansatz), workload)

    def draws(self, workload: Draws) -> Job:
        gradient = jax.grad(_loss(workload.ansatz))
        return compiled_gradients(
            lambda *draws: jax.lax.map(lambda draw: gradient(*draw), draws), workload
        )


def training_step(loss: Loss, workload: Training) -> Job:
    """Loss, gradients and Adam in one compiled call, which reuses the memory of the weights."""

    def update(state, *states):
        angles, first, second, count = state
        value, gradient = jax.value_and_grad(loss)(angles, *states)
        count = count + 1
        first = first + 0.1 * (gradient - first)
        second = second + 0.001 * (gradient**2 - second)
        scale = jnp.sqrt(second / (1 - 0.999**count)) + 1e-8
        angles = angles - LEARNING_RATE / (1 - 0.9**count) * first / scale
        return (angles, first, second, count), value, gradient

    compiled = jax.jit(update, donate_argnums=0)
    angles, *states = _arrays(workload)
    state = angles, jnp.zeros_like(angles), jnp.zeros_like(angles), jnp.float32(0)

    def step():
        nonlocal state
        state, value, gradient = jax.block_until_ready(compiled(state, *states))
        return value, gradient

    return step


def compiled_gradients(gradients: Loss, workload: Draws) -> Job:
    """Gradients of all draws in one compiled call."""
    compiled, arrays = jax.jit(gradients), _arrays(workload)
    return lambda: (compiled(*arrays).block_until_ready(),)


def _arrays(workload: Training) -> list[jax.Array]:
    """Angles, inputs and targets in single precision."""
    return [
        jnp.asarray(workload.angles, jnp.float32),
        jnp.asarray(workload.inputs, jnp.complex64),
        jnp.asarray(workload.targets, jnp.complex64),
    ]


def _loss(ansatz: Ansatz) -> Loss:
    """Mean infidelity, from angles (L+1, n, 3) and states (B, 2ⁿ)."""
    apply = _one_group if ansatz.n <= 5 else _two_groups

    def loss(angles, inputs, targets):
        overlap = (targets.conj() * apply(ansatz, angles, inputs)).sum(-1)
        return 1 - (overlap.real**2 + overlap.imag**2).mean()

    return loss


def _one_group(ansatz: Ansatz, angles: jax.Array, states: jax.Array) -> jax.Array:
    """A matrix for each layer; a large batch goes through their product."""
    matrices = _product(_rotations(angles), range(ansatz.n))
    *layers, last = [*_exchange(matrices[:-1], _cnots(ansatz)), matrices[-1]]
    if len(states) > 2 * 2**ansatz.n:
        for layer in reversed(layers):
            last = last @ layer
        return states @ last.T
    for layer in layers:
        states = states @ layer.T
    return states @ last.T


def _two_groups(ansatz: Ansatz, angles: jax.Array, states: jax.Array) -> jax.Array:
    """Two matrices for each layer, the second one of two forms.

    The last qubit of the first group decides which form, as it controls the CNOT into the second
    group. With this qubit before all others and the batch in the middle, (2, 2^(k−1), B, 2^(n−k)),
    both products need no transpose.
    """
    n, k, count = ansatz.n, ansatz.n // 2, len(states)
    size, rest = 2**k, 2 ** (n - k)
    rotations = _rotations(angles)
    left = _product(rotations, [k - 1, *range(k - 1)])
    right = _product(rotations, range(k, n))
    # The CNOTs as a permutation of basis states in the order of the axes above.
    order = np.arange(2**n).reshape(-1, 2, rest).swapaxes(0, 1).ravel()
    sources = order.argsort()[_cnots(ansatz)[order]].reshape(2, -1, rest)
    rows = sources[:, :, 0].ravel() // rest
    forms = [_exchange(right[:-1], sources[value, 0] % rest) for value in range(2)]

    states = states.reshape(count, -1, 2, rest).transpose(2, 1, 0, 3)
    for first, second in zip(_exchange(left[:-1], rows), jnp.stack(forms, 1), strict=True):
        states = first @ states.reshape(size, -1)
        states = states.reshape(2, -1, rest) @ second.mT
    states = left[-1] @ states.reshape(size, -1)
    states = states.reshape(-1, rest) @ right[-1].T
    return states.reshape(2, -1, count, rest).transpose(2, 1, 0, 3).reshape(count, -1)


def _rotations(angles: jax.Array) -> jax.Array:
    """Rz(c)·Ry(b)·Rz(a) of every qubit and layer, shapes (L+1, n, 3) → (L+1, n, 2, 2)."""
    a, b, c = jnp.moveaxis(angles, -1, 0) / 2
    cos, sin = jnp.cos(b), jnp.sin(b)
    up = jax.lax.complex(cos * jnp.cos(a + c), -cos * jnp.sin(a + c))
    down = jax.lax.complex(sin * jnp.cos(a - c), -sin * jnp.sin(a - c))
    elements = jnp.stack((up, -down.conj(), down, up.conj()), -1)
    return elements.reshape(*b.shape, 2, 2)


def _product(rotations: jax.Array, qubits: range | list[int]) -> jax.Array:
    """Kronecker products of the rotations of these qubits, shape (L+1, 2ᵏ, 2ᵏ)."""
    first, *others = qubits
    product = rotations[:, first]
    for qubit in others:
        product = product[:, :, None, :, None] * rotations[:, qubit, None, :, None, :]
        product = product.reshape(len(product), product.shape[1] * 2, -1)
    return product


def _exchange(matrices: jax.Array, rows: np.ndarray) -> jax.Array:
    """Rows of matrices (L, d, d) in another order."""
    back = rows.argsort()

    @jax.custom_vjp
    def exchanged(matrices):
        return matrices[:, rows]

    exchanged.defvjp(
        lambda matrices: (matrices[:, rows], None), lambda _, slopes: (slopes[:, back],)
    )
    return exchanged(matrices)


def _cnots(ansatz: Ansatz) -> np.ndarray:
    """The permutation p of a layer's CNOTs, ψ'[y] = ψ[p[y]]."""
    sources = np.arange(2**ansatz.n)
    for control, target in reversed(ansatz.cnots(0)):
        sources ^= ((sources >> (ansatz.n - 1 - control)) & 1) << (ansatz.n - 1 - target)
    return sources
