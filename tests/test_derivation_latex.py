"""Formulas as LaTeX: the author's order, parentheses where they are needed and nowhere else."""

import re

import pytest

from actlib import ACTIVATIONS
from actlib.derivation import ExpressionError, latex

SNAPSHOTS = {
    "exp(-x)/(1+exp(-x))**2": r"\frac{e^{-x}}{(1 + e^{-x})^{2}}",
    "1 - sigma(x)": r"1 - \sigma(x)",
    "sigma(x)*(1 - sigma(x))": r"\sigma(x)(1 - \sigma(x))",
    "sigma(x)**2": r"\sigma(x)^{2}",
    "tanh(x)**2": r"\tanh^{2}(x)",
    "exp(x)**2": r"(e^{x})^{2}",
    "(-2)**n": r"(-2)^{n}",
    "-x**2": r"-x^{2}",
    "(-x)**2": r"(-x)^{2}",
    "x**(1/2)": r"x^{1/2}",
    "(a/b)**2": r"\left(\frac{a}{b}\right)^{2}",
    "-a/b": r"-\frac{a}{b}",
    "-a*b": r"-a\,b",
    "a*(-b)": r"a\,(-b)",
    "a - (b - c)": r"a - (b - c)",
    "(a - b) - c": r"a - b - c",
    "a*(b*c)": r"a\,(b\,c)",
    "2*x": r"2x",
    "2*3": r"2 \cdot 3",
    "2*(1/2)": r"2 \cdot \frac{1}{2}",
    "1.5e-7*x": r"1.5 \cdot 10^{-7}\,x",
    "log(x)*y": r"\ln(x)\,y",
    "log(1 + x)": r"\ln(1 + x)",
    "exp(-x**2/2)": r"\exp\left(-\frac{x^{2}}{2}\right)",
    "sqrt(2*pi)": r"\sqrt{2 \pi}",
    "Abs(x)": r"\left|x\right|",
    "Max(0, x)": r"\max(0, x)",
    "erf(x)": r"\operatorname{erf}(x)",
    "floor(N*x)": r"\left\lfloor N\,x \right\rfloor",
    "relu(x)": r"\operatorname{relu}(x)",
    "negative_slope*x": r"\text{negative slope}\,x",
    "theta_1 + x2": r"\theta_{1} + x_{2}",
    "lambda_*x": r"\lambda\,x",
    "theta_out[j]": r"\theta_{\text{out},j}",
    "A[i, j]": r"A_{ij}",
    "A[i, j + 1]": r"A_{i,j + 1}",
    "delta(k, j)": r"\delta_{kj}",
    "delta*x": r"\delta\,x",
    "Sum(p[i]*q[i], i, 1, K)": r"\sum_{i=1}^{K} p_{i}\,q_{i}",
    "Sum(p[i] + q[i], i, 1, K)": r"\sum_{i=1}^{K} (p_{i} + q_{i})",
    "Sum(p[i], i, 1, K)*a": r"\left(\sum_{i=1}^{K} p_{i}\right)\,a",
    "-Sum(y[k]*log(a[k]), k, 1, K)": r"-\sum_{k=1}^{K} y_{k}\,\ln a_{k}",
    "Maximum(z[i], i, 1, K)": r"\max_{1 \le i \le K} z_{i}",
    "D(sigma(x), x)": r"\sigma'(x)",
    "D(D(f(x), x), x)": r"f''(x)",
    "D(sigma(x), x)**2": r"\sigma'(x)^{2}",
    "D(x**2, x)*y": r"\frac{\mathrm{d}}{\mathrm{d} x} \left[x^{2}\right]\,y",
    "D(a[i], z[j])": r"\frac{\partial a_{i}}{\partial z_{j}}",
    "D(L, w)*D(w, x)": r"\frac{\mathrm{d} L}{\mathrm{d} w}\,\frac{\mathrm{d} w}{\mathrm{d} x}",
    "Lim(1/x, x, oo)": r"\lim_{x \to \infty} \frac{1}{x}",
    "Lim(1/x, x, 0, \"+\")": r"\lim_{x \to 0^{+}} \frac{1}{x}",
    "Lim(1/x, x, a - 1, \"-\")": r"\lim_{x \to (a - 1)^{-}} \frac{1}{x}",
    "Exp(x) + Sqrt(x)": r"\operatorname{Exp}(x) + \operatorname{Sqrt}(x)",
    "Int(x, x, 0, 1)": r"\int_{0}^{1} x \,\mathrm{d}x",
    "cases((x, x > 0), (0, True))": r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
    "cases((1, 0 <= x < 1), (0, x != 2 and y == 1), (2, True))":
        r"\begin{cases} 1 & \text{if } 0 \le x < 1 \\ 0 & \text{if } x \ne 2 \text{ and } y = 1"
        r" \\ 2 & \text{otherwise} \end{cases}",
}


