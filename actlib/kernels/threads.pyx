# How many threads, and who starts them.
#
# Kernels hand `split` a task and a range. Without a runner it runs here, on the calling thread. openmp.pyx, the
# only module that needs an OpenMP library, installs one when it can be imported; so a machine without libgomp
# loses speed and nothing else.

import os

cdef Runner parallel_runner = NULL
cdef int thread_count = 1


cdef void install(Runner runner) noexcept:
    global parallel_runner
    parallel_runner = runner


cdef void split(Task task, void* context, Py_ssize_t n, Py_ssize_t grain) noexcept nogil:
    """Run task over [0, n), in parts of at least `grain` units. The parts depend on the number of threads, so a
    task whose result depended on its limits would break the promise of equal bits."""
    cdef Py_ssize_t parts = n // grain
    if parts > thread_count:
        parts = thread_count
    if parts < 2 or parallel_runner == NULL:
        task(context, 0, n)
    else:
        parallel_runner(task, context, n, <int>parts)


def set_num_threads(n):
    """Use at most `n` threads in one call from now on; raises ValueError unless n is a positive integer."""
    global thread_count
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ValueError(f"the number of threads must be a positive integer, not {n!r}")
    thread_count = min(n, 1024)


def get_num_threads():
    """The largest number of threads that one call uses (1 where no OpenMP library was found)."""
    return thread_count if parallel_runner != NULL else 1


def default_num_threads():
    """ACTLIB_NUM_THREADS if set, else the number of processors that this process may use."""
    chosen = os.environ.get("ACTLIB_NUM_THREADS", "")
    if not chosen:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not chosen.isdecimal() or int(chosen) == 0:
        raise ImportError(f"ACTLIB_NUM_THREADS must be a positive integer, not {chosen!r}")
    return int(chosen)


set_num_threads(default_num_threads())


def forget_threads():
    """Run on the calling thread from now on, whatever number is set."""
    install(NULL)


# The threads of an OpenMP pool do not survive a fork, and libgomp waits for them for ever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_threads)
