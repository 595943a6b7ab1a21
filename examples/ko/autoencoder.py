"""잡음이 낀 숫자를 깨끗하게 만듭니다. 오토인코더를 저장했다가 다시 엽니다.

인코더는 그림을 숫자 몇 개로 줄이고, 디코더는 그것으로 그림을 다시 그립니다. 이렇게 좁은 곳으로는
잡음이 빠져나가지 못합니다. 둘 다 모델이며, 모델도 층처럼 부를 수 있습니다.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Conv2DTranspose, Dense, Flatten, Input, Reshape
from pylego.models import Model, load_model

utils.set_random_seed(7)
(x_train, _), (x_test, _) = digits.load_data()
x_train = x_train.reshape(-1, 8, 8, 1).astype(np.float32) / 16
x_test = x_test.reshape(-1, 8, 8, 1).astype(np.float32) / 16


def with_noise(x):
    """같은 그림의 모든 화소에 잡음을 더합니다."""
    noise = np.random.default_rng(7).normal(scale=0.3, size=x.shape)
    return np.clip(x + noise, 0, 1).astype(np.float32)


# 인코더. 화소 64개가 숫자 12개가 됩니다.
image = Input((8, 8, 1))
x = Conv2D(16, 3, strides=2, padding="same", activation="relu")(image)
x = Flatten()(x)
code = Dense(12)(x)
encoder = Model(image, code, name="encoder")

# 디코더. 돌아오는 길입니다.
numbers = Input((12,))
x = Dense(4 * 4 * 16, activation="relu")(numbers)
x = Reshape((4, 4, 16))(x)
x = Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu")(x)
drawn = Conv2D(1, 3, padding="same", activation="sigmoid")(x)
decoder = Model(numbers, drawn, name="decoder")

# 전체. 잡음이 낀 그림을 넣으면 깨끗한 그림이 나와야 합니다.
autoencoder = Model(image, decoder(encoder(image)), name="autoencoder")
autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
autoencoder.fit(with_noise(x_train), x_train, batch_size=32, epochs=30, verbose=2)

# 케라스가 하듯이 저장합니다. 파일 하나에 층과 가중치와 옵티마이저가 들어 있습니다. 여기에서도
# 열리고 케라스에서도 keras.models.load_model("autoencoder.keras")로 열립니다.
autoencoder.save("autoencoder.keras")
opened = load_model("autoencoder.keras")

noisy = with_noise(x_test)
cleaned = opened.predict(noisy, verbose=0)
before, after = np.square(noisy - x_test).mean(), np.square(cleaned - x_test).mean()
print(f"평균 제곱 오차: 잡음이 있을 때 {before:.3f}, 없앤 뒤 {after:.3f}")

SHADES = " .:-=+*#%@"
for noisy_row, clean_row in zip(noisy[0, :, :, 0], cleaned[0, :, :, 0]):
    left, right = (
        "".join(2 * SHADES[int(9.99 * pixel)] for pixel in row) for row in (noisy_row, clean_row)
    )
    print(left, "|", right)
