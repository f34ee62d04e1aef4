"""trainvis: train networks, watch them learn and look inside them, in one terminal."""
