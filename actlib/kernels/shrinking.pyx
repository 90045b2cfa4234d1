# Functions that shrink small inputs to 0.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py).
