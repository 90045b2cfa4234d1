"""Entries, public names, pages, docstrings and signatures say the same; whatever is missing somewhere fails here."""

import copy
import doctest
import importlib
import inspect
import pickle
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import actlib
from actlib import information, losses, messages
from actlib.derivation import latex

DOCS = Path(__file__).parent.parent / "docs"
ENTRIES = list(actlib.ACTIVATIONS.values())
DOCUMENTED = [*ENTRIES, *actlib.AXIS_FUNCTIONS.values(), *losses.LOSSES.values()]

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
every_documented = pytest.mark.parametrize("entry", DOCUMENTED, ids=lambda entry: entry.name)


# names


@every_entry
def test_names_and_aliases(entry):
    assert actlib.ACTIVATIONS[entry.name] is entry
    for name in (entry.name, *entry.aliases):
        assert name in actlib.__all__
        assert getattr(actlib, name) is entry
        assert actlib.get(name) is entry


def test_all_is_the_registry():
    """Every public activation is registered, and no name or alias is used twice."""
    public = [name for name in actlib.__all__ if isinstance(getattr(actlib, name), actlib.Activation)]
    registered = [name for entry in ENTRIES for name in (entry.name, *entry.aliases)]
    assert sorted(public) == sorted(registered)
    assert len(set(actlib.__all__)) == len(actlib.__all__)


def test_all_of_the_other_registries():
    axis = {name for name in actlib.__all__ if isinstance(getattr(actlib, name), actlib.AxisFunction)}
    assert axis >= set(actlib.AXIS_FUNCTIONS)
    for name, entry in actlib.AXIS_FUNCTIONS.items():
        assert getattr(actlib, name) is entry
    for name, entry in losses.LOSSES.items():
        assert name in losses.__all__
        for alias in (name, *entry.aliases):
            assert getattr(losses, alias) is entry
    assert all(callable(getattr(information, name)) for name in information.__all__)


def test_get_names_what_there_is():
    with pytest.raises(KeyError, match=r"no activation is called 'sigmoyd', but 'sigmoid' is; there are: .*sigmoid"):
        actlib.get("sigmoyd")
    homes = {"softmax": "softmax", "cross_entropy": "losses.cross_entropy", "bce": "losses.bce", "ndtr": "special.ndtr"}
    for name, home in homes.items():
        with pytest.raises(KeyError, match=f"'{name}' is no elementwise activation: it is actlib.{home}\""):
            actlib.get(name)


MISSING = {
    "sigmoid.gradient": r"sigmoid has no gradient; it offers backward, derivative, derivative_from_output, inverse, .*",
    "gelu.inverse": "gelu has no inverse; it offers .*second_derivative.*",
    "softmax.derivative": "softmax works along an axis: its derivative is a matrix, softmax.jacobian",
    "softmax.inverse": "softmax has no inverse; it offers backward, backward_from_output, jacobian",
    "losses.cosine_embedding.hessian_diagonal": "cosine_embedding has no hessian_diagonal; it offers gradient, .*",
    "special.entr.gradient": "entr has no gradient; it offers derivative",
}


@pytest.mark.parametrize("path", MISSING)
def test_what_an_entry_lacks_is_explained(path):
    *places, name = path.split(".")
    entry = actlib
    for place in places:
        entry = getattr(entry, place)
    with pytest.raises(AttributeError, match=f"^{MISSING[path]}$"):
        getattr(entry, name)
    assert getattr(entry, name, None) is None
    with pytest.raises(AttributeError, match=r"object has no attribute '__wrapped__'"):
        getattr(entry, "__wrapped__")  # noqa: B009


FOREIGN = [
    (actlib.softmax, {"dim": 0}, "'dim', here called axis; expected"),
    (actlib.softmax, {"tau": 2.0}, "'tau', here called temperature; expected"),
    (actlib.gelu, {"approximate": "tanh"}, "'approximate', for which there is actlib.gelu_tanh; expected"),
    (actlib.relu, {"dim": 0}, "'dim'; expected"),
    (losses.cross_entropy, {"weight": 1}, "'weight', here called class_weight or sample_weight; expected"),
    (losses.mse, {"weight": 1}, "'weight', here called sample_weight; expected"),
    (losses.bce, {"from_logits": True}, "for which there is actlib.losses.binary_cross_entropy_with_logits; expected"),
    (losses.gaussian_nll, {"var": 1.0, "variance": 1.0}, "'var', here called variance; expected"),
]


