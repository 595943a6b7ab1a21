"""손으로 정한 필터 두 개로 그림에서 선을 찾습니다. 학습하기 전의 합성곱이 무엇을 하는지 봅니다.

필터는 3 x 3, 수 아홉 개입니다. 그림 위를 미끄러지면서 자리마다 아래에 놓인 화소 아홉 개와 곱해
모두 더합니다. 그림이 필터를 닮은 곳에서 그 합이 커집니다.

그림은 화면에 찍고 house.png, horizontal.png, vertical.png로도 저장합니다(Pillow 사용).
"""

import numpy as np

from pylego.layers import Conv2D
from pylego.models import Sequential
from pylego.utils import save_img

INK = " ░▒▓█"
ZOOM = 12  # 파일에서 잘 보이도록 화소 하나를 12 x 12로 키웁니다

# 집 한 채. 0으로 된 바탕에 1로 벽과 문, 비스듬한 지붕을 그립니다.
house = np.zeros((24, 24))
house[10, 3:21] = house[21, 3:21] = 1
house[10:22, 3] = house[10:22, 20] = 1
house[14:22, 10] = house[14:22, 14] = house[14, 10:15] = 1
for step in range(9):
    house[9 - step, 3 + step] = house[9 - step, 20 - step] = 1

# 가로 한 줄이 밝고 위아래가 어두운 곳을 찾는 것이 가로선 필터입니다. 눕히면 세로선 필터가 됩니다.
# 밝기가 고른 곳에서는 둘 다 0을 냅니다.
horizontal = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
vertical = horizontal.T

# 필터가 두 개인 층입니다. 편향은 없고, relu는 필터와 반대로 생긴 곳의 값을 버립니다.
model = Sequential()
model.add(
    Conv2D(2, (3, 3), padding="same", activation="relu", use_bias=False, input_shape=(24, 24, 1))
)

# 가중치는 필터뿐입니다. 모양은 (높이, 너비, 들어오는 채널, 필터)입니다.
filters = np.stack([horizontal, vertical], axis=-1).reshape(3, 3, 1, 2)
model.set_weights([filters])

# 그림 한 장은 채널이 하나인 그림 한 장짜리 배치입니다.
found = model.predict(house.reshape(1, 24, 24, 1), verbose=0)[0]


def show(title, name, picture):
    """그림을 화면에 찍고 저장합니다."""
    shades = (picture / picture.max() * (len(INK) - 1)).round().astype(int)
    print(f"{title}:")
    for row in shades:
        print("".join(INK[shade] * 2 for shade in row).rstrip())
    save_img(f"{name}.png", np.kron(picture, np.ones((ZOOM, ZOOM)))[..., None])


show("집", "house", house)
show("가로선", "horizontal", found[..., 0])
show("세로선", "vertical", found[..., 1])

# 필터의 답은 자리마다 수 하나입니다. 원하는 선의 한가운데에서는 6입니다.
print(f"바닥에서 두 필터의 답: {found[21, 6, 0]:.0f}, {found[21, 6, 1]:.0f}")
print(f"벽에서 두 필터의 답: {found[15, 3, 0]:.0f}, {found[15, 3, 1]:.0f}")
