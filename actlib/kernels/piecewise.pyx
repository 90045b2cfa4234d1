# Functions made of straight and parabolic pieces: clips, hard gates and thresholds.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py).
