"""걸음은 얼마나 커야 할까요? 같은 신경망이 일정한 학습률로, 또 변하는 학습률로 배웁니다.

걸음이 크면 빨리 배우지만 가장 좋은 가중치 둘레를 맴돌고, 작으면 늦게 도착합니다. 스케줄은 걸음마다
학습률을 따로 정합니다. 여기서는 처음 몇 걸음 동안 커졌다가(워밍업) 코사인 반 주기처럼 작아집니다.
숫자 1,797개는 패키지에 들어 있어 내려받을 것이 없습니다.
"""

from pylego import utils
from pylego.callbacks import EarlyStopping
from pylego.datasets import digits
from pylego.layers import Dense, Flatten
from pylego.models import Sequential
from pylego.optimizers import SGD
from pylego.optimizers.schedules import CosineDecay

(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train, x_test = x_train / 16, x_test / 16

# 숫자 1,200개로 배우고, 나머지 242개로 에포크마다 얼마나 잘 배웠는지 봅니다.
validation = x_train[1200:], y_train[1200:]
x_train, y_train = x_train[:1200], y_train[:1200]

EPOCHS = 60
BATCH_SIZE = 40
STEPS = EPOCHS * len(x_train) // BATCH_SIZE


def learn(rate):
    """같은 처음 가중치에서 신경망을 가르치고, 얼마나 잘 읽는지 알려 줍니다."""
    utils.set_random_seed(7)

    # 머리: 화소 64개가 들어가고 확률 열 개가 나옵니다.
    model = Sequential()
    model.add(Flatten(input_shape=(8, 8)))
    model.add(Dense(32, activation="relu"))
    model.add(Dense(10, activation="softmax"))

    # 몸통과 다리. 모멘텀은 지난 걸음의 일부를 이어 갑니다.
    optimizer = SGD(learning_rate=rate, momentum=0.9)
    model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])

    # 학습. 열 에포크 동안 가장 좋았던 에포크보다 나아지지 않으면 끝나고, 가장 좋았던 에포크의
    # 가중치로 돌아갑니다.
    stopping = EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
    history = model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_data=validation,
        callbacks=[stopping],
        verbose=0,
    )
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"에포크 {len(history.epoch)}번, 손실 {loss:.3f}, 정답률 {accuracy:.1%}")
    return history


# 학습률이 그대로입니다. 걸음마다 0.5이며, 아직 아무것도 모르는 가중치에게는 큰 값입니다.
constant = learn(0.5)

# 전체 걸음의 처음 십분의 일 동안 0에서 0.5까지 커지고, 나머지 동안 0까지 작아집니다.
warmup = STEPS // 10
cosine = learn(CosineDecay(0.0, STEPS - warmup, warmup_target=0.5, warmup_steps=warmup))

# 각각의 그림: 학습과 검증의 손실과 정확도입니다. 브라우저로 열 수 있습니다.
constant.plot(to_file="schedules-constant.svg")
cosine.plot(to_file="schedules-cosine.svg")
