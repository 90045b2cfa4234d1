# Which x86-64 level the processor and the operating system offer.

cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__GNUC__)
    static int actlib_level(void) {
        __builtin_cpu_init();
        if (!__builtin_cpu_supports("sse4.2")) return 1;
        if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")))
            return 2;
        if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
              && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
              && __builtin_cpu_supports("avx512vl")))
            return 3;
        return 4;
    }
    #else
    static int actlib_level(void) { return 0; }
    #endif
    """
    int actlib_level() noexcept


def x86_64_level():
    """1 to 4 for x86-64-v1 to -v4 as far as the kernels use them; 0 on any other machine."""
    return actlib_level()


cdef extern from *:
    """
    #ifdef _MSC_VER
    #define ACTLIB_COMPILER "Microsoft C " Py_STRINGIFY(_MSC_VER)
    #else
    #define ACTLIB_COMPILER __VERSION__
    #endif
    """
    const char* ACTLIB_COMPILER
    const char* ACTLIB_FLAGS


def build():
    """Compiler and common flags of the kernels; each instruction set adds its own flag."""
    return {"compiler": ACTLIB_COMPILER.decode(), "flags": ACTLIB_FLAGS.decode()}
