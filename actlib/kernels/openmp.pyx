# The parallel runner, alone in its module because only this one is linked against an OpenMP library.

from cython.parallel cimport prange

from .threads cimport Task, install


cdef void run(Task task, void* context, Py_ssize_t n, int threads) noexcept nogil:
    cdef int part
    for part in prange(threads, num_threads=threads, schedule="static", chunksize=1):
        task(context, n * part // threads, n * (part + 1) // threads)


install(run)
