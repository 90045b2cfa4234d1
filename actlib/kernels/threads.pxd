# A task works on [start, stop) of the n units (elements, blocks, rows) described by its context.
ctypedef void (*Task)(void* context, Py_ssize_t start, Py_ssize_t stop) noexcept nogil
ctypedef void (*Runner)(Task task, void* context, Py_ssize_t n, int threads) noexcept nogil

cdef void install(Runner runner) noexcept
cdef void split(Task task, void* context, Py_ssize_t n, Py_ssize_t grain) noexcept nogil
