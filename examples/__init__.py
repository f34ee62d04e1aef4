"""Examples: ordinary training scripts, and the demo that `trainvis demo` starts."""
