"""The smallest honest neural network: a bench on which activations and losses are tried out.

A :class:`Network` is a list of :class:`Dense` layers and a loss. What training does is written out here, and
nothing else is needed to understand it: the forward pass, the backward pass right below it, one step of
:class:`SGD` or :class:`Adam`, and the loop over mini-batches in :meth:`Network.fit`.

Throughout, `n` examples are the rows of a matrix. The loss is summed over the outputs of an example and averaged
over the examples (``reduction="batchmean"``), as lectures write it.

>>> import numpy as np, actlib
>>> from actlib import datasets, losses
>>> from actlib.network import Adam, Dense, Network
>>> X, y = datasets.xor(400, rng=0)
>>> rng = np.random.default_rng(0)
>>> layers = [Dense(2, 16, actlib.tanh, rng=rng), Dense(16, 2, actlib.identity, rng=rng)]
>>> network = Network(layers, losses.cross_entropy)
>>> network
<Network 2 -> 16 tanh -> 2 identity, cross_entropy, 82 parameters>
>>> _ = network.fit(X, y, epochs=60, rng=rng, optimizer=Adam(0.02), verbose=False)
>>> network.score(X, y) > 0.95
True
"""

import os
import sys
from collections.abc import Callable, Iterable
from math import inf, isfinite, sqrt
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import losses
from .activations import ACTIVATIONS, identity, prelu, sigmoid
from .axis import AXIS_FUNCTIONS, log_softmax, softmax
from .entries import RandomActivation
from .network_io import CLASS_LOSSES, Examples, check_examples, check_inputs, progress, read, whole, write

__all__ = ["SGD", "Adam", "Dense", "Network", "Optimizer", "glorot", "he", "zeros"]

Array = NDArray[Any]
Seed = int | np.random.Generator | None

#: What a layer may have as its activation, by name.
KNOWN: dict[str, Any] = {**ACTIVATIONS, **AXIS_FUNCTIONS}

#: Losses of scores, and what turns the scores into probabilities.
LINKS: dict[str, Callable[..., Any]] = {
    "cross_entropy": softmax,
    "negative_log_likelihood": np.exp,
    "binary_cross_entropy_with_logits": sigmoid,
}


def glorot(rng: np.random.Generator, inputs: int, outputs: int) -> Array:
    """Uniform in ``±sqrt(6 / (inputs + outputs))`` (Glorot and Bengio 2010): keeps the size of values and gradients.

    It does so as long as the activation is near the identity.
    """
    bound = sqrt(6 / (inputs + outputs))
    return rng.uniform(-bound, bound, (inputs, outputs))


def he(rng: np.random.Generator, inputs: int, outputs: int) -> Array:
    """Normal with variance ``2 / inputs`` (He, Zhang, Ren and Sun 2015): a rectifier drops half of the squares."""
    return rng.normal(0, sqrt(2 / inputs), (inputs, outputs))


def zeros(rng: np.random.Generator, inputs: int, outputs: int) -> Array:
    """All weights 0: the units of a layer stay equal for ever. Shows why weights are drawn at random."""
    return np.zeros((inputs, outputs))


def _suitable(activation: Any) -> Callable[..., Array]:
    """He's weights for a rectifier (slope 1 far to the right and another far to the left), else Glorot's."""
    slopes = getattr(activation, "derivative_limits", {})
    return he if slopes.get(inf) == 1 and slopes.get(-inf) != 1 else glorot


