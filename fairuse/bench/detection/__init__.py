"""`fairuse bench detection`: what detection is worth, on real traces first, simulated ones apart."""
