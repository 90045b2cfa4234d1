"""Losses with their gradient: mean and gradient of elements, or of rows of 10 logits.

scikit-learn's losses give one value for each sample and no mean; they are timed as they are.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from elementwise import compiled
from turns import Case, Wanted, everything

import actlib
from actlib import losses

LOG_2 = 0.6931471805599453


class Job:
    """How peers write a loss: `torch` and `jax` take (library, prediction, target), `sklearn` makes its loss object
    from the library and the number of classes.

    The first arrays, as many as `gradients` says, have a gradient.
    """

    def __init__(
        self,
        arguments: Callable[..., tuple[Any, ...]],
        torch: Callable[..., Any],
        jax: Callable[..., Any],
        sklearn: Callable[..., Any] | None = None,
        gradients: int = 1,
    ) -> None:
        self.arguments, self.torch, self.jax, self.sklearn = arguments, torch, jax, sklearn
        self.gradients = gradients


def regression(rng, size):
    return rng.normal(size=size), rng.normal(size=size)


def signed(rng, size):
    return rng.normal(size=size), np.where(rng.random(size) < 0.5, -1.0, 1.0)


def binary(rng, size):
    return rng.normal(scale=3, size=size), (rng.random(size) < 0.5).astype(float)


def probability(rng, size):
    return rng.uniform(0.01, 0.99, size), (rng.random(size) < 0.5).astype(float)


def classes(rng, size):
    rows = max(1, size * 3 // 50)
    return rng.normal(scale=3, size=(rows, 10)), rng.integers(0, 10, rows)


def several_labels(rng, size):
    logits, _ = classes(rng, size)
    return logits, (rng.random(logits.shape) < 0.2).astype(float)


def lists_of_labels(rng, size):
    logits, _ = classes(rng, size)
    lists = rng.permuted(np.tile(np.arange(10), (len(logits), 1)), axis=1)
    return logits, np.where(np.arange(10) < rng.integers(0, 4, (len(logits), 1)), lists, -1)


def log_probabilities(rng, size):
    logits, labels = classes(rng, size)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True)), labels


def class_probabilities(rng, size):
    logits, labels = log_probabilities(rng, size)
    return np.exp(logits), labels


def two_distributions(rng, size):
    return log_probabilities(rng, size)[0], class_probabilities(rng, size)[0]


def with_variance(rng, size):
    return rng.normal(size=size), rng.normal(size=size), rng.uniform(0.5, 2, size)


def counts(rng, size):
    return rng.normal(size=size), rng.poisson(2.0, size).astype(float)


def amounts(rng, size):
    return rng.normal(size=size), rng.gamma(2.0, size=size)


def two_amounts(rng, size):
    return rng.gamma(2.0, size=size), rng.gamma(2.0, size=size) + 0.1


def distances_and_signs(rng, size):
    return rng.gamma(2.0, size=size), np.where(rng.random(size) < 0.5, -1.0, 1.0)


def ranked(rng, size):
    return *regression(rng, size), signed(rng, size)[1]


def vectors(count):
    """Arguments of `count` arrays of vectors with 64 entries."""
    return lambda rng, size: tuple(rng.normal(size=(max(1, size // 64), 64)) for _ in range(count))


def vectors_and_signs(rng, size):
    pair = vectors(2)(rng, size)
    return *pair, signed(rng, len(pair[0]))[1]


def cosines(jax, a, b):
    norm = jax.numpy.linalg.norm
    return (a * b).sum(-1) / (norm(a, axis=-1) * norm(b, axis=-1))


def distances(jax, a, b):
    return jax.numpy.linalg.norm(a - b, axis=-1)


def picked(jax, rows, labels):
    return jax.numpy.take_along_axis(rows, labels[:, None], axis=-1)


def crammer_singer_in_torch(torch, z, t):
    right = z.gather(1, t[:, None])
    others = z.scatter(1, t[:, None], -torch.inf)
    return torch.clamp_min(1 + others.amax(1, keepdim=True) - right, 0).mean()


def crammer_singer_in_jax(jax, z, t):
    others = jax.numpy.where(jax.nn.one_hot(t, z.shape[1], dtype=bool), -jax.numpy.inf, z)
    return jax.numpy.maximum(1 + others.max(1, keepdims=True) - picked(jax, z, t), 0).mean()


def focal_in_torch(torch, z, t):
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(z, t, reduction="none")
    return ((1 - torch.exp(-entropy)) ** 2 * entropy).mean()


def poly1_in_torch(torch, z, t):
    entropy = torch.nn.functional.cross_entropy(z, t, reduction="none")
    return (entropy - torch.expm1(-entropy)).mean()


def poly1_in_jax(jax, z, t):
    entropy = -picked(jax, jax.nn.log_softmax(z), t)
    return (entropy - jax.numpy.expm1(-entropy)).mean()


def pairs_in_jax(jax, z, lists):
    label = jax.nn.one_hot(lists, z.shape[1], dtype=z.dtype).max(1)  # one_hot(-1) is a row of zeros
    gap = jax.numpy.maximum(1 - z[:, :, None] + z[:, None, :], 0)
    return (gap * label[:, :, None] * (1 - label)[:, None, :]).sum((1, 2)).mean() / z.shape[1]



JOBS: dict[str, Job] = {
    "mean_squared_error": Job(
        regression,
        lambda torch, p, t: torch.nn.functional.mse_loss(p, t),
        lambda jax, p, t: ((p - t) ** 2).mean(),
    ),
    "half_squared_error": Job(
        regression,
        lambda torch, p, t: torch.nn.functional.mse_loss(p, t) / 2,
        lambda jax, p, t: ((p - t) ** 2).mean() / 2,
        lambda module, classes: module.HalfSquaredError(),
    ),
    "mean_absolute_error": Job(
        regression,
        lambda torch, p, t: torch.nn.functional.l1_loss(p, t),
        lambda jax, p, t: abs(p - t).mean(),
        lambda module, classes: module.AbsoluteError(),
    ),
    "huber": Job(
        regression,
        lambda torch, p, t: torch.nn.functional.huber_loss(p, t),
        lambda jax, p, t: jax.numpy.where(abs(p - t) <= 1, (p - t) ** 2 / 2, abs(p - t) - 0.5).mean(),
        lambda module, classes: module.HuberLoss(delta=1.0),
    ),
    "hinge": Job(
        signed,
        lambda torch, p, t: torch.clamp_min(1 - p * t, 0).mean(),
        lambda jax, p, t: jax.numpy.maximum(1 - p * t, 0).mean(),
    ),
    "binary_cross_entropy": Job(
        probability,
        lambda torch, p, t: torch.nn.functional.binary_cross_entropy(p, t),
        lambda jax, p, t: -(t * jax.numpy.log(p) + (1 - t) * jax.numpy.log1p(-p)).mean(),
    ),
    "binary_cross_entropy_with_logits": Job(
        binary,
        lambda torch, z, t: torch.nn.functional.binary_cross_entropy_with_logits(z, t),
        lambda jax, z, t: (jax.nn.softplus(z) - t * z).mean(),
        lambda module, classes: module.HalfBinomialLoss(),
    ),
    "focal": Job(
        binary,
        focal_in_torch,
        lambda jax, z, t: (jax.nn.sigmoid((1 - 2 * t) * z) ** 2 * (jax.nn.softplus(z) - t * z)).mean(),
    ),
    "cross_entropy": Job(
        classes,
        lambda torch, z, t: torch.nn.functional.cross_entropy(z, t),
        lambda jax, z, t: -picked(jax, jax.nn.log_softmax(z), t).mean(),
        lambda module, classes: module.HalfMultinomialLoss(n_classes=classes),
    ),
    "multiclass_hinge": Job(
        classes,
        crammer_singer_in_torch,
        crammer_singer_in_jax,
    ),
    "brier": Job(
        class_probabilities,
        lambda torch, p, t: ((p - torch.nn.functional.one_hot(t, p.shape[1])) ** 2).sum(1).mean(),
        lambda jax, p, t: ((p - jax.nn.one_hot(t, p.shape[1], dtype=p.dtype)) ** 2).sum(1).mean(),
    ),
    "poly1_cross_entropy": Job(
        classes,
        poly1_in_torch,
        poly1_in_jax,
    ),
    "generalized_cross_entropy": Job(
        classes,
        lambda torch, z, t: (1 - torch.exp(-torch.nn.functional.cross_entropy(z, t, reduction="none") / 2)).mean() * 2,
        lambda jax, z, t: -2 * jax.numpy.expm1(picked(jax, jax.nn.log_softmax(z), t) / 2).mean(),
    ),
    "multilabel_margin": Job(
        lists_of_labels,
        lambda torch, z, t: torch.nn.functional.multilabel_margin_loss(z, t),
        pairs_in_jax,
    ),
    "multilabel_soft_margin": Job(
        several_labels,
        lambda torch, z, t: torch.nn.functional.multilabel_soft_margin_loss(z, t),
        lambda jax, z, t: (jax.nn.softplus(z) - t * z).mean(),
    ),
    "negative_log_likelihood": Job(
        log_probabilities,
        lambda torch, q, t: torch.nn.functional.nll_loss(q, t),
        lambda jax, q, t: -picked(jax, q, t).mean(),
    ),
    "categorical_cross_entropy": Job(
        class_probabilities,
        lambda torch, p, t: torch.nn.functional.nll_loss(torch.log(p), t),
        lambda jax, p, t: -jax.numpy.log(picked(jax, p, t)).mean(),
    ),
    "kl_divergence": Job(
        two_distributions,
        lambda torch, q, t: torch.nn.functional.kl_div(q, t, reduction="batchmean"),
        lambda jax, q, t: (jax.scipy.special.xlogy(t, t) - t * q).sum() / len(q),
    ),
    "gaussian_nll": Job(
        with_variance,
        lambda torch, p, t, v: torch.nn.functional.gaussian_nll_loss(p, t, v),
        lambda jax, p, t, v: (jax.numpy.log(v) + (p - t) ** 2 / v).mean() / 2,
    ),
    "log_cosh": Job(
        regression,
        lambda torch, p, t: (abs(p - t) + torch.log1p(torch.exp(-2 * abs(p - t))) - LOG_2).mean(),
        lambda jax, p, t: (jax.numpy.logaddexp(p - t, t - p) - LOG_2).mean(),
    ),
    "quantile": Job(
        regression,
        lambda torch, p, t: torch.maximum((t - p) / 2, (p - t) / 2).mean(),
        lambda jax, p, t: jax.numpy.maximum((t - p) / 2, (p - t) / 2).mean(),
        lambda module, classes: module.PinballLoss(quantile=0.5),
    ),
    "poisson_nll": Job(
        counts,
        lambda torch, p, t: torch.nn.functional.poisson_nll_loss(p, t),
        lambda jax, p, t: (jax.numpy.exp(p) - t * p).mean(),
        lambda module, classes: module.HalfPoissonLoss(),
    ),
    "smooth_l1": Job(
        regression,
        lambda torch, p, t: torch.nn.functional.smooth_l1_loss(p, t),
        lambda jax, p, t: jax.numpy.where(abs(p - t) < 1, (p - t) ** 2 / 2, abs(p - t) - 0.5).mean(),
    ),
    "pseudo_huber": Job(
        regression,
        lambda torch, p, t: (torch.sqrt(1 + (p - t) ** 2) - 1).mean(),
        lambda jax, p, t: (jax.numpy.sqrt(1 + (p - t) ** 2) - 1).mean(),
    ),
    "epsilon_insensitive": Job(
        regression,
        lambda torch, p, t: torch.clamp_min(abs(p - t) - 0.1, 0).mean(),
        lambda jax, p, t: jax.numpy.maximum(abs(p - t) - 0.1, 0).mean(),
    ),
    "mean_squared_log_error": Job(
        two_amounts,
        lambda torch, p, t: torch.nn.functional.mse_loss(torch.log1p(p), torch.log1p(t)),
        lambda jax, p, t: ((jax.numpy.log1p(p) - jax.numpy.log1p(t)) ** 2).mean(),
    ),
    "mean_absolute_percentage_error": Job(
        two_amounts,
        lambda torch, p, t: (abs(p - t) / torch.clamp_min(abs(t), 2.0**-52)).mean(),
        lambda jax, p, t: (abs(p - t) / jax.numpy.maximum(abs(t), 2.0**-52)).mean(),
    ),
    "gamma_nll": Job(
        amounts,
        lambda torch, p, t: (p + t * torch.exp(-p)).mean(),
        lambda jax, p, t: (p + t * jax.numpy.exp(-p)).mean(),
        lambda module, classes: module.HalfGammaLoss(),
    ),
    "tweedie": Job(
        amounts,
        lambda torch, p, t: (2 * torch.exp(p / 2) + 2 * t * torch.exp(-p / 2)).mean(),
        lambda jax, p, t: (2 * jax.numpy.exp(p / 2) + 2 * t * jax.numpy.exp(-p / 2)).mean(),
        lambda module, classes: module.HalfTweedieLoss(power=1.5),
    ),
    "squared_hinge": Job(
        signed,
        lambda torch, p, t: (torch.clamp_min(1 - p * t, 0) ** 2).mean(),
        lambda jax, p, t: (jax.numpy.maximum(1 - p * t, 0) ** 2).mean(),
    ),
    "modified_huber": Job(
        signed,
        lambda torch, p, t: torch.where(t * p < -1, -4 * t * p, torch.clamp_min(1 - p * t, 0) ** 2).mean(),
        lambda jax, p, t: jax.numpy.where(t * p < -1, -4 * t * p, jax.numpy.maximum(1 - p * t, 0) ** 2).mean(),
    ),
    "perceptron": Job(
        signed,
        lambda torch, p, t: torch.clamp_min(-p * t, 0).mean(),
        lambda jax, p, t: jax.numpy.maximum(-p * t, 0).mean(),
    ),
    "exponential": Job(
        signed,
        lambda torch, p, t: torch.exp(-t * p).mean(),
        lambda jax, p, t: jax.numpy.exp(-t * p).mean(),
    ),
    "soft_margin": Job(
        signed,
        lambda torch, p, t: torch.nn.functional.soft_margin_loss(p, t),
        lambda jax, p, t: jax.nn.softplus(-t * p).mean(),
    ),
    "hinge_embedding": Job(
        distances_and_signs,
        lambda torch, p, t: torch.nn.functional.hinge_embedding_loss(p, t),
        lambda jax, p, t: jax.numpy.where(t > 0, p, jax.numpy.maximum(1 - p, 0)).mean(),
    ),
    "margin_ranking": Job(
        ranked,
        lambda torch, a, b, t: torch.nn.functional.margin_ranking_loss(a, b, t),
        lambda jax, a, b, t: jax.numpy.maximum(-t * (a - b), 0).mean(),
        gradients=2,
    ),
    "cosine_similarity": Job(
        vectors(2),
        lambda torch, a, b: 1 - torch.nn.functional.cosine_similarity(a, b, dim=-1).mean(),
        lambda jax, a, b: 1 - cosines(jax, a, b).mean(),
        gradients=2,
    ),
    "cosine_embedding": Job(
        vectors_and_signs,
        lambda torch, a, b, t: torch.nn.functional.cosine_embedding_loss(a, b, t),
        lambda jax, a, b, t: jax.numpy.where(
            t > 0, 1 - cosines(jax, a, b), jax.numpy.maximum(cosines(jax, a, b), 0)
        ).mean(),
        gradients=2,
    ),
    "triplet_margin": Job(
        vectors(3),
        lambda torch, x, y, z: torch.nn.functional.triplet_margin_loss(x, y, z, eps=0.0),
        lambda jax, x, y, z: jax.numpy.maximum(distances(jax, x, y) - distances(jax, x, z) + 1, 0).mean(),
        gradients=3,
    ),
}


def check_complete() -> None:
    missing = losses.LOSSES.keys() - JOBS.keys()
    if missing:
        raise LookupError(f"benchmarks/losses.py has no peers for: {', '.join(sorted(missing))}")


def cases(modules: dict[str, Any], size: int, wanted: Wanted = everything) -> Iterator[Case]:
    check_complete()
    for dtype in (np.float32, np.float64):
        for name, loss in losses.LOSSES.items():
            if not wanted("losses", name, "value_and_gradient", np.dtype(dtype).name, size):
                continue
            job = JOBS[name]
            arrays = job.arguments(np.random.default_rng(0), size)
            arrays = tuple(a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays)
            shape = " x ".join(map(str, arrays[0].shape))
            contenders = value_and_gradient(modules, loss, job, arrays)
            moved = sum(array.nbytes for array in arrays) + job.gradients * arrays[0].nbytes
            yield Case(
                "losses", name, f"value_and_gradient {shape}", np.dtype(dtype).name, arrays[0].size, moved, contenders
            )


def value_and_gradient(modules, loss, job, arrays):
    prediction, target, *rest = arrays
    several = job.gradients > 1
    if several:
        gradients = tuple(np.empty_like(prediction) for _ in range(job.gradients))
        contenders = {"actlib": lambda: loss.value_and_gradient(*arrays, out=gradients)}
    else:
        gradient, extra = np.empty_like(prediction), {"variance": rest[0]} if rest else {}
        contenders = {"actlib": lambda: loss.value_and_gradient(prediction, target, **extra, out=gradient)}
    if "torch" in modules:
        torch = modules["torch"]
        leaves = [torch.from_numpy(array.copy()).requires_grad_() for array in arrays[: job.gradients]]
        others = tuple(map(torch.from_numpy, arrays[job.gradients :]))

        def forward_and_backward():
            result = job.torch(torch, *leaves, *others)
            return result, torch.autograd.grad(result, leaves)

        contenders["torch"] = forward_and_backward
    if "jax" in modules:
        jax = modules["jax"]
        places = tuple(range(job.gradients)) if several else 0
        differentiated = jax.value_and_grad(lambda *a: job.jax(jax, *a), places)
        contenders["jax"] = compiled(jax, differentiated, *arrays)
    if "sklearn" in modules and job.sklearn:
        peer = job.sklearn(modules["sklearn"]._loss, prediction.shape[-1])
        values = np.empty(len(prediction), prediction.dtype)
        wanted, own = target.astype(prediction.dtype), np.empty_like(prediction)
        contenders["sklearn"] = lambda: peer.loss_gradient(
            wanted, prediction, loss_out=values, gradient_out=own, n_threads=actlib.get_num_threads()
        )
    return contenders