@pytest.mark.parametrize("source", SNAPSHOTS)
def test_snapshot(source):
    assert latex(source) == SNAPSHOTS[source]


def test_names_are_shown_as_declared():
    assert latex("yhat[i]**2", {"yhat": r"\hat{y}"}) == r"{\hat{y}}_{i}^{2}"
    assert latex("ws**2", {"ws": "w^*"}) == "{w^*}^{2}"


def test_a_derivation_is_aligned():
    text = "let sigma(x) = 1/(1 + exp(-x))\nreal x\nshow sigma = s\nsigma(x)\n= 1/(1 + exp(-x)) -- definition\n<= 1"
    assert latex(text) == r"\begin{aligned} & s(x) \\ & = \frac{1}{1 + e^{-x}} \\ & \le 1 \end{aligned}"


def nesting_is_right(text):
    """Braces balance, \\left has its \\right, and nothing has two subscripts or superscripts in a row."""
    depth = 0
    for sign in re.sub(r"\\[{}]", "", text):
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    pairs = len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text))
    return depth == 0 and pairs and not re.search(r"_\{[^{}]*\}_|\^\{[^{}]*\}\^", text)


def combinations(depth):
    """Expressions in which every construct stands inside every other."""
    atoms = ["x", "z[j]", "2", "-x", "theta_1"]
    frames = ["({})**2", "-({})", "({})*({})", "({})/({})", "({}) - ({})", "exp({})", "sqrt({})", "Abs({})", "f({})",
              "tanh({})**2", "log({})", "Sum({}, i, 1, K)", "D({}, x)", "Lim({}, x, 0)", "Max({}, {})",
              "cases(({}, x > 0), ({}, True))", "2**({})"]
    found = atoms
    for _ in range(depth):
        found = [frame.replace("{}", part, 1).replace("{}", found[(i + 3) % len(found)])
                 for frame in frames for i, part in enumerate(found)]
    return found


def test_every_construct_inside_every_other_nests():
    sources = combinations(2)
    assert len(sources) > 1000
    assert [source for source in sources if not nesting_is_right(latex(source))] == []


@pytest.mark.parametrize("broken", [r"\frac{1}{x", r"x}{", r"\left( x", "x_{1}_{2}", "x^{1}^{2}"])
def test_the_check_of_nesting_sees_faults(broken):
    assert not nesting_is_right(broken)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_definitions_of_the_library(name):
    assert nesting_is_right(latex(ACTIVATIONS[name].definition))
    assert nesting_is_right(latex(ACTIVATIONS[name].derivative_definition))


@pytest.mark.parametrize(
    "source", ["", "x +", "x.y", "[1]", "f(x=1)", "Sum(x, i)", "cases(1)", "x if y else z", "1j", "f()"]
)
def test_what_is_not_in_the_language_is_refused(source):
    with pytest.raises(ExpressionError):
        latex(source)


@pytest.mark.parametrize("text", ["cases((1, not x > 0), (0, True))", "cases((1, x is y), (0, True))", "~x"])
def test_what_is_not_in_the_language_is_not_printed(text):
    with pytest.raises(ExpressionError):
        latex(text)
