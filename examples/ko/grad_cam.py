"""신경망은 사진의 어디를 볼까요? Grad-CAM과 돌출도(saliency)를 사진 위에 그립니다.

    python examples/ko/grad_cam.py [network.keras photo.jpg]

그냥 돌리면 잡음 속 어딘가에 숨은 숫자를 읽는 작은 신경망을 학습시킵니다. 숫자가 어디 있는지는
알려 주지 않았지만, 신경망이 보는 곳에 숫자가 있어야 맞습니다. 그래서 결과를 확인할 수 있습니다.

신경망과 사진을 적으면 그 신경망이 보는 곳을 그립니다. 예를 들어 efficientnet_lite0.py가 저장한
efficientnet_lite0.keras를 쓸 수 있습니다.

두 방법 모두 기울기를 구합니다. 무엇을 조금 바꾸면 점수가 얼마나 달라질까요? 마지막 합성곱의 특징
맵이면 Grad-CAM(거칠지만 물체 전체), 화소 하나하나면 돌출도(섬세하지만 어지럽습니다)가 됩니다.
출처: Selvaraju 외, Grad-CAM(arXiv:1610.02391), Simonyan 외(arXiv:1312.6034).
"""

import base64
import sys
from pathlib import Path

import numpy as np

from pylego import GradientTape, ops, utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Dense, GlobalAveragePooling2D, Input, MaxPooling2D
from pylego.models import Model, load_model
from pylego.utils import img_to_array, load_img, save_img

SIZE = 32  # 숫자를 숨길 그림의 크기


def hidden(pictures, generator):
    """8 x 8 숫자를 잡음이 있는 그림 어딘가에 넣고, 그림과 넣은 자리를 돌려줍니다."""
    scenes = generator.uniform(0, 0.5, (len(pictures), SIZE, SIZE, 1)).astype("float32")
    places = generator.integers(0, SIZE - 8, (len(pictures), 2))
    for scene, picture, (top, left) in zip(scenes, pictures, places):
        scene[top : top + 8, left : left + 8, 0] += picture / 16
    return scenes, places


def trained_network():
    """잡음 속 숫자로 신경망을 학습시켜, 처음 보는 그림과 함께 돌려줍니다."""
    utils.set_random_seed(7)
    generator = np.random.default_rng(7)
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    scenes, _ = hidden(np.concatenate([x_train] * 2), generator)  # 숫자마다 두 자리에
    labels = np.concatenate([y_train] * 2)
    unseen, places = hidden(x_test, generator)

    picture = Input((SIZE, SIZE, 1))
    x = Conv2D(8, 3, padding="same", activation="relu")(picture)
    x = Conv2D(16, 3, padding="same", activation="relu")(x)
    x = MaxPooling2D()(x)
    x = Conv2D(48, 3, padding="same", activation="relu")(x)
    x = Conv2D(48, 3, padding="same", activation="relu", name="last_maps")(x)
    x = GlobalAveragePooling2D()(x)
    model = Model(picture, Dense(10, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(scenes, labels, batch_size=64, epochs=15, verbose=0)
    print(f"{model.evaluate(unseen, y_test, verbose=0)[1]:.1%} 의 숫자를 바르게 읽었습니다.")
    return model, unseen, places


# ---- 두 방법 ---------------------------------------------------------------------------


def looked_at(model, pictures):
    """그림마다 0에서 1까지의 지도 두 장을 돌려줍니다. Grad-CAM과 돌출도입니다.

    같은 층을 쓰는 두 번째 모델이 점수와 함께 마지막 특징 맵도 내놓습니다. 가장 높은 점수에서
    특징 맵과 화소까지 거슬러 갑니다. 로그를 쓰는 이유는 신경망이 확신할 때 softmax의 기울기가
    사라지기 때문입니다.
    """
    # 높이와 너비가 남아 있는 마지막 층.
    maps = next(layer.output for layer in reversed(model.layers) if len(layer.output.shape) == 4)
    viewer = Model(model.inputs, [maps, model.output])
    pixels = ops.convert_to_tensor(pictures)
    with GradientTape() as tape:
        tape.watch(pixels)
        maps, scores = viewer(pixels)
        best = ops.log(ops.max(scores, axis=-1))
    of_maps, of_pixels = tape.gradient(best, [maps, pixels])

    # 특징 맵마다 이 클래스를 얼마나 지지하고, 찾은 것은 어디에 있을까요?
    weights = ops.mean(of_maps, axis=(1, 2), keepdims=True)
    heat = ops.relu(ops.sum(weights * maps, axis=-1))
    # 색과 상관없이 점수를 가장 크게 바꿀 화소는 무엇일까요?
    saliency = ops.max(ops.abs(of_pixels), axis=-1)
    return scaled(heat.numpy()), scaled(saliency.numpy())


def scaled(maps):
    """지도마다 가장 큰 수로 나눕니다."""
    return maps / np.maximum(maps.max(axis=(1, 2), keepdims=True), 1e-9)


def draw(picture, heat, saliency):
    """picture.png와 saliency.png, 그리고 그림을 붉은 칸으로 덮은 grad_cam.svg를 저장합니다."""
    save_img("picture.png", picture)
    save_img("saliency.png", saliency[..., None])
    encoded = base64.b64encode(Path("picture.png").read_bytes()).decode()
    wide, high = heat.shape[1], heat.shape[0]
    red = 'width="1" height="1" fill="red"'
    squares = "".join(
        f'<rect x="{column}" y="{row}" {red} opacity="{0.7 * warmth:.2f}"/>'
        for (row, column), warmth in np.ndenumerate(heat)
    )
    Path("grad_cam.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="448">'
        f'<image href="data:image/png;base64,{encoded}" width="{wide}" height="{high}" '
        f'preserveAspectRatio="none"/>{squares}</svg>',
        encoding="utf-8",
    )
    print("picture.png, saliency.png, grad_cam.svg를 저장했습니다.")


def share_inside(maps, places):
    """전체 열 가운데 숫자가 있는 자리에 놓인 비율의 평균입니다."""
    zoom = SIZE // maps.shape[1]
    fine = np.kron(maps, np.ones((1, zoom, zoom)))
    inside = [m[top : top + 8, left : left + 8].sum() for m, (top, left) in zip(fine, places)]
    return np.mean(inside / np.maximum(fine.sum(axis=(1, 2)), 1e-9))


if len(sys.argv) > 2:
    model = load_model(sys.argv[1])
    photo = load_img(sys.argv[2], target_size=model.input_shape[1:3])
    pictures = img_to_array(photo)[None]
    heat, saliency = looked_at(model, pictures)
    print(f"클래스 {model.predict(pictures, verbose=0)[0].argmax()}")
else:
    model, pictures, places = trained_network()
    heat, saliency = looked_at(model, pictures)
    print(f"숫자는 그림의 {8 * 8 / SIZE**2:.0%}를 차지합니다. 그 자리에")
    print(f"{share_inside(heat, places):.0%}의 Grad-CAM 열이 모이고,")
    print(f"{share_inside(saliency, places):.0%}의 돌출도가 모였습니다.")
draw(pictures[0], heat[0], saliency[0])
