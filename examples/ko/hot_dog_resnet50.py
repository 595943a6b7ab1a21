"""사진에 무엇이 있을까요? 가중치 파일을 읽은 ResNet50과, 핫도그만 알아보는 앱입니다.

    python examples/ko/hot_dog_resnet50.py [photos [weights]]

사진을 읽고, 다듬고, 예측하고, 이름으로 바꿉니다. 네 줄이면 ImageNet의 이름 1,000개 가운데 하나가
나옵니다. 그 이름으로 "핫도그일까, 아닐까"를 만들고, 얼마나 자주 맞히는지 세는 함수를 만듭니다.

사진은 폴더에 담긴 .jpg와 .png 파일이고, 그 안의 "hotdog" 폴더에는 핫도그 사진을 둡니다. 폴더를
적지 않으면 줄무늬 그림 여섯 장을 그립니다. 가중치는 .h5, .weights.h5, .keras 파일입니다. Keras가
공개한 파일은 resnet50_weights_tf_dim_ordering_tf_kernels.h5이고, weights="imagenet"이라고 적으면
처음 한 번 내려받습니다. 파일이 없으면 난수로 하나 만듭니다(103MB). 모든 단계를 보여 주지만 아는
것은 없습니다. 인터넷 없이도 아는 신경망은 efficientnet_lite0.py에 있습니다.
"""

import sys
from pathlib import Path

import numpy as np

from pylego.applications import ResNet50
from pylego.applications.resnet50 import decode_predictions, preprocess_input
from pylego.utils import img_to_array, load_img, save_img, set_random_seed

SIZE = 224
set_random_seed(7)


def draw_photos(folder):
    """줄무늬를 저장합니다. 절반은 핫도그인 셈 칩니다."""
    for number in range(6):
        kind = ("hotdog", "other")[number % 2]
        (folder / kind).mkdir(parents=True, exist_ok=True)
        columns = np.sin(np.arange(320) / (5 + 5 * number))
        stripes = np.tile(columns[None, :, None], (240, 1, 3)) * 127 + 128
        save_img(folder / kind / f"{number}.png", stripes, scale=False)


def write_weights(path):
    """새 신경망이 처음에 가진 숫자를 저장합니다."""
    print(f"{path} 파일을 만듭니다. 난수라서 아는 것이 없습니다.")
    ResNet50(weights=None).save_weights(path)


photos = Path(sys.argv[1] if len(sys.argv) > 1 else "photos")
weights = Path(sys.argv[2] if len(sys.argv) > 2 else "resnet50.weights.h5")
if len(sys.argv) < 2 and not photos.exists():
    draw_photos(photos)
if len(sys.argv) < 3 and not weights.exists():
    write_weights(weights)

# ---- 사진에서 이름까지 ----

model = ResNet50(weights=weights)
paths = sorted(path for path in photos.rglob("*") if path.suffix in (".jpg", ".png"))


def read_and_prepare(paths):
    """신경망이 배울 때 본 모습으로 바꿉니다. 크기를 맞추고 색에서 평균을 뺍니다."""
    pictures = [img_to_array(load_img(path, target_size=(SIZE, SIZE))) for path in paths]
    return preprocess_input(np.array(pictures))


scores = model.predict(read_and_prepare(paths), verbose=0)
for path, best in zip(paths, decode_predictions(scores, top=3)):
    print(path, ", ".join(f"{name} {score:.1%}" for _, name, score in best))

# ---- 핫도그일까, 아닐까 ----


def is_hot_dog(scores):
    """클래스 1,000개의 점수를 True와 False로 바꿉니다."""
    return [best[0][1] == "hotdog" for best in decode_predictions(scores, top=1)]


def accuracy(model, hot_dogs, others):
    """앱이 바르게 말한 사진의 비율을 돌려줍니다."""
    right = 0
    for paths, wanted in ((hot_dogs, True), (others, False)):
        if paths:
            answers = is_hot_dog(model.predict(read_and_prepare(paths), verbose=0))
            right += answers.count(wanted)
    return right / (len(hot_dogs) + len(others))


hot_dogs = [path for path in paths if path.parent.name == "hotdog"]
others = [path for path in paths if path not in hot_dogs]
print(f"핫도그 {len(hot_dogs)}장, 나머지 {len(others)}장: {accuracy(model, hot_dogs, others):.0%}")
