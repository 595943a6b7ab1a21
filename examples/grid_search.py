"""Which network is best? scikit-learn tries several, each in five folds, in two processes.

    pip install scikit-learn
    python examples/grid_search.py pima-indians-diabetes.csv

The table is that of pima.py: 768 rows of 8 measurements and an outcome.
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
    """A hidden layer, and a chance for each class."""
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

    # Measurements are scaled by what each training part says, then the network sees them.
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
        print(
            f"{setting['units']:3} units, dropout {setting['dropout']}: {mean:.1%} +- {spread:.1%}"
        )
    best = search.best_params_["sklearnclassifier__model_kwargs"]
    print(f"best: {best}, {search.best_score_:.1%} of the rows held back")


if __name__ == "__main__":  # other processes read this file, too
    main()
