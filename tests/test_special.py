"""The special functions beside their numbers: limits, domains, dtypes, layouts, metadata, pages, and what peers say."""

import copy
import inspect
import pickle
import re
from pathlib import Path

import numpy as np
import pandas
import pytest
import scipy.special
import special_cases
from methods import special_values
from oracle import assert_same_bits, exact
from test_arrays import INTEGERS, LAYOUTS
from test_registry import faults_of_docstring, faults_of_page

import actlib
from actlib import special
from actlib.derivation import latex

DOCS = Path(__file__).parent.parent / "docs"
ENTRIES = special_cases.ENTRIES
ONE = [ENTRIES[name] for name in special_cases.OF_ONE]
TWO = [ENTRIES[name] for name in special_cases.OF_TWO]
NAN = float("nan")

every_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.name)
every_documented = pytest.mark.parametrize("entry", special.SPECIAL.values(), ids=lambda entry: entry.name)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=lambda dtype: dtype.__name__)


def methods(entry):
    """Name -> function of the arguments with one result."""
    if entry in ONE:
        return {"value": entry, "derivative": entry.derivative}

    def partial_derivative(number):
        def function(x, y, **keywords):
            out = keywords.pop("out", None)
            if out is None:
                return entry.gradient(x, y, **keywords)[number]
            other = np.zeros_like(out)
            return entry.gradient(x, y, out=(out, other) if number == 0 else (other, out), **keywords)[number]

        return function

    return {"value": entry, "gradient 0": partial_derivative(0), "gradient 1": partial_derivative(1)}


def arguments(entry, dtype, count=1003):
    """Ordinary and special numbers in no order, the same in every run; some of them outside the domain."""
    rng = np.random.default_rng(5)
    arrays = []
    for _ in range(1 if entry in ONE else 2):
        x = (rng.uniform(size=count) * 10.0 ** rng.uniform(-4, 3, count)).astype(dtype)
        places = rng.random(count) < 0.2
        x[places] = rng.choice(special_values(dtype), places.sum())
        arrays.append(x)
    return arrays


def same(got, wanted, title):
    assert got == wanted or (got != got and wanted != wanted), f"{title}: got {got!r}, wanted {wanted!r}"


# limits and domains


@every_entry
@every_dtype
def test_limits(entry, dtype):
    tables = {"value": entry.limits}
    if entry in ONE:
        assert set(entry.limits) == set(entry.derivative_limits)
        tables["derivative"] = entry.derivative_limits
    else:
        for k in range(2):
            tables[f"gradient {k}"] = {at: slopes[k] for at, slopes in entry.gradient_limits.items()}
    for offer, table in tables.items():
        assert table, f"{entry.name} does not say the limits of its {offer}"
        for at, wanted in table.items():
            point = at if isinstance(at, tuple) else (at,)
            got = methods(entry)[offer](*map(dtype, point))
            assert type(got) is dtype
            same(got, dtype(wanted), f"{entry.name} {offer} at {at}")
            if 0 in point:
                got = methods(entry)[offer](*(dtype(-0.0) if x == 0 else dtype(x) for x in point))
                same(got, dtype(wanted), f"{entry.name} {offer} at {at}, with -0.0")


@pytest.mark.parametrize("entry", ONE, ids=lambda entry: entry.name)
def test_the_ends_of_the_domain_have_limits(entry):
    assert set(entry.limits) == {entry.domain.low, entry.domain.high}
    for at, wanted in entry.limits.items():
        beside = (
            np.nextafter(at, 0.5) if np.isfinite(at) else np.copysign(700.0 if "exp" in entry.definition else 1e300, at)
        )
        near = exact(entry.definition, {"x": beside}) if entry.name != "log_ndtr" else entry(beside)
        if np.isinf(wanted):
            assert near * wanted > 0
            assert abs(near) > 30
        else:
            assert abs(near - wanted) < 1e-300


@every_entry
@every_dtype
def test_nan_outside_the_domain_and_nowhere_else(entry, dtype):
    """Where the value ends at an infinity or a zero, the table of limits says what it is."""
    numbers = [-np.inf, -3.0, -1.0, -0.25, 0.0, 0.25, 1.0, 3.0, np.inf]
    grid = [(a,) for a in numbers] if entry in ONE else [(a, b) for a in numbers for b in numbers]
    for point in grid:
        inside = special_cases.in_domain(entry, *point)
        values = {name: method(*map(dtype, point)) for name, method in methods(entry).items()}
        if not inside:
            assert np.isnan(values["value"]), point
            assert any(np.isnan(value) for name, value in values.items() if name != "value"), point
        elif np.isfinite(point).all() and 0 not in point and point not in entry.limits:
            singular = point[0] == point[-1] or -1 in point  # the edge of the domain of two of them
            assert singular or not any(np.isnan(value) for value in values.values()), point


