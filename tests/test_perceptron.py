"""The one perceptron against matrices written out by hand."""

import numpy as np
import pytest
import torch

from qdm_utils.perceptron import Perceptron

ACTIVATIONS = {"tanh": np.tanh, "silu": lambda x: x / (1 + np.exp(-x))}


@pytest.mark.parametrize("activation", ["tanh", "silu"])
def test_the_outputs_are_those_of_the_matrices(activation):
    # 2 → 2 → 1: each layer's block is its matrix, row by row of inputs, and then its bias.
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0, 0.1, 0.2, 5.0, 6.0, 0.3], dtype=torch.float64)
    first, bias = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.1, 0.2])
    last, offset = np.array([[5.0], [6.0]]), 0.3
    x = np.array([[0.2, -0.1], [0.0, 0.0], [-0.3, 0.4]])
    expected = ACTIVATIONS[activation](x @ first + bias) @ last + offset
    found = Perceptron((2, 2, 1), activation)(weights, torch.from_numpy(x))
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_the_first_layer_sees_its_inputs_and_the_last_one_is_affine():
    weights = torch.tensor([2.0, -1.0], dtype=torch.float64)
    x = torch.tensor([[10.0], [-10.0]], dtype=torch.float64)
    assert Perceptron((1, 1))(weights, x).tolist() == [[19.0], [-21.0]]


@pytest.mark.parametrize(
    ("widths", "count"),
    [((2, 10, 3), 30 + 33), ((1, 1), 2), ((4, 8, 8, 2), 40 + 72 + 18)],
)
def test_weights_and_biases_are_counted_and_all_used(widths, count):
    network = Perceptron(widths)
    assert network.parameter_count == count
    assert sum(matrix.numel() + bias.numel() for matrix, bias in network.layers(torch.ones(count)))
    weights = torch.linspace(-1, 1, count, dtype=torch.float64, requires_grad=True)
    x = torch.linspace(0.5, 1, 3 * widths[0], dtype=torch.float64).view(3, -1)
    network(weights, x).square().sum().backward()
    assert weights.grad.all()


def test_many_networks_at_once_are_each_what_they_are_alone():
    network = Perceptron((2, 4, 3))
    generator = torch.Generator().manual_seed(1)
    weights = torch.randn(5, network.parameter_count, generator=generator, dtype=torch.float64)
    x = torch.randn(5, 7, 2, generator=generator, dtype=torch.float64)
    together = network(weights, x)
    assert together.shape == (5, 7, 3)
    for one, own, out in zip(weights, x, together, strict=True):
        torch.testing.assert_close(network(one, own), out, rtol=1e-13, atol=1e-15)
    torch.testing.assert_close(network(weights, x[0])[0], together[0])  # shared inputs


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Perceptron((3,)), "Argument `widths` must name two layers or more"),
        (lambda: Perceptron((3, 0)), "Argument `widths` must be a whole number ≥ 1, but got 0"),
        (
            lambda: Perceptron((3, 1), "relu"),
            "Argument `activation` must be one of tanh, silu, but got relu",
        ),
    ],
)
def test_what_is_no_perceptron_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make()
