"""어떤 신경망이 가장 좋을까요? scikit-learn이 다섯 겹으로, 두 프로세스에서 비교합니다.

    pip install scikit-learn
    python examples/ko/grid_search.py pima-indians-diabetes.csv

표는 pima.py와 같습니다. 측정값 8개와 결과가 768줄 있습니다.
"""

import sys

import numpy as np
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pylego.layers import Dense, Dropout, Input
from pylego.models import Sequential
from pylego.utils import set_random_seed
from pylego.wrappers import SKLearnClassifier


def network(X, y, units=8, dropout=0.0):
    """은닉층 하나, 그리고 클래스마다 확률 하나."""
    model = Sequential(
        [
            Input((X.shape[1],)),
            Dense(units, "relu"),
            Dropout(dropout),
            Dense(y.shape[1], "softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    return model


def main():
    set_random_seed(1)
    path = sys.argv[1] if len(sys.argv) > 1 else "pima-indians-diabetes.csv"
    table = np.loadtxt(path, delimiter=",")
    X, y = table[:, :8], table[:, 8].astype(int)

    # 측정값의 크기는 학습 부분만 보고 맞춘 다음 신경망에 넣습니다.
    fit = {"epochs": 60, "batch_size": 32, "verbose": 0}
    pipeline = make_pipeline(StandardScaler(), SKLearnClassifier(network, fit_kwargs=fit))
    choices = [{"units": n, "dropout": d} for n in (4, 16, 64) for d in (0.0, 0.5)]
    search = GridSearchCV(
        pipeline,
        {"sklearnclassifier__model_kwargs": choices},
        cv=StratifiedKFold(5, shuffle=True, random_state=1),
        n_jobs=2,
    )
    search.fit(X, y)

    found = search.cv_results_
    for setting, mean, spread in zip(choices, found["mean_test_score"], found["std_test_score"]):
        print(f"{setting['units']:2}유닛, 드롭아웃 {setting['dropout']}: {mean:.1%} ± {spread:.1%}")
    best = search.best_params_["sklearnclassifier__model_kwargs"]
    print(f"가장 좋은 설정: {best}, 남겨 둔 자료의 {search.best_score_:.1%}를 맞힘")


if __name__ == "__main__":  # 다른 프로세스도 이 파일을 읽습니다
    main()
