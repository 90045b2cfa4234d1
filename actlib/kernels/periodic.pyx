# Functions that oscillate: sine, snake.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py).
