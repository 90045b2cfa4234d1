"""What the pages and docstrings say about PyTorch and JAX: kinks, lost tails, and equal values elsewhere.

Not collected where the two are not installed; CI requires them.
"""

import functools
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from methods import completed
from torch.nn import functional

import actlib
from actlib import check, losses

jax.config.update("jax_enable_x64", True)

FOLDER = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(FOLDER))
try:
    from elementwise import VALUES
finally:
    sys.path.remove(str(FOLDER))


def peer(table, library, module):
    return functools.partial(table[library], module, out=None) if library in table else None


# name -> (PyTorch's function or None, JAX's function or None), from the table of the benchmark
PEERS = {name: (peer(table, "torch", torch), peer(table, "jax", jax)) for name, table in VALUES.items()}
NOT_DIFFERENTIABLE = ("heaviside",)  # torch.heaviside has no derivative


def torch_derivative(function, x):
    at = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    function(at).sum().backward()
    return at.grad.numpy()


def jax_derivative(function, x):
    return np.asarray(jax.vmap(jax.grad(function))(jnp.asarray(x, dtype=jnp.float64)))


def test_every_activation_has_a_peer():
    assert set(PEERS) == set(actlib.ACTIVATIONS)


@pytest.mark.parametrize("name", PEERS)
def test_values_and_derivatives_agree_where_peers_are_good(name):
    x = np.array([-15.0, -4.0, -1.0, -0.3, 0.2, 0.9, 3.0, 15.0])
    if name in ("gelu", "squareplus"):
        x = x[1:]  # at -15 PyTorch returns -0 for -5.5e-50, and x + sqrt(x**2 + 4) has lost two digits
    elif name == "gelu_tanh":
        x = x[x > -2]  # 1 + tanh
    elif name == "tanh_shrink":
        x = x[abs(x) > 0.5]  # peers subtract
    entry, (of_torch, of_jax) = completed(actlib.ACTIVATIONS[name]), PEERS[name]
    x = x[~np.isin(x, entry.places_of_kinks())]
    if of_torch:
        np.testing.assert_allclose(of_torch(torch.tensor(x)).numpy(), entry(x), rtol=1e-14, atol=0)
    if of_torch and name not in NOT_DIFFERENTIABLE:
        np.testing.assert_allclose(torch_derivative(of_torch, x), entry.derivative(x), rtol=1e-3, atol=0)
    if of_jax:
        np.testing.assert_allclose(of_jax(x), entry(x), rtol=1e-14, atol=0)
        np.testing.assert_allclose(jax_derivative(of_jax, x), entry.derivative(x), rtol=1e-3)


@pytest.mark.parametrize(
    ("name", "by_actlib", "by_torch", "by_jax"),
    [
        ("relu", 0, 0, 0),
        ("leaky_relu", 0.01, 0.01, 1),
        ("prelu", 0.25, 0.25, None),
        ("rrelu", 11 / 48, 11 / 48, None),
        ("elu", 1, 1, 1),
        ("sign", 0, 0, 0),
        ("heaviside", 0, None, 0),
    ],
)
def test_derivative_at_the_kink(name, by_actlib, by_torch, by_jax):
    of_torch, of_jax = PEERS[name]
    assert actlib.ACTIVATIONS[name].derivative(0.0) == by_actlib
    if by_torch is not None:
        assert torch_derivative(of_torch, [0.0]) == [by_torch]
    if by_jax is not None:
        assert jax_derivative(of_jax, [0.0]) == [by_jax]


