"""The network beside torch on the same weights: outputs, gradients, and steps of the optimizers.

Where torch is not installed there is nothing to compare and no test is collected; CI requires it.
"""

import importlib.util
import os

import numpy as np
import pytest

import actlib
from actlib import losses
from actlib.network import SGD, Adam, Dense, Network
from actlib.network_io import check_examples

LABELS = np.array([0, 2, 1, 2, 0, 1, 1])
ONE_HOT = np.eye(3)[LABELS]

if os.environ.get("CI", "").lower() in ("1", "true") or importlib.util.find_spec("torch"):
    import torch
    from torch import nn

    ACTIVATIONS = {
        "identity": nn.Identity,
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "relu": nn.ReLU,
        "leaky_relu": nn.LeakyReLU,
        "prelu": lambda: nn.PReLU(5),
        "elu": nn.ELU,
        "softplus": lambda: nn.Softplus(threshold=100),
    }
    # loss -> last activation, torch's loss summed over outputs and averaged over examples, targets as torch reads them
    LOSSES = {
        "mean_squared_error": ("identity", nn.MSELoss(reduction="sum"), ONE_HOT),
        "half_squared_error": ("sigmoid", lambda p, t: nn.functional.mse_loss(p, t, reduction="sum") / 2, ONE_HOT),
        "mean_absolute_error": ("identity", nn.L1Loss(reduction="sum"), ONE_HOT),
        "huber": ("identity", nn.HuberLoss(reduction="sum"), ONE_HOT),
        "binary_cross_entropy": ("sigmoid", nn.BCELoss(reduction="sum"), ONE_HOT),
        "binary_cross_entropy_with_logits": ("identity", nn.BCEWithLogitsLoss(reduction="sum"), ONE_HOT),
        "cross_entropy": ("identity", nn.CrossEntropyLoss(reduction="sum"), LABELS),
        "negative_log_likelihood": ("log_softmax", nn.NLLLoss(reduction="sum"), LABELS),
    }
    LAST = {"identity": nn.Identity(), "sigmoid": nn.Sigmoid(), "log_softmax": nn.LogSoftmax(dim=1)}
    DTYPES = {np.float32: (torch.float32, 2e-5), np.float64: (torch.float64, 1e-12)}

    def pair(hidden, loss, dtype=np.float64):
        """The same network twice: ours, and torch's with our weights, and a function for torch's loss."""
        rng = np.random.default_rng(3)
        last, torch_loss, target = LOSSES[loss]
        layers = [Dense(4, 5, actlib.get(hidden), rng=rng, dtype=dtype)]
        layers.append(Dense(5, 3, getattr(actlib, last), rng=rng, dtype=dtype))
        modules = []
        for layer, activation in zip(layers, (ACTIVATIONS[hidden](), LAST[last]), strict=True):
            layer.parameters["bias"] += rng.normal(size=layer.outputs).astype(dtype)
            linear = nn.Linear(layer.inputs, layer.outputs, dtype=DTYPES[dtype][0])
            linear.weight.data = torch.tensor(layer.parameters["weights"].T.copy())
            linear.bias.data = torch.tensor(layer.parameters["bias"])
            modules += [linear, activation.to(DTYPES[dtype][0])]
        network, peer = Network(layers, losses.LOSSES[loss]), nn.Sequential(*modules)
        target = torch.tensor(target.astype(dtype) if target.ndim == 2 else target)
        return network, peer, lambda outputs: torch_loss(outputs, target) / len(LABELS)

    def inputs(dtype):
        return np.random.default_rng(4).normal(size=(7, 4)).astype(dtype)

    def peer_parameters(peer):
        """torch's parameters in our order and orientation, as (array, gradient)."""
        for parameter in peer.parameters():
            yield parameter.detach().numpy().T, parameter.grad.numpy().T

    def our_parameters(network):
        for layer in network.layers:
            for name in layer.parameters:
                yield layer.parameters[name], layer.gradients[name]

    def assert_close(ours, theirs, bound, place=""):
        assert ours.shape == theirs.shape, place
        assert ours.dtype == theirs.dtype, place
        error = np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)
        assert error <= bound, f"{place}: relative error {error:.1e}"

    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("loss", LOSSES)
    @pytest.mark.parametrize("hidden", ACTIVATIONS)
    def test_forward_and_gradients(hidden, loss, dtype):
        (network, peer, peer_loss), x, bound = pair(hidden, loss, dtype), inputs(dtype), DTYPES[dtype][1]
        target = check_examples(network, x, LABELS).targets if network.classifies else ONE_HOT.astype(dtype)
        value = network.loss_and_gradients(x, target)
        peer_inputs = torch.tensor(x, requires_grad=True)
        outputs = peer(peer_inputs)
        expected = peer_loss(outputs)
        expected.backward()
        assert_close(network.forward(x), outputs.detach().numpy(), bound, "outputs")
        assert value == pytest.approx(expected.item(), rel=bound)
        for k, (ours, theirs) in enumerate(zip(our_parameters(network), peer_parameters(peer), strict=True)):
            assert_close(ours[1], theirs[1], bound, f"gradient {k}")
        upstream = network.loss.gradient(network.forward(x), target, reduction="batchmean")
        assert_close(network.backward(upstream), peer_inputs.grad.numpy(), bound, "gradient of the inputs")

    OPTIMIZERS = {
        "SGD": (lambda: SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
        "momentum": (lambda: SGD(0.1, momentum=0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
        "Adam": (lambda: Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
        "Adam, other means": (
            lambda: Adam(0.01, beta1=0.5, beta2=0.7, epsilon=1e-3),
            lambda p: torch.optim.Adam(p, 0.01, betas=(0.5, 0.7), eps=1e-3),
        ),
    }

    @pytest.mark.parametrize("name", OPTIMIZERS)
    @pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "prelu"])
    def test_steps(hidden, name):
        (network, peer, peer_loss), x = pair(hidden, "cross_entropy"), inputs(np.float64)
        optimizer = OPTIMIZERS[name][0]()
        peer_optimizer = OPTIMIZERS[name][1](peer.parameters())
        for step in range(8):
            network.loss_and_gradients(x, LABELS)
            optimizer.step(network.layers)
            peer_optimizer.zero_grad()
            peer_loss(peer(torch.tensor(x))).backward()
            peer_optimizer.step()
            for k, (ours, theirs) in enumerate(zip(our_parameters(network), peer_parameters(peer), strict=True)):
                assert_close(ours[0], theirs[0], 1e-11, f"step {step}, parameter {k}")

    def test_a_wrong_step_is_seen():
        (network, peer, peer_loss), x = pair("tanh", "cross_entropy"), inputs(np.float64)
        network.loss_and_gradients(x, LABELS)
        SGD(0.1 * (1 + 1e-6)).step(network.layers)
        peer_loss(peer(torch.tensor(x))).backward()
        torch.optim.SGD(peer.parameters(), 0.1).step()
        (ours, _), (theirs, _) = next(our_parameters(network)), next(peer_parameters(peer))
        with pytest.raises(AssertionError, match="relative error"):
            assert_close(ours, theirs, 1e-11)
