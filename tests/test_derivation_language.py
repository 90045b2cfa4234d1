"""The meaning of expressions, over numbers of three kinds; and what importing costs."""

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import pytest

from actlib.check import evaluate_definition
from actlib.derivation.errors import ExpressionError, Undefined
from actlib.derivation.evaluate import Evaluator
from actlib.derivation.language import parse
from actlib.derivation.numeric import Numeric
from actlib.derivation.symbolic import Symbolic

# Formula, values of its variables, and the value to 40 digits (from tables or by hand).
VALUES = {
    "exp(1)": ({}, "2.718281828459045235360287471352662497757"),
    "4*atan(1)": ({}, "3.141592653589793238462643383279502884197"),
    "pi": ({}, "3.141592653589793238462643383279502884197"),
    "log(2)": ({}, "0.6931471805599453094172321214581765680755"),
    "sqrt(2)": ({}, "1.414213562373095048801688724209698078570"),
    "erf(1/2)": ({}, "0.5204998778130465376827466538919645287365"),
    "erf(-3)": ({}, "-0.9999779095030014145586272238704176796202"),
    "tanh(1)": ({}, "0.7615941559557648881194582826047935904128"),
    "sin(1)": ({}, "0.8414709848078965066525023216302989996226"),
    "cos(100)": ({}, "0.8623188722876839341019385139508425355101"),
    "sinh(-1) + cosh(1)": ({}, "0.3678794411714423215955237701614608674458"),
    "0.1 + 0.2": ({}, "0.3"),
    "1.0507009873554804934193349852946": ({}, "1.0507009873554804934193349852946"),
    "Sum(i**2, i, 1, n)": ({"n": 10}, "385"),
    "Product(i, i, 1, 5) + Sum(i, i, 3, 2)": ({}, "120"),
    "Max(1, 3, 2) - Min(4, 5) + Abs(-2) + sign(-7) + floor(-1/2)": ({}, "-1"),
    "Maximum(Sum(delta(i, j), j, 1, 2), i, 1, 3)": ({}, "1"),
    "cases((1, 0 < x <= 1), (2, x > 3 or x == 2), (3, True))": ({"x": 2}, "2"),
    "D(x**3, x)": ({"x": 2}, "12"),
    "Sum(D(z[i]*z[1], z[1]), i, 1, 2)": ({"z": [3, 5]}, "11"),
}


@pytest.mark.parametrize("source", VALUES)
def test_three_algebras_agree(source):
    values, wanted = VALUES[source]
    assert evaluate_definition(source, **values) == Decimal(wanted)
    keys = {"z": {("z", i): v for i, v in enumerate(values.get("z", []), 1)}}.get("z") or values
    numeric = Numeric(60)
    number = numeric.floating(Evaluator(numeric)(parse(source), {k: numeric.number(v) for k, v in keys.items()}))
    assert numeric.context.nstr(number, 40) == numeric.context.nstr(numeric.context.mpf(wanted), 40)
    symbolic = Symbolic()
    exact = Evaluator(symbolic)(parse(source), {k: symbolic.number(v) for k, v in keys.items()})
    if "D(" not in source:
        assert str(symbolic.sympy.N(exact, 36)) == str(symbolic.sympy.N(wanted, 36))


def test_a_definition_sees_its_parameters_and_the_declared_variables_only():
    definitions = {"f": (["t"], parse("t*c"))}
    evaluator = Evaluator(Numeric(30), definitions)
    assert evaluator(parse("Sum(f(i), i, 1, 3)"), {"c": Fraction(2)}) == 12
    with pytest.raises(ExpressionError, match="'c'"):
        evaluator(parse("Sum(f(i), c, 1, 3)"), {"i": Fraction(2)})


@pytest.mark.parametrize(("source", "message"), [
    ("log(-1)", "log(-1) is not real"), ("sqrt(-1)", "sqrt(-1) is not real"), ("(-8)**(1/3)", "is not real"),
    ("1/(2 - 2)", "division by zero"), ("log(0)", "log(0) is not real"), ("0**(-1)", "zero"),
    ("cases((1, 1 > 2))", "no case"),
])
def test_what_is_not_real_is_called_so(source, message):
    with pytest.raises(Undefined) as numeric:
        Evaluator(Numeric(30))(parse(source), {})
    assert message in str(numeric.value).replace(".0", "")
    with pytest.raises(Undefined):
        evaluate_definition(source)


