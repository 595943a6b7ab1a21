"""셰익스피어를 한 글자씩 씁니다. 작은 트랜스포머가 희곡을 읽고 나면 혼자서 써 내려갑니다.

    python examples/ko/shakespeare.py input.txt

파일은 1메가바이트쯤 되는 글이면 됩니다. "tiny Shakespeare"라는 글이 같은 이름으로 여러 자료 모음에
들어 있습니다. 신경망은 글자마다, 앞에 나온 글자들을 보고 다음 글자의 확률을 냅니다.

쓰려면 방금 쓴 것을 읽어야 합니다. 앞선 글자들의 키와 값을 간직해 두는(캐시) 어텐션은 마지막 글자만
읽으면 됩니다. 그래서 몇 번째 글자든 한 걸음에 드는 시간이 같습니다.

"tiny Shakespeare"(1,115,394글자)로 여섯 에포크를 배우는 데 코어 하나(AVX-512가 있는 AMD EPYC)로
104초가 걸렸습니다. 따로 떼어 둔 글에서 손실은 2.20에서 1.63으로 줄었고, 글자의 51 %를 맞혔습니다.
그다음 1초에 6,000글자를 썼습니다. 겉모습은 희곡이고, 낱말은 대부분 영어입니다.

    HENRY BOLINGBROKE:
    ...
    Bender that love me my sons. My lord, will soon, thou,
    Or the foul of soldiers to your counsel again.

    LADY ANNE:
"""

import sys
import time
from pathlib import Path

import numpy as np

import pylego
from pylego import ops, random, utils
from pylego.layers import Dense, Embedding, Layer, LayerNormalization, MultiHeadAttention
from pylego.losses import SparseCategoricalCrossentropy
from pylego.models import Model
from pylego.optimizers import Adam

LENGTH = 96  # 한 번에 보는 글자의 수
WIDTH, HEADS, BLOCKS = 128, 4, 2
BOLDNESS = 0.7  # 1이면 확률대로 뽑고, 0.1이면 거의 늘 가장 그럴듯한 글자를 고릅니다

utils.set_random_seed(1)
path = Path(sys.argv[1] if len(sys.argv) > 1 else "input.txt")
text = path.read_text(encoding="utf-8")
LETTERS = sorted(set(text))
letters = np.searchsorted(LETTERS, list(text)).astype("int32")

# 글자의 줄, 그리고 한 글자씩 밀린 같은 줄입니다. 자리마다 다음에 오는 글자가 정답입니다.
rows = (len(letters) - 1) // LENGTH
x = letters[: rows * LENGTH].reshape(rows, LENGTH)
y = letters[1 : rows * LENGTH + 1].reshape(rows, LENGTH)
count = rows * 9 // 10


class CachedAttention(MultiHeadAttention):
    """글이 제 글자들을 바라보는 어텐션. 한 글자씩 이어 갈 수도 있습니다."""

    def build(self, query_shape, value_shape):
        super().build(query_shape, value_shape)
        shape = (1, LENGTH, self.num_heads, self.key_dim)
        self.keys = self.add_weight(shape, "zeros", trainable=False, name="keys")
        self.values = self.add_weight(shape, "zeros", trainable=False, name="values")

    def step(self, x, place):
        """한 글자가 자기와 앞 글자들을 바라봅니다. 그 글자의 키와 값은 간직합니다."""
        places = ops.arange(LENGTH)
        is_here = ops.reshape(places == place, (1, LENGTH, 1, 1))
        self.keys.assign(ops.where(is_here, self.key_dense(x), self.keys))
        self.values.assign(ops.where(is_here, self.value_dense(x), self.values))
        seen = ops.reshape(places <= place, (1, 1, 1, LENGTH))
        y = ops.dot_product_attention(self.query_dense(x), self.keys, self.values, mask=seen)
        return self.output_dense(y)


class Block(Layer):
    """어텐션, 그다음 글자마다 밀집층 둘. x + ..는 둘 다 비켜 가는 길입니다."""

    def __init__(self):
        super().__init__()
        self.norm, self.dense_norm = LayerNormalization(), LayerNormalization()
        self.attention = CachedAttention(HEADS, WIDTH // HEADS)
        self.dense, self.output_dense = Dense(4 * WIDTH, activation="gelu"), Dense(WIDTH)

    def call(self, x):
        z = self.norm(x)
        return self.think(x + self.attention(z, z, use_causal_mask=True))

    def step(self, x, place):
        return self.think(x + self.attention.step(self.norm(x), place))

    def think(self, x):
        return x + self.output_dense(self.dense(self.dense_norm(x)))


class Writer(Model):
    """머리. 모든 자리에서, 또는 한 자리에서 다음 글자의 점수를 냅니다."""

    def __init__(self):
        super().__init__()
        self.embedding, self.places = Embedding(len(LETTERS), WIDTH), Embedding(LENGTH, WIDTH)
        self.blocks = [Block() for _ in range(BLOCKS)]
        self.norm, self.scores = LayerNormalization(), Dense(len(LETTERS))

    def call(self, letters):
        x = self.embedding(letters) + self.places(ops.arange(LENGTH))
        for block in self.blocks:
            x = block(x)
        return self.scores(self.norm(x))

    def step(self, letter, place):
        x = self.embedding(letter) + self.places(place)
        for block in self.blocks:
            x = block.step(x, place)
        return self.scores(self.norm(x))


# 몸통과 다리.
model = Writer()
loss = SparseCategoricalCrossentropy(from_logits=True)
model.compile(loss=loss, optimizer=Adam(0.002), metrics=["accuracy"])

# 학습. 처음에는 크게, 나중에는 작게 걷습니다.
for rate, epochs in ((0.002, 5), (0.0003, 1)):
    model.optimizer.learning_rate = rate
    model.fit(
        x[:count],
        y[:count],
        batch_size=32,
        epochs=epochs,
        validation_data=(x[count:], y[count:]),
        verbose=2,
    )


# 어느 글자든 프로그램은 하나입니다. 자리도 입력이기 때문입니다.
@pylego.function
def next_letter(letter, place):
    return random.categorical(model.step(letter, place)[0] / BOLDNESS, 1)


def written(beginning, count):
    """주어진 대로 시작하는 글을 그만큼 씁니다."""
    letters = [LETTERS.index(letter) for letter in beginning]
    start = place = 0  # 캐시에는 start부터 start + place까지의 글자가 있습니다
    while len(letters) < count:
        if place == LENGTH:  # 다 찼으면 뒤쪽 절반을 다시 읽습니다
            start, place = start + LENGTH // 2, 0
        letter = np.array([[letters[start + place]]], "int32")
        drawn = next_letter(letter, np.array([[place]], "int32"))
        place += 1
        if start + place == len(letters):
            letters.append(int(drawn))
    return "".join(LETTERS[letter] for letter in letters)


written(text[:10], 20)  # 첫 호출은 프로그램을 기록합니다
began = time.perf_counter()
print(written(text[:10], 600))
print(f"1초에 {600 / (time.perf_counter() - began):,.0f}글자")
