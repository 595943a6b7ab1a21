"""아무도 쓴 적 없는 숫자를 그립니다. 학습 단계를 직접 쓴 변분 오토인코더(VAE)입니다.

인코더는 그림 하나에 점이 아니라 작은 구름을 내놓고, 디코더는 그 구름의 한 점에서 그림을 그립니다.
모든 그림의 구름을 0 둘레에 모아 두므로, 그 언저리의 어느 점이든 숫자가 됩니다.

손실은 두 부분입니다. 그림을 얼마나 놓쳤는지, 그리고 구름이 0에서 얼마나 먼지입니다. y_true와
y_pred의 손실은 구름을 보지 못하므로, 모델이 train_step을 직접 씁니다. 이 단계도 한 번 기록되어
다른 것처럼 프로그램 하나로 돌아갑니다.
"""

import numpy as np

from pylego import GradientTape, ops, random, saving, utils
from pylego.datasets import digits
from pylego.layers import Dense, Input
from pylego.metrics import Mean
from pylego.models import Model, Sequential, load_model

SIZE = 4  # 그림 하나를 나타내는 숫자의 개수


@saving.register_keras_serializable(package="examples")
class VAE(Model):
    """인코더와 디코더, 그리고 둘이 함께 배우는 방법입니다.

    만들 때 준 인자로 설명되므로, get_config가 없어도 저장할 수 있습니다.
    """

    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder
        self.noise = random.SeedGenerator(7)
        self.trackers = [Mean(name="loss"), Mean(name="reconstruction"), Mean(name="divergence")]

    @property
    def metrics(self):
        """fit이 에포크마다 처음으로 되돌리는 것들입니다."""
        return self.trackers

    def call(self, x):
        """구름의 한가운데에서 그림을 다시 그립니다."""
        mean, _ = self.encoder(x)
        return self.decoder(mean)

    def train_step(self, data):
        """그림 한 배치에서 배웁니다."""
        x = data[0] if isinstance(data, tuple) else data
        with GradientTape() as tape:
            mean, log_variance = self.encoder(x)
            step = random.normal(ops.shape(mean), seed=self.noise)
            drawn = self.decoder(mean + ops.exp(0.5 * log_variance) * step)
            missed = ops.mean(ops.sum(ops.square(drawn - x), axis=-1))
            # 구름이 표준정규분포에서 얼마나 먼지 잽니다(쿨백-라이블러 발산).
            far = ops.square(mean) + ops.exp(log_variance) - log_variance - 1
            divergence = ops.mean(ops.sum(0.5 * far, axis=-1))
            loss = missed + 0.05 * divergence
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        for tracker, value in zip(self.trackers, (loss, missed, divergence)):
            tracker.update_state(value)
        return {tracker.name: tracker.result() for tracker in self.trackers}


utils.set_random_seed(7)
(x_train, _), (x_test, _) = digits.load_data()
x_train = x_train.reshape(-1, 64).astype(np.float32) / 16
x_test = x_test.reshape(-1, 64).astype(np.float32) / 16

image = Input((64,))
hidden = Dense(64, activation="relu")(image)
encoder = Model(image, [Dense(SIZE)(hidden), Dense(SIZE)(hidden)], name="encoder")
decoder = Sequential(
    [Input((SIZE,)), Dense(64, activation="relu"), Dense(64, activation="sigmoid")], name="decoder"
)

vae = VAE(encoder, decoder)
vae.compile(optimizer="adam")
vae.fit(x_train, batch_size=32, epochs=40, verbose=2)

# 0 둘레의 점은 숫자가 됩니다.
points = random.normal((3, SIZE), seed=3).numpy()
pictures = decoder.predict(points, verbose=0).reshape(3, 8, 8)
SHADES = " .:-=+*#%@"
for row in range(8):
    drawn = [[SHADES[int(9.99 * pixel)] * 2 for pixel in picture[row]] for picture in pictures]
    print(" | ".join("".join(line) for line in drawn))

# 저장했다가 다시 열어도 똑같이 그립니다.
vae.save("vae.keras")
opened = load_model("vae.keras")
print("다시 연 모델이 같은가:", np.array_equal(opened.predict(x_test), vae.predict(x_test)))

# 디코더에는 케라스의 층만 있습니다. 케라스가 있는 사람은 그대로 열 수 있습니다.
decoder.save("decoder.keras")
try:
    import keras
except ImportError:
    print("케라스가 있으면(pip install keras jax) decoder.keras를 케라스에서도 열어 봅니다.")
else:
    there = keras.models.load_model("decoder.keras").predict(points, verbose=0)
    print("케라스에서 연 모델이 같은가:", np.allclose(there, pictures.reshape(3, 64), atol=1e-5))
