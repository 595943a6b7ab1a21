"""숫자를 읽는 신경망의 속을 들여다봅니다. 필터, 층마다 보는 것, 헷갈리는 것을 차례로 봅니다.

matplotlib이 있으면 filters.png, layers.png, confusion.png를 그립니다. 무엇을 무엇으로 읽었는지
보여 주는 표는 언제나 화면에 찍습니다.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Dense, Flatten
from pylego.models import Sequential

try:
    import matplotlib as mpl

    mpl.use("Agg")  # 화면 없이 파일에 그립니다
    from matplotlib import pyplot as plt
except ImportError:
    plt = None

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train = x_train.reshape(-1, 8, 8, 1) / 16
x_test = x_test.reshape(-1, 8, 8, 1) / 16

model = Sequential()
model.add(Conv2D(8, (3, 3), padding="same", activation="relu", input_shape=(8, 8, 1)))
model.add(Conv2D(16, (3, 3), strides=2, padding="same", activation="relu"))
model.add(Flatten())
model.add(Dense(10, activation="softmax"))
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=20, verbose=0)

# 첫째 층이 찾는 것: 3 x 3 필터 여덟 개입니다.
filters = model.layers[0].get_weights()[0][:, :, 0, :]

# 층마다 보는 것: 그림이 들어가면 필터마다 지도 한 장이 나옵니다. Sequential의 층은 블록이므로
# 하나씩 차례로 부르면 모델이 하는 일과 같습니다.
digit = x_test[:1]
first_maps = model.layers[0](digit)
second_maps = model.layers[1](first_maps)

# 헷갈리는 것: 어떤 숫자(행)를 무엇으로(열) 몇 번 읽었는지 셉니다.
guesses = model.predict(x_test, verbose=0).argmax(axis=1)
confusion = np.zeros((10, 10), int)
np.add.at(confusion, (y_test, guesses), 1)

print(f"{len(y_test)}개 가운데 {np.trace(confusion)}개를 맞혔습니다. 행은 정답, 열은 대답입니다.\n")
print("   ", *(f"{guess:3}" for guess in range(10)))
for label, counts in enumerate(confusion):
    print(f"{label:3}", *(f"{count:3}" if count else "  ." for count in counts))


def draw(name, pictures, columns):
    """그림 여러 장을 나란히 저장합니다."""
    rows = -(-len(pictures) // columns)
    figure, places = plt.subplots(rows, columns, figsize=(columns, rows), squeeze=False)
    for place in places.flat:
        place.axis("off")
    for place, picture in zip(places.flat, pictures):
        place.imshow(picture, cmap="gray")
    figure.savefig(name)
    plt.close(figure)


def draw_confusion(name):
    """표를 그림으로 저장합니다. 밝을수록 자주 일어난 일입니다."""
    figure, place = plt.subplots()
    place.imshow(np.log1p(confusion), cmap="gray")
    # matplotlib의 기본 글꼴에는 한글이 없어 축의 이름은 영어로 씁니다.
    place.set(xlabel="taken for", ylabel="digit", xticks=range(10), yticks=range(10))
    figure.savefig(name)
    plt.close(figure)


if plt is None:
    print("\nmatplotlib이 있으면(pip install matplotlib) 그림도 그립니다.")
else:
    maps = [digit[0, :, :, 0], *np.moveaxis(first_maps.numpy()[0], -1, 0)]
    maps += list(np.moveaxis(second_maps.numpy()[0], -1, 0))
    draw("filters.png", np.moveaxis(filters, -1, 0), columns=8)
    draw("layers.png", maps, columns=5)
    draw_confusion("confusion.png")
    print("\nfilters.png, layers.png, confusion.png를 저장했습니다.")