@every_entry
@every_dtype
def test_nan_in_nan_out(entry, dtype):
    for name, method in methods(entry).items():
        for sign in (1, -1):
            bad = dtype(np.copysign(np.nan, sign))
            if entry in ONE:
                assert np.isnan(method(bad))
            else:
                for x, y in ((bad, bad), (bad, dtype(0.5)), (dtype(2), bad)):
                    assert np.isnan(method(x, y)), (name, x, y)


def test_nan_beside_a_zero_factor():
    assert np.isnan(special.xlogy(0.0, NAN))
    assert np.isnan(special.xlog1py(0.0, NAN))
    assert special.xlogy(0.0, -1.0) == special.xlog1py(0.0, -2.0) == 0


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (lambda: special.logaddexp(1e300, 1.0), 1e300),
        (lambda: special.logaddexp(-1e300, 1e300), 1e300),
        (lambda: special.logsubexp(1e300, -1e300), 1e300),
        (lambda: special.logaddexp.gradient(1e300, -1e300)[1], 0.0),
        (lambda: special.logsubexp.gradient(1e300, -1e300)[0], 1.0),
        (lambda: special.log_cosh(1e308), 1e308),
        (lambda: special.softplus_inverse(1e308), 1e308),
        (lambda: special.rel_entr(1e308, 1e-308), np.inf),
        (lambda: special.rel_entr(1e-300, 1e300), 1e-300 * (np.log(1e-300) - np.log(1e300))),
        (lambda: special.kl_div(1.7e308, 1.7e308), 0.0),
        (lambda: special.kl_div(5e-324, 5e-324), 0.0),
        (lambda: special.kl_div(1e308, 1.2e308), 1e307 * special.kl_div(10.0, 12.0)),
        (lambda: special.log_ndtr(-1e154), -5e307),
        (lambda: special.log_ndtr.derivative(-1e308), 1e308),
        (lambda: special.logit(5e-324), np.log(5e-324)),
    ],
)
def test_no_overflow_on_the_way(got, wanted):
    with np.errstate(all="raise"):
        value = got()
    np.testing.assert_allclose(value, wanted, rtol=1e-15)


@every_dtype
def test_signs_of_zeros(dtype):
    """-0.0 where the function comes to zero from below."""
    at = dtype(np.inf)
    for got in (special.log1mexp(at), special.log_ndtr(at), special.logsubexp.gradient(at, dtype(0))[1]):
        assert got == 0
        assert np.signbit(got)
    for got in (special.log_cosh(dtype(-0.0)), special.entr(dtype(-0.0)), special.ndtr(-at), special.sech2(at)):
        assert got == 0
        assert not np.signbit(got)
    assert np.signbit(special.log_cosh.derivative(dtype(-0.0)))


def test_symmetries():
    x = np.linspace(0.1, 5, 50)
    assert_same_bits("log_cosh", x, special.log_cosh(-x), special.log_cosh(x))
    assert_same_bits("sech2", x, special.sech2(-x), special.sech2(x))
    assert_same_bits("logaddexp", x, special.logaddexp(x, -x), special.logaddexp(-x, x))
    first, second = special.logaddexp.gradient(x, -x)
    assert_same_bits("shares", x, special.logaddexp.gradient(-x, x)[0], second)
    np.testing.assert_allclose(first + second, 1, rtol=1e-15)
    np.testing.assert_allclose(special.ndtr(x) + special.ndtr(-x), 1, rtol=1e-15)


# arrays


@every_entry
@every_dtype
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(entry, dtype, layout):
    arrays = arguments(entry, dtype)
    for name, method in methods(entry).items():
        laid_out = [LAYOUTS[layout](x) for x in arrays]
        got = np.asarray(method(*laid_out))
        wanted = method(*arrays).reshape(got.shape)
        assert_same_bits(f"{entry.name}.{name}, {layout}", arrays[0].reshape(got.shape), got, wanted)


