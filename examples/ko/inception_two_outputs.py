"""신경망 하나가 두 가지를 답합니다. 어떤 숫자인지, 그리고 그 숫자에 구멍이 있는지입니다.

인셉션 블록은 같은 그림을 작은 창과 큰 창으로 한꺼번에 보고, 본 것을 나란히 붙입니다. 한 줄로
쌓기만 해서는 이렇게 갈라질 수 없습니다. 그래서 Input에서 시작해 층이 내놓은 것에 다음 층을 부르고,
어디에서 시작해 어디에서 끝나는지를 Model에게 알려 줍니다.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Concatenate, Conv2D, Dense, GlobalMaxPooling2D, Input, MaxPooling2D
from pylego.models import Model

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train = x_train.reshape(-1, 8, 8, 1) / 16
x_test = x_test.reshape(-1, 8, 8, 1) / 16

HOLES = [0, 6, 8, 9]  # 구멍을 둘러싸고 그리는 숫자
hole_train, hole_test = np.isin(y_train, HOLES), np.isin(y_test, HOLES)


def inception(x, filters):
    """같은 그림을 네 가지로 보고 나란히 붙입니다."""
    point = Conv2D(filters, 1, padding="same", activation="relu")(x)
    small = Conv2D(filters, 1, padding="same", activation="relu")(x)
    small = Conv2D(filters, 3, padding="same", activation="relu")(small)
    large = Conv2D(filters, 1, padding="same", activation="relu")(x)
    large = Conv2D(filters, 5, padding="same", activation="relu")(large)
    pooled = MaxPooling2D(3, strides=1, padding="same")(x)
    pooled = Conv2D(filters, 1, padding="same", activation="relu")(pooled)
    return Concatenate()([point, small, large, pooled])


# 머리. 끝에서 둘로 갈라집니다. 물음마다 층이 하나씩 있고 이름이 있습니다.
image = Input((8, 8, 1), name="image")
seen = inception(image, 8)
seen = MaxPooling2D(2)(seen)
seen = inception(seen, 16)
seen = GlobalMaxPooling2D()(seen)
digit = Dense(10, activation="softmax", name="digit")(seen)
hole = Dense(1, activation="sigmoid", name="hole")(seen)
model = Model(image, [digit, hole])
model.summary()

# 몸통과 다리. 출력마다 손실이 있고, loss_weights는 그 손실의 비중을 정합니다.
model.compile(
    optimizer="adam",
    loss={"digit": "sparse_categorical_crossentropy", "hole": "binary_crossentropy"},
    loss_weights={"digit": 1.0, "hole": 0.5},
    metrics={"digit": ["accuracy"], "hole": ["accuracy"]},
)

# 학습. 로그의 이름은 출력의 이름을 따릅니다: digit_loss, hole_accuracy, ...
targets = {"digit": y_train, "hole": hole_train}
model.fit(x_train, targets, batch_size=32, epochs=15, verbose=2)

# 결과.
results = model.evaluate(x_test, [y_test, hole_test], verbose=0, return_dict=True)
print(f"숫자: {results['digit_accuracy']:.1%} 맞힘")
print(f"구멍: {results['hole_accuracy']:.1%} 맞힘")
