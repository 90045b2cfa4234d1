"""What every test run shows and insists on."""

import importlib.util
import os

import numpy as np
import pytest

import actlib

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
left_out = []
os.environ.setdefault("MPLBACKEND", "Agg")  # figures need no screen

# Child processes import the package that is under test and not the uncompiled one of a source tree they start in; the
# helpers of the tests they do find.
os.environ["PYTHONSAFEPATH"] = "1"
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [os.path.dirname(__file__), os.environ.get("PYTHONPATH")]))

# Comparisons with other libraries need them. CI requires them; elsewhere, without them, there is nothing to collect.
collect_ignore = []
if not IN_CI and not (importlib.util.find_spec("torch") and importlib.util.find_spec("jax")):
    collect_ignore.append("test_peers.py")


def pytest_report_header():
    facts = actlib.show_config("dicts")
    return [
        f"actlib {facts['actlib']} from {os.path.dirname(actlib.__file__)}, NumPy {np.__version__}",
        f"instruction set {facts['instruction set']} of {', '.join(facts['available'])}; {facts['threads']} threads; "
        f"{facts['compiler']} {facts['flags']}",
    ]


def pytest_deselected(items):
    left_out.extend(f"deselected: {item.nodeid}" for item in items)


def pytest_collectreport(report):
    if report.skipped:
        left_out.append(f"skipped: {report.nodeid}: {report.longrepr}")


def pytest_runtest_logreport(report):
    if report.skipped:  # also what is expected to fail
        left_out.append(f"skipped: {report.nodeid}: {report.longrepr}")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """A process of pytest-xdist ends: it alone knows what it did not collect."""
    told = getattr(node, "workeroutput", {}).get("left_out", [])  # nothing from a process that crashed
    left_out.extend(line for line in told if line not in left_out)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = left_out
    if IN_CI and left_out and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if IN_CI and left_out:
        terminalreporter.section("CI=true: every test has to run, these did not")
        for line in left_out:
            terminalreporter.line(line)


@pytest.fixture(autouse=True)
def threads_as_before():
    """A test that changes the number of threads changes it for itself."""
    before = actlib.get_num_threads()
    yield
    actlib.set_num_threads(before)
