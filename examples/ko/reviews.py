"""영화가 마음에 들었을까요? 신경망 둘이 평론의 문장을 읽습니다. 하나는 한 낱말씩, 하나는 두 낱말씩.

    python examples/ko/reviews.py rt_polarity

폴더에는 rt-polarity.pos와 rt-polarity.neg가 있습니다. 칭찬하는 문장이 5,331개, 그렇지 않은 문장이
5,331개입니다(Pang과 Lee, "Seeing stars", 2005). 같은 이름으로 여러 자료 모음에 들어 있습니다.

문장이 이만큼뿐이면 충분히 자주 나와서 배울 수 있는 낱말이 적습니다. 그래서 낱말의 첫 네 글자도
봅니다. "beauty", "beautiful", "beautifully"는 앞이 같습니다.
"""

import sys
from pathlib import Path

import numpy as np

from pylego import utils
from pylego.layers import (
    LSTM,
    Add,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    GlobalMaxPooling1D,
    Input,
    TextVectorization,
)
from pylego.models import Model

WORDS = 10_000  # 아는 낱말의 수
LENGTH = 40  # 한 문장에서 읽는 낱말의 수

utils.set_random_seed(1)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "rt_polarity")
praise = (folder / "rt-polarity.pos").read_text(encoding="latin-1").splitlines()
blame = (folder / "rt-polarity.neg").read_text(encoding="latin-1").splitlines()

# 차례를 한 번 섞고, 10분의 1은 따로 둡니다.
texts = np.array(praise + blame)
liked = np.array([1.0] * len(praise) + [0.0] * len(blame))
order = np.random.default_rng(0).permutation(len(texts))
texts, liked = texts[order], liked[order]
count = len(texts) * 9 // 10


def beginnings(texts):
    """낱말마다 첫 네 글자만 남깁니다."""
    return np.array([" ".join(word[:4] for word in text.split()) for text in texts])


# 낱말은 번호가 됩니다. 배우는 문장에서 가장 자주 나오는 낱말들입니다.
of_words, of_beginnings = (
    TextVectorization(max_tokens=WORDS, output_sequence_length=LENGTH) for _ in range(2)
)
of_words.adapt(texts[:count])
of_beginnings.adapt(beginnings(texts[:count]))


def numbered(texts):
    return [np.asarray(of_words(texts)), np.asarray(of_beginnings(beginnings(texts)))]


x_train, y_train = numbered(texts[:count]), liked[:count]
x_test, y_test = numbered(texts[count:]), liked[count:]


# 머리. 낱말의 벡터와 그 첫머리의 벡터를 더해서 읽습니다. 배우는 동안에는 낱말을 통째로, 또는 숫자
# 하나하나를 아무렇게나 빼놓습니다. 문장을 외워 버리지 못하게 하려는 것입니다.
def network(reader, mask_zero):
    words, begun = (Input((LENGTH,), dtype="int32") for _ in range(2))
    x = Add()([Embedding(WORDS, 128, mask_zero=mask_zero)(one) for one in (words, begun)])
    x = Dropout(0.3, noise_shape=(None, LENGTH, 1))(x)
    x = Dropout(0.5)(reader(Dropout(0.5)(x)))
    return Model([words, begun], Dense(1, activation="sigmoid")(x))


# 양쪽 끝에서 한 낱말씩. 0은 낱말이 없다는 뜻이고, mask_zero를 주면 기억이 그 자리를 건너뜁니다.
def by_memory(x):
    return Bidirectional(LSTM(32))(x)


# "not funny"처럼 두 낱말씩 묶어 기억으로 읽고, 기억마다 가장 큰 수를 어디에 있든 꺼내 봅니다.
def by_pairs(x):
    pairs = Dropout(0.3)(Conv1D(64, 2, padding="same", activation="relu")(x))
    return GlobalMaxPooling1D()(Bidirectional(LSTM(32, return_sequences=True))(pairs))


# 몸통과 다리, 그리고 학습.
models = [network(by_memory, mask_zero=True), network(by_pairs, mask_zero=False)]
for model in models:
    model.summary()
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(
        x_train, y_train, epochs=5, batch_size=64, validation_data=(x_test, y_test), verbose=2
    )


def chances(x):
    """두 신경망이 낸 확률과 그 평균을 돌려줍니다."""
    by_each = [model.predict(x, verbose=0)[:, 0] for model in models]
    return *by_each, np.mean(by_each, axis=0)


for name, chance in zip(("한 낱말씩", "두 낱말씩", "둘 다"), chances(x_test)):
    print(f"{name}: 따로 둔 문장의 {np.mean((chance > 0.5) == y_test):.1%}를 바르게 읽습니다")

# 우리가 쓴 문장은 어떻게 읽을까요?
sentences = np.array(["a warm and funny film , beautifully played", "a dull and lifeless mess"])
for sentence, chance in zip(sentences, chances(numbered(sentences))[2]):
    print(f"{chance:.2f} 마음에 듦: {sentence}")
