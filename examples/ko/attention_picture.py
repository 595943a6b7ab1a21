"""신경망은 쓸 때 어디를 볼까요? 날짜 읽기를 배우고, 그 어텐션을 그림으로 그립니다.

날짜는 사람이 쓰는 대로 "March 9, 1998"이나 "9 Mar 1998"로 들어와서 "1998-03-09"로 나갑니다. LSTM
하나가 양쪽 끝에서 읽고, 다른 하나가 씁니다. 쓰는 쪽이 날짜에 대해 아는 것은 어텐션이 찾아 준
것뿐입니다. 글자를 쓸 때마다 읽은 것의 평균을 내되, 어떤 자리는 많이, 다른 자리는 적게
섞습니다(Bahdanau, Cho, Bengio, arXiv:1409.0473). 이 몫을 attention.svg에 그립니다. 브라우저로 열어
보세요. 자리마다 이웃까지 함께 읽은 것이라, 숫자 바로 옆이 짙어도 그 숫자를 보는 것일 수 있습니다.
"""

import string
from datetime import date, timedelta

import numpy as np

from pylego import utils
from pylego.layers import LSTM, Attention, Bidirectional, Concatenate, Dense, Embedding, Input
from pylego.models import Model
from pylego.optimizers import Adam

SIGNS = "_=- ," + string.digits + string.ascii_letters  # "_"는 빈자리, "="는 쓰기의 시작
LENGTH = len("September 30, 1998")

utils.set_random_seed(1)


def numbered(texts):
    """글을 번호의 줄로 바꿉니다. 번호는 SIGNS에서 그 글자의 자리입니다."""
    return np.array([[SIGNS.index(sign) for sign in text] for text in texts], "int32")


# 두 세기의 날들. 어떤 것은 이렇게, 어떤 것은 저렇게 씁니다.
rng = np.random.default_rng(1)
days = [date(1900, 1, 1) + timedelta(int(day)) for day in rng.permutation(73_000)[:16_000]]
forms = [f"{d:%B} {d.day}, {d.year}" if d.year % 2 else f"{d.day} {d:%b} {d.year}" for d in days]
asked = numbered(form.ljust(LENGTH, "_") for form in forms)
answers = numbered(f"={d}" for d in days)
count = len(days) * 9 // 10

# 머리. 읽은 것도 찾는 것도 숫자 128개로 나타냅니다.
text, before = Input((LENGTH,), dtype="int32"), Input((10,), dtype="int32")
embedding = Embedding(len(SIGNS), 32, mask_zero=True)
read = Bidirectional(LSTM(64, return_sequences=True))(embedding(text))
sought = LSTM(128, return_sequences=True)(embedding(before))
found, shares = Attention()([sought, read], return_attention_scores=True)
chances = Dense(len(SIGNS), activation="softmax")(Concatenate()([sought, found]))
model = Model([text, before], chances)
viewer = Model([text, before], shares)

# 몸통과 다리.
model.compile(loss="sparse_categorical_crossentropy", optimizer=Adam(0.003), metrics=["accuracy"])

# 학습. 쓰는 쪽은 바른 앞 글자들을 봅니다.
x_train, x_test = ([asked[part], answers[part, :-1]] for part in (slice(count), slice(count, None)))
y_train, y_test = answers[:count, 1:], answers[count:, 1:]
model.fit(x_train, y_train, epochs=6, batch_size=64, validation_data=(x_test, y_test), verbose=2)

# 쓰기. 따로 둔 날짜 400개로, 이제는 제가 쓴 앞 글자들을 봅니다.
texts, truth = asked[count:][:400], answers[count:][:400]
written = np.full(truth.shape, SIGNS.index("="), "int32")
for place in range(10):
    scores = model.predict([texts, written[:, :-1]], batch_size=400, verbose=0)
    written[:, place + 1] = scores[:, place].argmax(-1)
is_right = np.all(written == truth, axis=1)
print(f"처음 보는 날짜 {len(written):,}개 가운데 {is_right.mean():.1%}를 맞혔습니다")

SIDE = 24  # 네모 하나의 크기(픽셀)


def drawn(text, answer, shares, top):
    """그림의 네모들을 돌려줍니다. 쓴 글자마다 한 줄이고, 많이 본 자리일수록 짙습니다."""
    parts = []
    for column, sign in enumerate(text):
        parts.append(f'<text x="{(column + 1.5) * SIDE}" y="{top + 0.7 * SIDE}">{sign}</text>')
    for row, sign in enumerate(answer, start=1):
        parts.append(f'<text x="{0.5 * SIDE}" y="{top + (row + 0.7) * SIDE}">{sign}</text>')
        for column, share in enumerate(shares[row - 1][: len(text)], start=1):
            place = f'x="{column * SIDE}" y="{top + row * SIDE}" width="{SIDE}" height="{SIDE}"'
            parts.append(f'<rect {place} fill="rgb(20,80,160)" fill-opacity="{share:.2f}"/>')
    return parts


# 따로 둔 날짜 가운데 처음 셋을 차례로 그립니다.
parts = []
shares = viewer.predict([texts, written[:, :-1]], batch_size=400, verbose=0)
for row in range(3):
    form, answer = forms[count + row], "".join(SIGNS[sign] for sign in written[row, 1:])
    print(f"{form} -> {answer}")
    parts += drawn(form, answer, shares[row], 12 * SIDE * row)
size = f'width="{(LENGTH + 1) * SIDE}" height="{36 * SIDE}"'
style = 'font-family="monospace" font-size="16" text-anchor="middle"'
with open("attention.svg", "w", encoding="utf-8") as file:
    file.write(f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(parts)}</svg>')
print("attention.svg를 저장했습니다.")