@pytest.mark.parametrize(
    ("name", "at", "by_actlib", "by_torch", "by_jax"),
    [
        ("relu6", [0.0, 6.0], [0, 0], [0, 0], [0, 0]),
        ("hard_tanh", [-1.0, 1.0], [0, 0], [0, 0], [1, 1]),
        ("hard_sigmoid", [-3.0, 3.0], [1 / 6, 1 / 6], [0, 0], [0, 0]),
        ("hard_swish", [-3.0, 3.0], [0, 1], [0, 1], [0, 1]),
        ("threshold", [0.5], [0], [0], None),
        ("thresholded_relu", [1.0], [0], [0], None),
        ("hard_shrink", [-0.5, 0.5], [0, 0], [0, 0], None),
        ("soft_shrink", [-0.5, 0.5], [0, 0], [0, 0], None),
    ],
)
def test_derivatives_at_the_ends_of_pieces(name, at, by_actlib, by_torch, by_jax):
    of_torch, of_jax = PEERS[name]
    assert completed(actlib.ACTIVATIONS[name]).derivative(at).tolist() == by_actlib
    assert torch_derivative(of_torch, at).tolist() == by_torch
    if by_jax is not None:
        assert jax_derivative(of_jax, at).tolist() == by_jax


def test_the_slope_of_hardsigmoid_in_torch_is_a_float32():
    assert torch_derivative(functional.hardsigmoid, [1.0]) == [np.float32(1 / 6)]
    assert actlib.hard_sigmoid.derivative(1.0) == 1 / 6 != np.float64(np.float32(1 / 6))


def test_peers_have_no_limit_of_hard_swish():
    """An infinity times a zero; actlib returns the limit."""
    of_torch, of_jax = PEERS["hard_swish"]
    assert np.isnan(of_torch(torch.tensor(-np.inf, dtype=torch.float64)).numpy())
    assert np.isnan(of_jax(-np.inf))
    assert actlib.hard_swish(-np.inf) == 0


def test_elu_at_the_kink_is_alpha_everywhere():
    assert actlib.elu.derivative(0.0, alpha=2.0) == 2
    assert torch_derivative(lambda x: functional.elu(x, alpha=2.0), [0.0]) == [2]
    assert jax_derivative(lambda x: jax.nn.elu(x, alpha=2.0), [0.0]) == [2]


def test_selu_at_the_kink_is_lambda_alpha_everywhere():
    assert actlib.selu.derivative(0.0) == 1.7580993408473768
    for of_peer in (torch_derivative(functional.selu, [0.0]), jax_derivative(jax.nn.selu, [0.0])):
        np.testing.assert_allclose(of_peer, 1.7580993408473768, rtol=1e-15)


def test_peers_lose_the_tails_of_derivatives():
    """sigmoid' and tanh' computed from the rounded output are 0 where actlib has all digits."""
    for name, at in (("sigmoid", 40.0), ("tanh", 20.0)):
        of_torch, of_jax = PEERS[name]
        assert torch_derivative(of_torch, [at]) == [0]
        assert jax_derivative(of_jax, [at]) == [0]
        assert 0 < actlib.ACTIVATIONS[name].derivative(at) < 1e-16


def test_softplus_threshold_of_torch():
    """From 20 on PyTorch returns x itself; JAX and actlib do not."""
    assert functional.softplus(torch.tensor(20.5, dtype=torch.float64)) == 20.5
    assert actlib.softplus(20.5) > 20.5
    assert float(jax.nn.softplus(jnp.float64(20.5))) > 20.5


def test_nan_of_torch():
    """PyTorch's relu' of NaN is 1 and its selu' lambda; actlib passes the NaN on."""
    assert torch_derivative(torch.relu, [np.nan]) == [1]
    assert torch_derivative(functional.selu, [np.nan]) == [actlib.selu.derivative(1.0)]
    assert np.isnan(actlib.relu.derivative(np.nan))
    assert np.isnan(actlib.selu.derivative(np.nan))


@pytest.mark.parametrize("name", ["silu", "gelu", "mish"])
def test_peers_have_no_limits_at_infinity(name):
    """A product of an infinity and a zero is NaN there; the functions have limits."""
    of_torch, of_jax = PEERS[name]
    ends = np.array([-np.inf, np.inf])
    assert np.isnan(of_torch(torch.tensor(ends)).numpy()).tolist() == [True, False]
    assert np.isnan(of_jax(ends)).tolist() == [True, False]
    assert np.isnan(torch_derivative(of_torch, ends)).all()
    assert np.isnan(jax_derivative(of_jax, ends)).all()
    entry = actlib.ACTIVATIONS[name]
    assert entry(ends).tolist() == [0, np.inf]
    assert entry.derivative(ends).tolist() == [0, 1]


