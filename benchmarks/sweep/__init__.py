"""Every brick at every size and along every axis, beside PyTorch, NumPy and the machine."""
