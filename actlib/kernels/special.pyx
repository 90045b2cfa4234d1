# Logarithms and exponentials that keep their digits, and the normal distribution.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py).