@every_entry
@every_dtype
def test_lengths(entry, dtype):
    arrays = arguments(entry, dtype, 70_000)
    for name, method in methods(entry).items():
        whole = method(*arrays)
        for n in (0, 1, 7, 8, 17, 511, 513):
            got = method(*(x[-n or 70_000 :][:n].copy() for x in arrays))
            assert_same_bits(f"{entry.name}.{name}, last {n}", got, got, whole[-n or 70_000 :][:n])
        actlib.set_num_threads(1)
        assert_same_bits(f"{entry.name}.{name}, one thread", arrays[0], method(*arrays), whole)
        actlib.set_num_threads(2)


@every_entry
@every_dtype
def test_in_place_out_and_where(entry, dtype):
    arrays = arguments(entry, dtype)
    for name, method in methods(entry).items():
        wanted = method(*arrays)
        target = arrays[0].copy()
        assert method(target, *arrays[1:], out=target) is target
        assert_same_bits(f"{entry.name}.{name}, in place", arrays[0], target, wanted)
        mask = np.arange(wanted.size) % 3 == 0
        target = np.full(wanted.shape, 7, dtype)
        method(*arrays, out=target, where=mask)
        assert_same_bits(f"{entry.name}.{name}, where", arrays[0], target, np.where(mask, wanted, dtype(7)))
        half = np.empty(wanted.shape, np.float16)
        with np.errstate(all="raise"):
            method(*arrays, out=half)
        with np.errstate(all="ignore"):
            assert_same_bits(f"{entry.name}.{name}, other dtype", arrays[0], half, wanted.astype(np.float16))


@every_entry
@every_dtype
def test_silence(entry, dtype):
    for method in methods(entry).values():
        with np.errstate(all="raise"):
            method(*arguments(entry, dtype))


@every_entry
def test_dtypes(entry):
    count = 1 if entry in ONE else 2
    for method in methods(entry).values():
        wanted = method(*[np.float64([1.0, 1.0])] * count)
        for integer in INTEGERS:
            assert_same_bits(f"{integer}", 0, method(*[np.ones(2, integer)] * count), wanted)
        for number in (1, True, [1, 1], 1.0):
            assert np.asarray(method(*[number] * count)).dtype == np.float64
        half = np.float16([0.25, 0.5])
        single = method(*[half.astype(np.float32)] * count)
        assert_same_bits("float16", half, method(*[half] * count), single.astype(np.float16))
        for kind in (np.float16, np.float32, np.float64):
            assert type(method(*[kind(0.5)] * count)) is kind
            if count == 2:  # a Python number has no dtype of its own
                assert method(kind(2.5), 0.5).dtype == method(2, kind(0.5)).dtype == kind
        for bad in (1j, np.array(["a"]), np.longdouble(1), 10**400):
            with pytest.raises(TypeError, match=f"{entry.name}: x must be real numbers"):
                method(*[bad] * count)


@pytest.mark.parametrize("entry", TWO, ids=lambda entry: entry.name)
def test_two_arrays(entry):
    x, y = np.linspace(1, 2, 3)[:, None], np.linspace(0.25, 0.5, 4, dtype=np.float32)
    wide = np.broadcast_arrays(x, y.astype(np.float64))
    for method in methods(entry).values():
        got = method(x, y)
        assert got.shape == (3, 4)
        assert_same_bits(entry.name, 0, got, method(*wide))
        assert_same_bits("integers beside float32", 0, method(np.int8([2]), y), method(np.float64([2]), y))
        with pytest.raises(TypeError, match=f"{entry.name}: y must be real numbers"):
            method(1.0, 1j)
    first, second = np.empty((3, 4)), np.empty((3, 4))
    returned = entry.gradient(x, y, out=(first, second))
    assert returned[0] is first
    assert returned[1] is second


@every_entry
def test_frames(entry):
    columns = [pandas.DataFrame({"a": [0.25, 0.5], "b": [0.5, 0.25]}, index=["u", "v"])] * (1 if entry in ONE else 2)
    for method in methods(entry).values():
        got = method(*columns)
        assert list(got.columns) == ["a", "b"]
        assert_same_bits(entry.name, 0, got.to_numpy(), method(*(frame.to_numpy() for frame in columns)))


# the mean along an axis