@pytest.mark.parametrize(("name", "zero"), [("silu", -1.27846454276107379511), ("gelu", -0.75179152469356445746),
                                            ("mish", -1.19243121451549521214)])  # fmt: skip
def test_peers_lose_the_zeros_of_derivatives(name, zero):
    """At the float beside the zero, they are wrong in the first or second digit; actlib is by a few ulp."""
    of_torch, of_jax = PEERS[name]
    exact = check.evaluate_definition(actlib.ACTIVATIONS[name].derivative_definition, x=zero, beta=1.0)
    assert check.ulp_error(actlib.ACTIVATIONS[name].derivative(zero), exact) < 4
    for peer in (torch_derivative(of_torch, [zero])[0], jax_derivative(of_jax, [zero])[0]):
        assert abs(peer / float(exact) - 1) > 0.1


def test_tails_of_silu_and_mish():
    """Where exp(-x) overflows, peers return 0; the product is still a number."""
    for name, of_torch, of_jax in [(name, *PEERS[name]) for name in ("silu", "mish")]:
        assert float(of_torch(torch.tensor(-750.0, dtype=torch.float64))) == float(of_jax(jnp.float64(-750.0))) == 0
        assert actlib.ACTIVATIONS[name](-750.0) == -1.5e-323


def test_tail_of_gelu():
    """PyTorch computes 1 + erf, which is 0 below -8.3; JAX takes the complement, but approximates by default."""
    assert functional.gelu(torch.tensor(-10.0, dtype=torch.float64)) == 0
    np.testing.assert_allclose(jax.nn.gelu(jnp.float64(-10.0), approximate=False), actlib.gelu(-10.0), rtol=1e-12)
    assert abs(jax.nn.gelu(jnp.float64(1.0)) - actlib.gelu(1.0)) > 1e-4


def test_tail_of_selu_derivative():
    """JAX adds lambda alpha to the output; PyTorch and actlib do not."""
    assert jax_derivative(jax.nn.selu, [-40.0]) == [0]
    np.testing.assert_allclose(torch_derivative(functional.selu, [-40.0]), actlib.selu.derivative(-40.0), rtol=1e-14)


def test_log_cosh_of_peers():
    """log(cosh(r)) overflows and loses small residuals; the form with logaddexp loses small residuals."""
    r = torch.tensor([1e-9, 1000.0], dtype=torch.float64)
    assert torch.log(torch.cosh(r)).tolist() == [0, np.inf]
    assert jnp.logaddexp(1e-9, -1e-9) - jnp.log(2.0) == 0
    np.testing.assert_allclose(losses.log_cosh([1e-9, 1000.0], 0.0, reduction="none"), [5e-19, 999.306852819440])


def test_quantile_of_peers_at_the_kink():
    q = 0.9
    p = torch.tensor(0.0, requires_grad=True)
    torch.maximum(-q * p, (1 - q) * p).backward()
    np.testing.assert_allclose(p.grad, 0.5 - q, rtol=1e-6)
    np.testing.assert_allclose(jax.grad(lambda p: jnp.maximum(-q * p, (1 - q) * p))(0.0), 0.5 - q, rtol=1e-12)
    assert losses.quantile.gradient(0.0, 0.0, quantile=q) == 0


def test_poisson_constant_of_torch():
    """PyTorch's full=True adds Stirling's approximation above 1 and 0 else; JAX and actlib log(t!)."""
    counts, zeros = np.array([0.0, 1.0, 2.0, 10.0]), np.zeros(4)
    of_torch = functional.poisson_nll_loss(torch.tensor(zeros), torch.tensor(counts), full=True, reduction="none") - 1
    np.testing.assert_allclose(of_torch, [0, 0, 0.6518064, 15.0960820], rtol=1e-6)
    ours = losses.poisson_nll(zeros, counts, full=True, reduction="none")
    np.testing.assert_allclose(ours - 1, [0, 0, np.log(2), np.log(3628800)], rtol=1e-14)
    np.testing.assert_allclose(ours, -jax.scipy.stats.poisson.logpmf(counts, 1.0), rtol=1e-14)


