# Losses of pairs and triples: rankings, and vectors that are to be near or far.