@pytest.mark.parametrize(("entry", "keywords", "message"), FOREIGN, ids=lambda value: getattr(value, "name", None))
def test_keywords_of_other_libraries_are_translated(entry, keywords, message):
    arrays = ([0.5, 0.5], [0.0, 1.0])[: 2 if entry.name in losses.LOSSES else 1]
    with pytest.raises(TypeError, match=f"^{entry.name}: unknown keyword .*{message} one of: "):
        entry(*arrays, **keywords)


def test_the_translated_keywords_exist():
    known = {name for entry in DOCUMENTED for name in inspect.signature(entry).parameters}
    assert {name for names in messages.FOREIGN.values() for name in names} <= known | {"axis"}
    for name, _ in messages.FOREIGN_CHOICES:
        assert name in actlib.ACTIVATIONS or name in losses.LOSSES


# pages


def pages(folder):
    return {path.stem for path in (DOCS / folder).glob("*.rst")} - {"index"}


def missing_pages(names, found):
    return sorted(set(names) - set(found))


def test_every_function_has_a_page():
    found = pages("functions")
    assert not missing_pages([*actlib.ACTIVATIONS, *actlib.AXIS_FUNCTIONS], found)
    strays = {name for name in found if not hasattr(actlib, name)}
    assert not strays, f"pages of nothing: {strays}"


def test_every_loss_has_a_page():
    found = pages("losses")
    assert not missing_pages(losses.LOSSES, found)
    assert not found - set(losses.LOSSES), "pages of nothing"


def faults_of_page(text, name):
    """What a page of a function or loss lacks."""
    faults = []
    if not re.search(rf"^\.\. _{name.replace('_', '[-_]')}(-loss)?:$", text, re.MULTILINE):
        faults.append("a label to refer to")
    if not re.search(rf">>> .*\b{name}\b", text):
        faults.append("a doctest that calls it")
    if ".. derivation::" not in text:
        faults.append("a derivation")
    table = re.search(rf"^\.\. rosetta:: (losses\.)?{name}$", text, re.MULTILINE)
    if "Names elsewhere" not in text or not ("PyTorch" in text or table):
        faults.append("its names elsewhere")
    return faults


@every_documented
def test_page_has_its_parts(entry):
    folder = "losses" if entry in losses.LOSSES.values() else "functions"
    path = DOCS / folder / f"{entry.name}.rst"
    assert path.exists(), f"no page {path}"
    faults = faults_of_page(path.read_text(encoding="utf-8"), entry.name)
    assert not faults, f"{path} lacks {', '.join(faults)}"


# metadata


@every_entry
def test_metadata_is_complete(entry):
    for formula in (entry.definition, entry.derivative_definition, entry.second_derivative_definition):
        assert latex(formula)
    assert entry.latex
    assert entry.derivative_latex
    assert entry.references
    assert set(entry.limits) == set(entry.derivative_limits) == {-np.inf, np.inf}
    assert set(entry.accuracy) == set(entry.offers)
    for promise in entry.accuracy.values():
        assert promise.float32 <= 1 or promise.reason
        assert promise.float64 <= 4 or promise.reason
    assert all(entry.domain.contains(place) for place in entry.places_of_kinks())
    assert set(entry.example) == {name for name, parameter in entry.parameters.items() if parameter.required}
    assert entry.ufunc.nin == 1 + (1 if entry.name == "rrelu" else len(entry.parameters))


@every_entry
def test_offers_are_methods(entry):
    """What an entry does not offer it does not have; completion and type checkers rely on it."""
    for offer in ("derivative_from_output", "inverse", "parameter_gradients", "sample_slopes"):
        offered = offer in entry.offers or (offer == "sample_slopes" and entry.name == "rrelu")
        if offered:
            assert callable(getattr(entry, offer))
            assert offer == "sample_slopes" or getattr(entry, entry.offers[offer])
    assert ("inverse" in entry.offers) == hasattr(entry, "inverse")
    assert ("derivative_from_output" in entry.offers) == hasattr(entry, "derivative_from_output")


@every_entry
def test_singletons(entry):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(entry, protocol)) is entry
    assert copy.copy(entry) is entry
    assert copy.deepcopy(entry) is entry
    assert pickle.loads(pickle.dumps(entry.ufunc)) is entry.ufunc
    assert entry.ufunc.__module__ == "actlib.kernels"
    assert isinstance(entry.ufunc, np.ufunc)


