from pylego.wrappers import scikit_learn as scikit_learn
from pylego.wrappers.classifier import SKLearnClassifier as SKLearnClassifier
from pylego.wrappers.regressor import SKLearnRegressor as SKLearnRegressor
from pylego.wrappers.transformer import SKLearnTransformer as SKLearnTransformer