@pytest.mark.parametrize("x", [0, 1, -3])
def test_a_derivative_at_a_kink_is_undefined(x):
    evaluate = Evaluator(Numeric(60))
    source = parse("D(Abs(x) + Max(x, 1) + sqrt(Abs(x + 3)), x)")
    with pytest.raises(Undefined, match="not differentiable"):
        evaluate(source, {"x": Fraction(x)})


@pytest.mark.parametrize("source", ["D(x*Abs(x), x)", "D(x**4, x)", "D(cos(x), x)", "D(exp(x) + exp(-x), x)",
                                    "D(1/(1 + exp(-x)) + 1/(1 + exp(x)), x)"])
def test_a_derivative_that_vanishes_is_no_kink(source):
    value = Evaluator(Numeric(60))(parse(source), {"x": Fraction(0)})
    assert abs(value) < 1e-60


def test_columns_of_faults():
    for source, place in {"x + yy": 5, "1 + foo(x)": 5, "x + 1j": 5}.items():
        with pytest.raises(ExpressionError) as error:
            Evaluator(Numeric(30))(parse(source), {"x": Fraction(1)})
        assert error.value.column == place


def test_the_oracle_needs_the_precision_that_it_says():
    # log(1 + exp(-800)) is 0 at 300 digits; doubling the precision finds it.
    assert evaluate_definition("log(1 + exp(x))", x=-800.0, digits=20) == Decimal("3.6678745841776872135E-348")
    assert evaluate_definition("1 + erf(x)", x=-10.0, digits=20) == Decimal("2.0884875837625447570E-45")
    assert evaluate_definition("1 + erf(x)", x=-26.0, digits=20) == Decimal("5.6631924088561428465E-296")
    assert evaluate_definition("Max(0, x)", x=-1.0) == 0
    assert evaluate_definition("exp(x)*exp(-x) - 1", x=3.0) == 0
    assert evaluate_definition("exp(-x)", x=1e300) == 0
    assert evaluate_definition("1/(1 + exp(-x))", x=-1e308) == 0
    assert evaluate_definition("1 + tanh(x)", x=-200.0, digits=20) == Decimal("3.8303391934280113900E-174")
    assert evaluate_definition("x - tanh(x)", x=1e-100, digits=20) == Decimal("3.3333333333333335333E-301")
    assert evaluate_definition("x - tanh(x)", x=1e-310, digits=20) == Decimal("3.3333333333333027827E-931")
    assert evaluate_definition("sinh(x)", x=1e-30, digits=20) == Decimal("1.0000000000000000833E-30")
    assert evaluate_definition("sin(x)", x=1e-310, digits=20) == Decimal("9.9999999999999694493E-311")
    assert evaluate_definition("sin(x)", x=1e300, digits=20) == Decimal("-0.81788191211590859705")


def test_the_oracle_takes_floats_exactly():
    assert evaluate_definition("x", x=0.1, digits=60) == Decimal.from_float(0.1)
    assert evaluate_definition("x", x="0.1") == Decimal("0.1")
    assert evaluate_definition("x", x=Fraction(1, 3), digits=5) == Decimal("0.33333")


@pytest.mark.parametrize("value", [None, "abc", True, {"a": 1}, object()])
def test_the_oracle_refuses_what_is_no_number(value):
    with pytest.raises(ExpressionError, match="x is"):
        evaluate_definition("x", x=value)


def test_importing_loads_the_standard_library_alone():
    code = ("import sys, importlib.util as u, types; p = types.ModuleType('actlib'); "
            "p.__path__ = [__import__('os').path.dirname(u.find_spec('actlib').origin)]; sys.modules['actlib'] = p; "
            "import actlib.derivation; from actlib.derivation import oracle; "
            "assert not {'numpy', 'sympy', 'mpmath'} & set(sys.modules), sorted(sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True)
