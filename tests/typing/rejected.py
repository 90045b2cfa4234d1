"""A user's mistakes: mypy --strict reports each line that says so, with that code, and no other."""

import numpy as np

import actlib
from actlib import losses
from actlib import sigmiod  # error: attr-defined

x = np.zeros(3)

actlib.sigmiod(x)  # error: attr-defined
actlib.losess  # error: attr-defined
actlib.relu(x, alpha=1.0)  # error: call-arg
actlib.leaky_relu(x, negativ_slope=0.1)  # error: call-arg
actlib.leaky_relu(x, 0.1)  # error: call-arg
actlib.leaky_relu.derivative(x, slope=0.1)  # error: call-arg
actlib.elu.value_and_derivative(x, alfa=1.0)  # error: call-arg
actlib.softplus(x, beta=print)  # error: arg-type
actlib.relu.inverse(x)  # error: attr-defined
actlib.relu.parameter_gradients(x, x)  # error: attr-defined
actlib.sign.inverse(x)  # error: attr-defined
actlib.silu.inverse(x)  # error: attr-defined
actlib.gelu.derivative_from_output(x)  # error: attr-defined
actlib.threshold(x, threshold=0.5)  # error: call-arg
actlib.gelu(x, approximate="tanh")  # error: call-arg
actlib.heaviside.inverse(x)  # error: attr-defined
actlib.sigmoid.sample_slopes((3,), np.random.default_rng())  # error: attr-defined
actlib.sigmoid.derivatve(x)  # error: attr-defined
actlib.sigmoid()  # error: call-arg
actlib.elu.backward(x)  # error: call-arg
actlib.elu.accuracy["value"].float16  # error: attr-defined
number: int = actlib.elu.definition  # error: assignment
actlib.softmax(x, temprature=2.0)  # error: call-arg
actlib.softmax(x, axis=1.5)  # error: arg-type
actlib.hardmax.jacobian(x)  # error: attr-defined
actlib.crelu(x, temperature=2.0)  # error: call-arg
losses.huber(x, x, detla=2.0)  # error: call-arg
losses.huber(x)  # error: call-arg
losses.mse.gradient(x, x, reduction=3)  # error: arg-type
losses.hubber(x, x)  # error: attr-defined
losses.quantile(x, x, alpha=0.9)  # error: call-arg
losses.cross_entropy(x, x, smoothing=0.1)  # error: call-arg
losses.cross_entropy.jacobian(x, x)  # error: attr-defined
losses.cosine_similarity.hessian_diagonal(x, x)  # error: attr-defined
losses.triplet_margin(x, x)  # error: call-arg
actlib.set_num_threads("two")  # error: arg-type
actlib.get(3)  # error: arg-type
actlib.information.entropi(x)  # error: attr-defined
