"""Training: data, epochs, compile, step, fit."""
