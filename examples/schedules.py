"""How large should steps be? One network learns with a constant rate, and with one that changes.

Large steps learn quickly and then walk around the best weights; small ones get there late. A
schedule gives each step a rate of its own: here it grows over the first steps (the warm-up), and
then falls as half a cosine does. The 1,797 digits are in the package; nothing is downloaded.
"""

from pylego import utils
from pylego.callbacks import EarlyStopping
from pylego.datasets import digits
from pylego.layers import Dense, Flatten
from pylego.models import Sequential
from pylego.optimizers import SGD
from pylego.optimizers.schedules import CosineDecay

(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train, x_test = x_train / 16, x_test / 16

# 1,200 digits to learn from; the other 242 say after each epoch how well it goes.
validation = x_train[1200:], y_train[1200:]
x_train, y_train = x_train[:1200], y_train[:1200]

EPOCHS = 60
BATCH_SIZE = 40
STEPS = EPOCHS * len(x_train) // BATCH_SIZE


def learn(rate):
    """Train a network from the same first weights, and say how well it reads."""
    utils.set_random_seed(7)

    # The head: 64 pixels in, ten probabilities out.
    model = Sequential()
    model.add(Flatten(input_shape=(8, 8)))
    model.add(Dense(32, activation="relu"))
    model.add(Dense(10, activation="softmax"))

    # The torso and the legs. The momentum carries on a part of the last step.
    optimizer = SGD(learning_rate=rate, momentum=0.9)
    model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])

    # Learning. It ends when ten epochs in a row were no better than the best one, and the weights
    # of the best epoch come back.
    stopping = EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
    history = model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_data=validation,
        callbacks=[stopping],
        verbose=0,
    )
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"{len(history.epoch)} epochs, loss {loss:.3f}, {accuracy:.1%} read correctly")
    return history


# The rate stays as it is: 0.5 in each step, which is a lot for weights that know nothing yet.
constant = learn(0.5)

# It grows from 0 to 0.5 over the first tenth of all steps, and falls to 0 over the others.
warmup = STEPS // 10
cosine = learn(CosineDecay(0.0, STEPS - warmup, warmup_target=0.5, warmup_steps=warmup))

# A picture of each: loss and accuracy, in training and in validation. Browsers open them.
constant.plot(to_file="schedules-constant.svg")
cosine.plot(to_file="schedules-cosine.svg")