def test_poisson_limits_of_peers():
    mean = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    loss = functional.poisson_nll_loss(mean, torch.tensor(1.0, dtype=torch.float64), log_input=False)
    loss.backward()
    np.testing.assert_allclose([loss.item(), mean.grad], [18.420680743952367, -99999999], rtol=1e-12)
    assert -jax.scipy.stats.poisson.logpmf(1, 0.0) == losses.poisson_nll(0.0, 1.0, log_input=False) == np.inf
    assert torch.isnan(functional.poisson_nll_loss(torch.tensor(-np.inf), torch.tensor(0.0)))
    assert losses.poisson_nll(-np.inf, 0.0) == 0


def test_sign_of_nan():
    assert torch.sign(torch.tensor(float("nan"))) == 0
    assert np.isnan(actlib.sign(np.nan))


def test_prelu_gradient_of_torch():
    x = np.array([[1.0, -2.0], [0.0, -3.0]])
    alpha = torch.tensor([0.25], dtype=torch.float64, requires_grad=True)
    functional.prelu(torch.tensor(x), alpha).sum().backward()
    assert actlib.prelu.parameter_gradients(np.ones_like(x), x, alpha=0.25)["alpha"] == alpha.grad.item() == -5


def test_clips_of_a_probability_are_those_of_the_chapter_on_numerics():
    """p = 1e-60 for what happened: the loss is 138.2, and each library clips in its own way."""
    from sklearn.metrics import log_loss

    p = torch.tensor(1e-60, dtype=torch.float64, requires_grad=True)
    loss = functional.binary_cross_entropy(p, torch.tensor(1.0, dtype=torch.float64))
    loss.backward()
    assert loss.item() == 100
    assert p.grad.item() == pytest.approx(-1e12)
    assert round(log_loss([1], [1e-60], labels=[0, 1]), 1) == 36.0
    assert round(float(actlib.losses.binary_cross_entropy(1e-60, 1.0)), 1) == 138.2
    assert actlib.losses.binary_cross_entropy.gradient(1e-60, 1.0) == pytest.approx(-1e60)


def test_a_clip_to_1e_7_as_in_keras_has_no_gradient_outside():
    """Keras itself is not installed in CI; this is its formula, differentiated by JAX."""

    def keras(p):
        return -jnp.log(jnp.clip(p, 1e-7, 1 - 1e-7))

    value, slope = jax.value_and_grad(keras)(jnp.float64(1e-60))
    assert round(float(value), 1) == 16.1
    assert slope == 0


@pytest.mark.parametrize(
    ("of_torch", "of_jax", "at", "by_torch", "by_jax"),
    [
        (lambda x: torch.maximum(x, torch.zeros_like(x)), lambda x: jnp.maximum(x, 0.0), 0, 0.5, 0.5),
        (lambda x: functional.elu(x, alpha=2.0), lambda x: jax.nn.elu(x, alpha=2.0), 0, 2, 2),
        (functional.selu, jax.nn.selu, 0, 1.7580993408473766, 1.7580993408473766),
        (lambda x: torch.clamp(x, 0, 1), lambda x: jnp.clip(x, 0, 1), 0, 1, 0.5),
        (lambda x: torch.clamp(x, 0, 1), lambda x: jnp.clip(x, 0, 1), 1, 1, 0.5),
        (functional.relu6, jax.nn.relu6, 0, 0, 0),
        (functional.relu6, jax.nn.relu6, 6, 0, 0),
        (functional.hardtanh, jax.nn.hard_tanh, -1, 0, 1),
        (functional.hardtanh, jax.nn.hard_tanh, 1, 0, 1),
        (torch.abs, jnp.abs, 0, 0, 1),
        (None, lambda z: jnp.maximum(0.0, 1 - z), 1, None, -0.5),
    ],
)
def test_kinks_are_those_of_the_chapter_on_conventions(of_torch, of_jax, at, by_torch, by_jax):
    if of_torch is not None:
        assert torch_derivative(of_torch, [float(at)]) == pytest.approx([by_torch])
    assert jax_derivative(of_jax, [float(at)]) == pytest.approx([by_jax], rel=1e-6)
