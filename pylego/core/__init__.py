"""Tensors, variables and what they rest on: dtypes, indexing, gradients, nested structures."""