class Dense:
    """A layer: ``activation(x @ weights + bias)``.

    Parameters
    ----------
    inputs, outputs : int
        Length of a row that comes in, and number of units.
    activation : Activation or AxisFunction
        For example ``actlib.relu``, or ``actlib.identity`` for scores that go to a loss.
    rng : Generator or int, optional
        Draws the weights. Give all layers one generator: with the same integer, layers would start alike.
    initialisation : callable, optional
        :func:`glorot`, :func:`he`, :func:`zeros` or a function of `rng`, `inputs`, `outputs`; by default :func:`he`
        for rectifiers, else :func:`glorot`. The bias starts at 0.
    dtype : {float64, float32}
        Of the parameters and so of all computations.
    **keywords
        Parameters of the activation. The `alpha` of ``actlib.prelu`` is learned, one for each unit.

    Attributes
    ----------
    parameters, gradients : dict of ndarray
        ``"weights"`` (inputs, outputs), ``"bias"`` (outputs,) and for prelu ``"alpha"`` (outputs,); the gradients
        are those of the last backward pass.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> layer = Dense(3, 2, actlib.relu, rng=0)
    >>> layer.forward(np.ones((5, 3))).shape
    (5, 2)
    >>> layer.backward(np.ones((5, 2))).shape, layer.gradients["weights"].shape
    ((5, 3), (3, 2))
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        activation: Any,
        *,
        rng: Seed = None,
        initialisation: Callable[..., Array] | None = None,
        dtype: DTypeLike = np.float64,
        **keywords: Any,
    ) -> None:
        inputs, outputs = whole(inputs, "Dense: inputs"), whole(outputs, "Dense: outputs")
        if not hasattr(activation, "backward"):
            raise TypeError(f"Dense: activation must be a function of actlib such as actlib.relu, got {activation!r}")
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise ValueError(f"Dense: dtype must be float32 or float64, got {np.dtype(dtype)}")
        self.inputs, self.outputs, self.activation, self.keywords = inputs, outputs, activation, keywords
        weights = (initialisation or _suitable(activation))(np.random.default_rng(rng), inputs, outputs)
        self.parameters = {"weights": weights.astype(dtype), "bias": np.zeros(outputs, dtype)}
        if activation is prelu:
            alpha = np.broadcast_to(keywords.get("alpha", 0.25), outputs).astype(dtype)
            self.parameters["alpha"] = keywords["alpha"] = alpha  # one array: what is learned is what is used
        self.gradients: dict[str, Array] = {}
        # a trial run: refuses unknown keywords, and tells the width (crelu doubles it)
        self.width: int = self.forward(np.zeros((1, inputs), dtype)).shape[1]
        del self.x, self.z

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """The outputs for the rows of `x`; with `rng`, in training: rrelu then draws its slopes."""
        self.x = x
        self.z = x @ self.parameters["weights"] + self.parameters["bias"]
        self.drawn = {}
        if rng is not None and isinstance(self.activation, RandomActivation):
            self.drawn["slopes"] = self.activation.sample_slopes(self.z.shape, rng, **self.keywords)
        result: Array = self.activation(self.z, **self.keywords, **self.drawn)
        return result

    def backward(self, upstream: Array) -> Array:
        """From the gradient with respect to the outputs of the last `forward` to that with respect to its inputs.

        On the way, the gradients of the parameters are stored in `gradients`.
        """
        if not hasattr(self, "z"):
            raise RuntimeError("Dense.backward: there is no forward pass to go back through; call forward first")
        delta = self.activation.backward(upstream, self.z, **self.keywords, **self.drawn)
        self.gradients = {"weights": self.x.T @ delta, "bias": delta.sum(axis=0)}
        if "alpha" in self.parameters:
            self.gradients |= self.activation.parameter_gradients(upstream, self.z, **self.keywords)
        result: Array = delta @ self.parameters["weights"].T
        return result


class Optimizer:
    """What :class:`SGD` and :class:`Adam` share: subtract a change from each parameter of each layer.

    For an optimizer of your own, derive a class and define `change`. What must be remembered from step to step goes
    into the dictionary `state`.
    """

    def __init__(self, learning_rate: float) -> None:
        if not 0 < learning_rate < inf:
            raise ValueError(f"learning_rate must be positive and finite, got {learning_rate!r}")
        self.learning_rate = learning_rate
        self.state: dict[tuple[Dense, str], Any] = {}

    def step(self, layers: Iterable[Dense]) -> None:
        """One step against the gradients that the last backward pass left in the layers."""
        for layer in layers:
            for name, gradient in layer.gradients.items():
                layer.parameters[name] -= self.change((layer, name), gradient)

    def change(self, key: tuple[Dense, str], gradient: Array) -> Array:
        """What to subtract from the parameter `key`, a layer and a name, given its gradient."""
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent: ``velocity = momentum * velocity + gradient``, change ``learning_rate * velocity``.

    Parameters
    ----------
    learning_rate : float
        Positive.
    momentum : float
        In [0, 1); 0 is plain gradient descent.
    """

    def __init__(self, learning_rate: float, momentum: float = 0.0) -> None:
        super().__init__(learning_rate)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum!r}")
        self.momentum = momentum

    def change(self, key: tuple[Dense, str], gradient: Array) -> Array:
        velocity = self.state[key] = self.momentum * self.state.get(key, 0.0) + gradient
        return self.learning_rate * velocity


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015): steps of about `learning_rate`, whatever the size of the gradient.

    Parameters
    ----------
    learning_rate : float
        Positive.
    beta1, beta2 : float
        In [0, 1): how slowly the running means of the gradient and of its square forget.
    epsilon : float
        Added to the root of the mean square.
    """

    def __init__(
        self, learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
    ) -> None:
        super().__init__(learning_rate)
        for name, beta in (("beta1", beta1), ("beta2", beta2)):
            if not 0 <= beta < 1:
                raise ValueError(f"{name} must lie in [0, 1), got {beta!r}")
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def change(self, key: tuple[Dense, str], gradient: Array) -> Array:
        steps, mean, square = self.state.get(key, (0, 0.0, 0.0))
        steps += 1
        mean = self.beta1 * mean + (1 - self.beta1) * gradient
        square = self.beta2 * square + (1 - self.beta2) * gradient**2
        self.state[key] = steps, mean, square
        # both means started at 0 and are too small at first; these quotients have the right expectation
        mean, square = mean / (1 - self.beta1**steps), square / (1 - self.beta2**steps)
        change: Array = self.learning_rate * mean / (np.sqrt(square) + self.epsilon)
        return change


class Network:
    """Layers one after the other, and the loss that trains them.

    Parameters
    ----------
    layers : list of Dense
        From the inputs to the outputs.
    loss : Loss
        For example ``losses.cross_entropy`` (scores and labels) or ``losses.mean_squared_error``.
    **keywords
        Parameters of the loss, such as ``delta=2.0`` for huber.

    Attributes
    ----------
    classifies : bool
        Whether it is a classifier, see Notes.
    history_ : dict of list
        Of the last `fit`: ``"loss"``, ``"accuracy"`` (of a classifier) and ``"gradient_norms"`` (one number a
        layer, of the weights), measured over all training data before the first epoch and after each one, and
        with `validation` data ``"validation_loss"`` and ``"validation_accuracy"``.

    Notes
    -----
    The network is a classifier if its outputs are probabilities (last activation sigmoid or softmax) or scores of
    a loss that makes them so (``cross_entropy``, ``binary_cross_entropy_with_logits``); labels are then the
    integers 0 to K - 1 for K outputs, and 0 and 1 for a single one. Otherwise it is a regression.
    """

    def __init__(self, layers: Iterable[Dense], loss: Any, **keywords: Any) -> None:
        self.layers, self.loss, self.keywords = list(layers), loss, keywords
        if not self.layers:
            raise ValueError("Network: expected at least one layer, got none")
        if not hasattr(loss, "value_and_gradient"):
            raise TypeError(f"Network: loss must be one of actlib.losses, got {loss!r}")
        if hasattr(loss, "gradient_definitions"):
            raise TypeError(f"Network: expected a loss of a prediction and a target, got {loss!r}")
        for name in ("axis", "ignore_index", "out", "reduction", "sample_weight"):
            if name in keywords:
                raise TypeError(f"Network: the loss of a network takes no {name}")
        for k, layer in enumerate(self.layers):
            if not isinstance(layer, Dense):
                raise TypeError(f"Network: expected Dense layers, got {layer!r} as layer {k}")
            if any(layer is other for other in self.layers[:k]):
                raise ValueError(f"Network: layer {k} stands in the list twice; expected another Dense for each place")
        for k, (below, above) in enumerate(zip(self.layers, self.layers[1:], strict=False)):
            if below.width != above.inputs:
                raise ValueError(f"Network: layer {k} gives {below.width} values, layer {k + 1} expects {above.inputs}")
        self.dtype = np.result_type(*(layer.parameters["weights"] for layer in self.layers))
        self.inputs, self.outputs = self.layers[0].inputs, self.layers[-1].width
        self._check_end()
        self._link = LINKS.get(loss.name)
        if self._link is None and self.layers[-1].activation in (sigmoid, softmax):
            self._link = identity
        self.classifies = self._link is not None
        self.history_: dict[str, list[Any]] = {}

    def _check_end(self) -> None:
        """Refuse a last layer that does what the loss does too, or not what it expects."""
        last, loss = self.layers[-1].activation, self.loss.name
        if loss in ("cross_entropy", "binary_cross_entropy_with_logits") and last in (sigmoid, softmax):
            raise ValueError(
                f"Network: {loss} reads scores and applies {LINKS[loss].__name__} itself; expected identity in the "
                f"last layer, got {last.name}"
            )
        if loss == "negative_log_likelihood" and last is not log_softmax:
            raise ValueError(
                f"Network: {loss} reads logarithms of probabilities; expected log_softmax in the last layer, "
                f"got {last.name}"
            )
        if self.outputs == 1 and (loss in CLASS_LOSSES or last is softmax):
            raise ValueError(
                "Network: softmax of a single output is always 1; expected one output for each class, or "
                "binary_cross_entropy_with_logits"
            )

    def __repr__(self) -> str:
        chain = "".join(f" -> {layer.outputs} {layer.activation.name}" for layer in self.layers)
        count = sum(array.size for layer in self.layers for array in layer.parameters.values())
        return f"<Network {self.inputs}{chain}, {self.loss.name}, {count} parameters>"

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """The outputs of the last layer for the rows of `x`; with `rng`, as in training."""
        for layer in self.layers:
            x = layer.forward(x, rng)
        return x

    def backward(self, upstream: Array) -> Array:
        """The gradient with respect to the inputs, from that with respect to the outputs of the last `forward`."""
        for layer in reversed(self.layers):
            upstream = layer.backward(upstream)
        return upstream

    def loss_and_gradients(self, x: Array, target: Array, rng: np.random.Generator | None = None) -> float:
        """The loss, summed over outputs and averaged over examples; each layer then has its gradients."""
        outputs = self.forward(x, rng)
        value, upstream = self.loss.value_and_gradient(outputs, target, reduction="batchmean", **self.keywords)
        self.backward(upstream)
        return float(value)

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int = 20,
        batch_size: int = 32,
        rng: Seed = None,
        optimizer: Optimizer | None = None,
        validation: tuple[ArrayLike, ArrayLike] | None = None,
        verbose: bool = True,
    ) -> Self:
        """Train on mini-batches, from the present parameters on.

        Parameters
        ----------
        X : array_like, shape (n, inputs)
            Finite numbers, one example a row.
        y : array_like
            Labels (n,) for a classifier; or targets (n, outputs), also (n,) if there is one output.
        epochs, batch_size : int
            How often to go through the data, and how many examples make a step.
        rng : Generator or int, optional
            Draws the order of the examples in each epoch.
        optimizer : Optimizer, optional
            By default ``Adam()``.
        validation : pair of X and y, optional
            Measured along, not learned from.
        verbose : bool
            Show a progress bar (with tqdm installed) or one line at the end.

        Returns
        -------
        Network
            Itself.

        Raises
        ------
        ValueError
            If a shape, a number or a label is not what is expected; the message says which and where.
        FloatingPointError
            If the loss is not finite: the data are too large, or the learning rate.
        """
        epochs, batch_size = whole(epochs, "fit: epochs"), whole(batch_size, "fit: batch_size")
        if optimizer is not None and not isinstance(optimizer, Optimizer):
            raise TypeError(f"fit: optimizer must be an Optimizer such as SGD(0.1), got {optimizer!r}")
        if validation is not None and not (isinstance(validation, tuple | list) and len(validation) == 2):
            raise TypeError(f"fit: validation must be a pair (X, y), got {type(validation).__name__}")
        rng, optimizer = np.random.default_rng(rng), optimizer or Adam()
        x, target, _ = training = check_examples(self, X, y)
        watched = {"": training}
        if validation is not None:
            watched["validation_"] = check_examples(self, *validation, "validation ")
        self.history_ = {}
        bar = progress(epochs, verbose)
        with np.errstate(over="ignore", invalid="ignore"):  # a loss that diverges is reported as an error below
            summary = self._record(watched)
            loss = self.history_["loss"][0]
            if not isfinite(loss):
                raise FloatingPointError(
                    f"fit: the loss is {loss} before the first epoch; expected a finite number: scale inputs and "
                    "targets"
                )
            for epoch in bar:
                order = rng.permutation(len(x))
                for start in range(0, len(x), batch_size):
                    batch = order[start : start + batch_size]
                    self.loss_and_gradients(x[batch], target[batch], rng)
                    optimizer.step(self.layers)
                summary = self._record(watched)
                loss = self.history_["loss"][-1]
                if not isfinite(loss):
                    raise FloatingPointError(
                        f"fit: the loss is {loss} after epoch {epoch + 1}; expected a finite number: try a "
                        f"learning rate smaller than {optimizer.learning_rate}"
                    )
                if hasattr(bar, "set_postfix_str"):
                    bar.set_postfix_str(summary)
        if verbose and isinstance(bar, range):
            print(f"{epochs} epochs: {summary}", file=sys.stderr)
        return self

    def _record(self, watched: dict[str, Examples]) -> str:
        """Measure loss, accuracy and gradients, write them into the history, and sum them up in words."""
        new: dict[str, Any] = {}
        for prefix, (x, target, labels) in watched.items():
            outputs = self.forward(x)
            value, upstream = self.loss.value_and_gradient(outputs, target, reduction="batchmean", **self.keywords)
            new[prefix + "loss"] = float(value)
            if labels is not None:
                new[prefix + "accuracy"] = float(np.mean(self._probabilities(outputs).argmax(axis=1) == labels))
            if not prefix:
                self.backward(upstream)
                new["gradient_norms"] = [float(np.linalg.norm(layer.gradients["weights"])) for layer in self.layers]
        for name, value in new.items():
            self.history_.setdefault(name, []).append(value)
        return ", ".join(f"{name} {new[name]:.4g}" for name in ("loss", "accuracy") if name in new)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Probabilities of the classes, shape (n, K); of a network with one output, columns for 0 and 1.

        Those of several sigmoid outputs are separate answers, and do not sum to 1.
        """
        if not self.classifies:
            raise TypeError(
                f"predict_proba: {self!r} is a regression; expected sigmoid or softmax at its end, or a "
                f"loss of scores: {', '.join(LINKS)}"
            )
        return self._probabilities(self.forward(check_inputs(X, self.inputs, self.dtype)))

    def _probabilities(self, outputs: Array) -> Array:
        assert self._link is not None
        probabilities: Array = self._link(outputs)
        return probabilities if self.outputs > 1 else np.hstack([1 - probabilities, probabilities])

    def predict(self, X: ArrayLike) -> Array:
        """The most probable labels, shape (n,); for a regression the outputs, (n, outputs) or (n,) if there is one."""
        if self.classifies:
            return self.predict_proba(X).argmax(axis=1)
        outputs = self.forward(check_inputs(X, self.inputs, self.dtype))
        return outputs if self.outputs > 1 else outputs[:, 0]

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """The share of right labels; for a regression ``1 - sum((y - prediction)**2) / sum((y - mean(y))**2)``.

        The latter has no value if all targets are equal.
        """
        x, target, labels = check_examples(self, X, y)
        if labels is not None:
            return float(np.mean(self.predict(x) == labels))
        if self.classifies:
            raise ValueError("score: y must be integer labels of shape (n,), got targets")
        if np.all(target == target[0]):
            raise ValueError(f"score: the targets must differ from each other, got {target[0, 0]} throughout")
        errors, deviations = target - self.forward(x), target - target.mean(axis=0)
        return float(1 - np.sum(errors**2) / np.sum(deviations**2))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to `path`: a npz archive of the parameters and a description in JSON, no pickle."""
        for entry in (*(layer.activation for layer in self.layers), self.loss):
            if entry not in (*KNOWN.values(), *losses.LOSSES.values()):
                raise ValueError(f"save: expected functions of actlib, which load finds by their names, got {entry!r}")
        layers = [(layer.inputs, layer.outputs, layer.activation.name, layer.keywords) for layer in self.layers]
        arrays = {f"{k}.{name}": a for k, layer in enumerate(self.layers) for name, a in layer.parameters.items()}
        write(path, {"loss": self.loss.name, "keywords": self.keywords, "layers": layers}, arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The network that :meth:`save` wrote to `path`."""
        description, arrays = read(path)
        layers = []
        for k, (inputs, outputs, name, keywords) in enumerate(description["layers"]):
            dtype = arrays[f"{k}.weights"].dtype
            layers.append(Dense(inputs, outputs, KNOWN[name], initialisation=zeros, dtype=dtype, **keywords))
            for name, parameter in layers[-1].parameters.items():
                parameter[...] = arrays[f"{k}.{name}"]
        return cls(layers, losses.LOSSES[description["loss"]], **description["keywords"])
