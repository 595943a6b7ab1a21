"""What `fit` does, by hand: forward, loss, back, step. Fit a curve through noisy points."""

import numpy as np

from pylego import GradientTape, losses, ops, optimizers, utils
from pylego.layers import Dense
from pylego.models import Sequential

utils.set_random_seed(1)
x = np.linspace(-3, 3, 256, dtype="float32").reshape(-1, 1)
y = np.sin(2 * x) + 0.1 * np.random.normal(size=x.shape).astype("float32")

head = Sequential([Dense(32, activation="tanh"), Dense(32, activation="tanh"), Dense(1)])
torso = losses.MeanSquaredError()
legs = optimizers.Adam(learning_rate=0.01)

epochs = 200
for epoch in range(epochs):
    order = np.random.permutation(len(x))
    total = 0.0
    for rows in np.split(order, 8):
        # Forward, with the tape running: it notes each brick that the numbers pass through.
        with GradientTape() as tape:
            loss = torso(y[rows], head(x[rows]))
        # Back along the tape: how does the loss change with each weight?
        gradients = tape.gradient(loss, head.trainable_variables)
        # One step against the slope.
        legs.apply(gradients, head.trainable_variables)
        total += float(loss)
    if epoch % 50 == 0 or epoch == epochs - 1:
        print(f"epoch {epoch:3}: mean squared error {total / 8:.4f}")

error = ops.mean(ops.square(head(x) - np.sin(2 * x)))
print(f"against the curve without noise: {float(error):.4f}")