def test_logmeanexp_of_arrays():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(4, 5, 6))
    wanted = np.log(np.mean(np.exp(x), axis=1))
    np.testing.assert_allclose(special.logmeanexp(x, axis=1), wanted, rtol=1e-13)
    assert special.logmeanexp(x, axis=1, keepdims=True).shape == (4, 1, 6)
    np.testing.assert_allclose(special.logmeanexp(x, axis=(0, 2)), np.log(np.mean(np.exp(x), axis=(0, 2))), rtol=1e-13)
    np.testing.assert_allclose(special.logmeanexp(x, axis=None), np.log(np.mean(np.exp(x))), rtol=1e-13)
    mask = rng.random(x.shape) < 0.5
    masked = np.log(np.sum(np.exp(x) * mask, axis=-1) / mask.sum(axis=-1))
    np.testing.assert_allclose(special.logmeanexp(x, where=mask), masked, rtol=1e-12)
    out = np.empty((4, 5))
    assert special.logmeanexp(x, out=out) is out
    assert_same_bits("out", out, out, special.logmeanexp(x))
    for kind in (np.float16, np.float32):
        assert special.logmeanexp(x.astype(kind)).dtype == kind
    assert special.logmeanexp([1, 1]).dtype == np.float64
    frame = pandas.DataFrame(x[0])
    assert_same_bits("frame", 0, special.logmeanexp(frame, axis=1).to_numpy(), special.logmeanexp(x[0]))


def test_what_does_not_count_leaves_logmeanexp_of_small_numbers_its_digits():
    small = np.array([1e-20, 0.0, -3e-20, 5e-20], np.float32)
    mask = np.array([True, True, False, True])
    assert special.logmeanexp(small, where=mask) == special.logmeanexp(small[mask]) == np.float32(2e-20)
    rows = np.tile(small, (3, 40))
    assert (special.logmeanexp(rows, where=np.tile(mask, (3, 40))) == np.float32(2e-20)).all()
    columns = np.ascontiguousarray(rows.T)
    assert (special.logmeanexp(columns, axis=0, where=np.tile(mask, (3, 40)).T) == np.float32(2e-20)).all()
    assert special.logmeanexp([-np.inf, 0.0, 1e-20, -1e-20]) == np.log(0.75)


def test_logmeanexp_at_the_ends():
    inf = np.inf
    with np.errstate(all="raise"):
        assert special.logmeanexp([inf, 0.0]) == inf
        assert special.logmeanexp([-inf, -inf]) == -inf
        assert special.logmeanexp([-inf, 0.0]) == -np.log(2)
        assert np.isnan(special.logmeanexp([]))
        assert np.isnan(special.logmeanexp([np.nan, inf]))
        assert np.isnan(special.logmeanexp([1.0, 2.0], where=[False, False]))
        assert special.logmeanexp([7.0, -7.0], where=[True, False]) == 7
    assert np.isnan(special.logmeanexp.backward(1.0, [-inf, -inf])).all()
    assert special.logmeanexp.backward(1.0, [1.0, 2.0], where=[False, False]).tolist() == [0, 0]
    with pytest.raises(TypeError, match="logmeanexp: unknown keyword 'weights'"):
        special.logmeanexp([1.0], weights=[1.0])
    with pytest.raises(ValueError, match="logmeanexp: upstream must have shape"):
        special.logmeanexp.backward([1.0, 2.0], [1.0, 2.0, 3.0])


def test_the_gradient_of_logmeanexp_is_the_softmax():
    x = np.random.default_rng(8).normal(size=(3, 7))
    assert_same_bits(
        "backward", x, special.logmeanexp.backward(np.ones(3), x), actlib.logsumexp.backward(np.ones(3), x)
    )
    assert_same_bits("jacobian", x, special.logmeanexp.jacobian(x)[:, 0], actlib.logsumexp.jacobian(x)[:, 0])
    np.testing.assert_allclose(special.logmeanexp.jacobian(x)[:, 0], actlib.softmax(x), rtol=1e-14)


# names, metadata, pages


def test_names():
    assert special.expit is actlib.sigmoid
    assert special.log_expit is actlib.log_sigmoid
    assert special.softplus is actlib.softplus
    assert special.softmax is actlib.softmax
    others = {"SPECIAL", "expit", "log_expit", "log_softmax", "logsumexp", "softmax", "softplus"}
    assert set(special.__all__) - others == set(special.SPECIAL)
    for name, entry in special.SPECIAL.items():
        assert getattr(special, name) is entry
        assert entry.name == name
    assert "special" in dir(actlib)


@every_documented
def test_singletons(entry):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(entry, protocol)) is entry
    assert copy.deepcopy(entry) is entry


