"""신경망의 층들은 무엇을 볼까요? 같은 층 위에 세운 두 번째 모델이 보여 줍니다.

Model(model.inputs, 몇몇 층의 출력)에는 제 가중치가 없습니다. 첫 모델의 가중치로 계산하다가 원하는
곳에서 멈춥니다. 특징 맵은 feature_maps.svg에 그리며, 어느 브라우저에서나 볼 수 있습니다.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from pylego.models import Model

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train = x_train.reshape(-1, 8, 8, 1) / 16
x_test = x_test.reshape(-1, 8, 8, 1) / 16

image = Input((8, 8, 1))
x = Conv2D(8, 3, padding="same", activation="relu", name="edges")(image)
x = MaxPooling2D(name="pooled")(x)
x = Conv2D(8, 3, padding="same", activation="relu", name="strokes")(x)
x = Flatten()(x)
outputs = Dense(10, activation="softmax")(x)
model = Model(image, outputs)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=15, verbose=0)
print(f"숫자의 {model.evaluate(x_test, y_test, verbose=0)[1]:.1%}를 바르게 읽습니다.")

# 부분 모델. 입력은 같고, 출력은 층의 이름으로 고른 셋입니다.
LAYERS = ["edges", "pooled", "strokes"]
viewer = Model(model.inputs, {name: model.get_layer(name).output for name in LAYERS})
maps = viewer.predict(x_test[:1], verbose=0)
for name in LAYERS:
    print(f"{name}: {maps[name].shape[1:3]} 화소, 맵 {maps[name].shape[3]}장")

PIXELS, GAP = 64, 8  # 그림 한 장의 크기와 그림 사이의 간격


def drawn(picture, left, top):
    """그림 한 장을 회색 네모들로 돌려줍니다. 가장 큰 수가 흰색입니다."""
    side = PIXELS / len(picture)
    shades = (255 * picture / max(picture.max(), 1e-6)).astype(int)
    return [
        f'<rect x="{left + column * side:g}" y="{top + row * side:g}" width="{side:g}" '
        f'height="{side:g}" fill="rgb({shade},{shade},{shade})"/>'
        for (row, column), shade in np.ndenumerate(shades)
    ]


# 숫자 한 장, 그 아래에 층마다 맵 한 줄.
squares = drawn(x_test[0, :, :, 0], 0, 0)
for row, name in enumerate(LAYERS, start=1):
    for column in range(8):
        left, top = column * (PIXELS + GAP), row * (PIXELS + GAP)
        squares += drawn(maps[name][0, :, :, column], left, top)
size = f'width="{8 * (PIXELS + GAP)}" height="{4 * (PIXELS + GAP)}"'
with open("feature_maps.svg", "w", encoding="utf-8") as file:
    file.write(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(squares)}</svg>')
print("feature_maps.svg를 저장했습니다.")
