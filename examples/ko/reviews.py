"""영화가 마음에 들었을까요? 신경망이 평론의 문장을 양쪽 끝에서 한 낱말씩 읽습니다.

    python examples/ko/reviews.py rt_polarity

폴더에는 rt-polarity.pos와 rt-polarity.neg가 있습니다. 칭찬하는 문장이 5,331개, 그렇지 않은 문장이
5,331개입니다(Pang과 Lee, "Seeing stars", 2005). 같은 이름으로 여러 자료 모음에 들어 있습니다.
"""

import sys
from pathlib import Path

import numpy as np

from pylego.layers import LSTM, Bidirectional, Dense, Dropout, Embedding, Input, TextVectorization
from pylego.models import Sequential

WORDS = 10_000  # 아는 낱말의 수
LENGTH = 40  # 한 문장에서 읽는 낱말의 수

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "rt_polarity")
praise = (folder / "rt-polarity.pos").read_text(encoding="latin-1").splitlines()
blame = (folder / "rt-polarity.neg").read_text(encoding="latin-1").splitlines()

# 차례를 한 번 섞고, 10분의 1은 따로 둡니다.
texts = np.array(praise + blame)
liked = np.array([1.0] * len(praise) + [0.0] * len(blame))
order = np.random.default_rng(0).permutation(len(texts))
texts, liked = texts[order], liked[order]
count = len(texts) * 9 // 10

# 낱말은 번호가 됩니다. 배우는 문장에서 가장 자주 나오는 낱말들입니다.
vectorization = TextVectorization(max_tokens=WORDS, output_sequence_length=LENGTH)
vectorization.adapt(texts[:count])
x = np.asarray(vectorization(texts))
x_train, y_train, x_test, y_test = x[:count], liked[:count], x[count:], liked[count:]

# 머리. 0은 낱말이 없다는 뜻이고, mask_zero를 주면 기억이 그 자리를 건너뜁니다.
model = Sequential(
    [
        Input((LENGTH,), dtype="int32"),
        Embedding(WORDS, 128, mask_zero=True),
        Dropout(0.7),
        Bidirectional(LSTM(32)),
        Dropout(0.6),
        Dense(1, activation="sigmoid"),
    ]
)
model.summary()

# 몸통과 다리.
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

# 학습.
model.fit(x_train, y_train, epochs=4, batch_size=64, validation_data=(x_test, y_test), verbose=2)

# 우리가 쓴 문장은 어떻게 읽을까요?
sentences = ["a warm and funny film , beautifully played", "a dull and lifeless mess"]
chances = model.predict(np.asarray(vectorization(np.array(sentences))), verbose=0)[:, 0]
for sentence, chance in zip(sentences, chances):
    print(f"{chance:.2f} 마음에 듦: {sentence}")