@every_entry
def test_metadata(entry):
    formulas = [entry.definition, *([entry.derivative_definition] if entry in ONE else entry.gradient_definitions)]
    assert all(latex(formula) for formula in formulas)
    assert entry.latex
    assert entry.derivative_latex if entry in ONE else all(entry.gradient_latex)
    assert entry.references
    assert set(entry.accuracy) == set(entry.offers)
    for offer, promise in entry.accuracy.items():
        assert promise.float32 <= 1
        assert promise.float64 <= 4
        assert bool(promise.reason) == bool(entry.measure and offer == "value")
    names = ["x", "out", "where"] if entry in ONE else ["x", "y", "out", "where"]
    assert list(inspect.signature(entry).parameters) == names
    assert repr(entry).startswith(f"<special function actlib.special.{entry.name}(x")
    assert isinstance(entry.ufunc, np.ufunc)
    assert hasattr(entry, "derivative") == (entry in ONE)
    assert hasattr(entry, "gradient") == (entry in TWO)


@pytest.mark.parametrize("name", special_cases.OF_ONE)
@every_dtype
def test_range(name, dtype):
    entry = ENTRIES[name]
    values = entry(*special_cases.inputs(name, np.dtype(dtype).name))
    assert np.all((dtype(entry.range.low) <= values) & (values <= dtype(entry.range.high)))


@every_dtype
def test_kl_div_is_not_negative(dtype):
    assert np.all(special.kl_div(*special_cases.inputs("kl_div", np.dtype(dtype).name)) >= 0)


@every_documented
def test_docstring_has_its_parts(entry):
    faults = faults_of_docstring(entry.__doc__, list(inspect.signature(entry).parameters))
    assert not faults, f"the docstring of {entry.name} lacks {'; '.join(faults)}"


def test_every_function_has_a_page_and_every_page_a_function():
    assert {path.stem for path in (DOCS / "special").glob("*.rst")} - {"index"} == set(special.SPECIAL)


def page(name):
    return (DOCS / "special" / f"{name}.rst").read_text("utf-8")


HEADINGS = (
    "What it is for", "Values worth knowing", "Conventions and limits", "Numerical form", "Names elsewhere", "Exercise",
    "References",
)  # fmt: skip


def faults(name, text):
    """What a page of a special function lacks."""
    plain = text.replace(f".. _special_{name}:", f".. _{name}:").replace("rosetta:: special.", "rosetta:: ")
    found = faults_of_page(plain, name)
    found += [heading for heading in HEADINGS if not re.search(rf"^{heading}\n-+$", text, re.MULTILINE)]
    parts = re.split(r"^Exercise\n-+$|^References\n-+$", text, flags=re.MULTILINE)
    if len(parts) != 3 or ".. answer::" not in parts[1] or ">>>" not in parts[1]:
        found.append("an exercise with a checked answer")
    if not re.search(r"\[\w+\d{4}\]_", parts[-1]):
        found.append("a reference")
    if f".. facts:: special.{name}\n" not in text:
        found.append("its facts")
    if f".. rosetta:: special.{name}\n" not in text:
        found.append("its names elsewhere")
    return found


@every_documented
def test_page_has_its_parts(entry):
    assert not faults(entry.name, page(entry.name))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (".. derivation::", ".. note::", "a derivation"),
        (">>> ", "", "an exercise with a checked answer"),
        ("Numerical form\n-", "Digits\n-", "Numerical form"),
        (".. facts:: special.logit", "", "its facts"),
        ("[Berkson1944]_", "Berkson", "a reference"),
        (".. rosetta:: special.logit", "", "its names elsewhere"),
    ],
)
def test_pages_without_their_parts_are_noticed(old, new, fault):
    text = page("logit")
    assert fault in faults("logit", text.replace(old, new))


# other libraries


PEERS = {
    "logit": scipy.special.logit,
    "logaddexp": np.logaddexp,
    "xlogy": scipy.special.xlogy,
    "xlog1py": scipy.special.xlog1py,
    "entr": scipy.special.entr,
    "rel_entr": scipy.special.rel_entr,
    "kl_div": scipy.special.kl_div,
    "ndtr": scipy.special.ndtr,
    "log_ndtr": scipy.special.log_ndtr,
}


@pytest.mark.parametrize("name", PEERS)
def test_scipy_gives_the_same_numbers(name):
    rng = np.random.default_rng(9)
    arrays = [rng.uniform(0.01, 0.99, 500) for _ in range(1 if ENTRIES[name] in ONE else 2)]
    np.testing.assert_allclose(ENTRIES[name](*arrays), PEERS[name](*arrays), rtol=1e-9)  # SciPy's kl_div cancels
