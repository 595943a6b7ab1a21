"""535+61은 얼마일까요? 글자만 보고 덧셈을 배웁니다. LSTM 하나가 읽고, 다른 하나가 씁니다.

문제를 한 글자씩 다 읽으면 읽는 쪽의 기억, 곧 숫자 두 줄이 남습니다. 쓰는 쪽은 그 기억에서 시작해
답을 한 글자씩 씁니다. 숫자 하나가 얼마를 뜻하는지는 아무도 알려 주지 않습니다(Sutskever, Vinyals,
Le, arXiv:1409.3215).
"""

import numpy as np

from pylego import utils
from pylego.layers import LSTM, Dense, Embedding, Input
from pylego.models import Model
from pylego.optimizers import Adam

SIGNS = "0123456789+ ="  # 답은 "=" 다음에 옵니다
UNITS = 128  # 기억 한 줄에 든 숫자의 개수

utils.set_random_seed(1)


def numbered(texts):
    """글을 번호의 줄로 바꿉니다. 번호는 SIGNS에서 그 글자의 자리입니다."""
    return np.array([[SIGNS.index(sign) for sign in text] for text in texts], "int32")


# 백만 가지 문제 가운데 5만 가지입니다. 문제는 뒤에서부터 읽습니다. 나중에 읽은 것이 더 잘
# 기억되는데, 답은 높은 자리부터 쓰기 때문입니다.
pairs = [divmod(pair, 1000) for pair in np.random.default_rng(1).permutation(1_000_000)[:50_000]]
questions = numbered(f"{a}+{b}".ljust(7)[::-1] for a, b in pairs)
answers = numbered("=" + str(a + b).ljust(4) for a, b in pairs)
count = len(pairs) * 9 // 10

# 머리. 쓰는 쪽은 단계마다 앞 글자를 보고, 다음 글자의 확률을 냅니다.
question, before = Input((7,), dtype="int32"), Input((None,), dtype="int32")
embedding = Embedding(len(SIGNS), 32)
writer = LSTM(UNITS, return_sequences=True, return_state=True)
chances = Dense(len(SIGNS), activation="softmax")

_, *memory = LSTM(UNITS, return_state=True)(embedding(question))
written, *_ = writer(embedding(before), initial_state=memory)
model = Model([question, before], chances(written))
model.summary()

# 몸통과 다리.
model.compile(loss="sparse_categorical_crossentropy", optimizer=Adam(0.004), metrics=["accuracy"])

# 학습. 처음에는 크게, 나중에는 작게 걷습니다.
for rate, epochs in ((0.004, 15), (0.0005, 5)):
    model.optimizer.learning_rate = rate
    model.fit(
        [questions[:count], answers[:count, :-1]],
        answers[:count, 1:],
        epochs=epochs,
        batch_size=128,
        validation_data=([questions[count:], answers[count:, :-1]], answers[count:, 1:]),
        verbose=2,
    )

# 같은 층으로 모델 둘을 더 만듭니다. 하나는 읽고, 다른 하나는 한 글자를 이어 씁니다.
reads = Model(question, memory)
h, c = Input((UNITS,)), Input((UNITS,))
written, *state = writer(embedding(before), initial_state=[h, c])
writes = Model([before, h, c], [chances(written), *state])


def answer(questions):
    """답을 씁니다. 단계마다 확률이 가장 높은 글자입니다."""
    signs = [numbered("=" * len(questions))]
    memory = reads.predict(questions, batch_size=1000, verbose=0)
    for _ in range(4):
        scores, *memory = writes.predict([signs[-1], *memory], batch_size=1000, verbose=0)
        signs.append(scores.argmax(-1))
    return np.concatenate(signs[1:], axis=1)


given = answer(questions[count:])
is_right = np.all(given == answers[count:, 1:], axis=1)
print(f"처음 보는 문제 {len(given):,}개 가운데 {is_right.mean():.1%}를 맞혔습니다")
for (a, b), signs in list(zip(pairs[count:], given))[:5]:
    print(f"{a} + {b} = {''.join(SIGNS[sign] for sign in signs)}")