@every_entry
def test_signature(entry):
    """f(x, /, *, parameters, out=None, where=True), in the order of `parameters`; repr and help show it."""
    parameters = list(inspect.signature(entry).parameters.values())
    assert [p.name for p in parameters] == ["x", *entry.parameters, "out", "where"]
    assert parameters[0].kind is inspect.Parameter.POSITIONAL_ONLY
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters[1:])
    assert [p.default for p in parameters[-2:]] == [None, True]
    for parameter in parameters[1:-2]:
        known = entry.parameters[parameter.name]
        assert known.required == (parameter.default is parameter.empty)
        assert known.default == (None if known.required else parameter.default)
    assert repr(entry).startswith(f"<activation actlib.{entry.name}(x, /, *")
    assert entry.__name__ == entry.name


# docstrings


SECTIONS = ("Parameters", "Returns", "Raises", "See Also", "Notes", "References", "Examples")  # in numpydoc's order
OPTIONAL = ("Raises", "See Also")


def faults_of_docstring(text, parameters):
    """What a docstring in numpydoc's form lacks."""
    sections = re.findall(r"^(\w[\w ]*)\n-+$", text, re.MULTILINE)
    faults = [f"section {name}" for name in SECTIONS if name not in sections and name not in OPTIONAL]
    order = [name for name in SECTIONS if name in sections]
    if [name for name in sections if name in order] != order:
        faults.append(f"numpydoc's order of sections, {order}")
    body = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-+$|\Z)", text, re.MULTILINE | re.DOTALL)
    described = re.findall(r"^(\w[\w, ]*) : ", body[1] if body else "", re.MULTILINE)
    names = [name for group in described for name in group.split(", ")]
    if names != parameters:
        faults.append(f"the parameters {parameters}, described are {names}")
    if len(text.splitlines()[0]) > 110 or not text.splitlines()[0].endswith("."):
        faults.append("a first line of one sentence")
    if not doctest.DocTestParser().get_examples(text):
        faults.append("an example")
    return faults


@every_entry
def test_docstring_has_its_parts(entry):
    faults = faults_of_docstring(entry.__doc__, list(inspect.signature(entry).parameters))
    assert not faults, f"the docstring of {entry.name} lacks {'; '.join(faults)}"


MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(actlib.__path__, "actlib.")
    if not info.name.startswith("actlib.kernels") and not info.name.endswith("__main__")
)


def run_doctests(module):
    """(failed, attempted, report) of all docstrings of a module, those of its entries included."""
    lines = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder().find(module, module.__name__):
        runner.run(test, out=lines.append)
    return runner.failures, runner.tries, "".join(lines)


@pytest.mark.parametrize("name", ["actlib", *MODULES])
def test_doctests(name):
    failed, _, report = run_doctests(importlib.import_module(name))
    assert not failed, report


@every_documented
def test_examples(entry):
    """An entry is an object and no function, so doctest passes it over: its docstring is run here, and counted."""
    test = doctest.DocTestParser().get_doctest(entry.__doc__, {}, entry.name, None, None)
    assert test.examples, f"the docstring of {entry.name} has no example"
    lines = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=lines.append)
    assert not result.failed, "".join(lines)
    assert result.attempted == len(test.examples)


@every_entry
def test_methods_are_documented(entry):
    for name in (*entry.offers, "value_and_derivative", "backward"):
        if name != "value":
            assert inspect.getdoc(getattr(entry, name)), name


def test_the_readme_promises_what_the_entries_promise():
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    promised = re.search(r"keep within (\S+) ulp in float32 and\s+(\S+) in float64", readme)
    bounds = [bound for entry in actlib.ACTIVATIONS.values() for bound in entry.accuracy.values()]
    assert max(bound.float32 for bound in bounds) == float(promised[1])
    assert max(bound.float64 for bound in bounds) == float(promised[2])


@every_documented
def test_signatures_of_methods_can_be_read(entry):
    """Without the insides of NumPy's types, which fill ten lines."""
    for name in dir(type(entry)):
        method = getattr(entry, name, None)
        if not name.startswith("_") and callable(method) and not isinstance(method, np.ufunc):
            assert "numpy." not in str(inspect.signature(method)).replace("numpy.random.", ""), name
