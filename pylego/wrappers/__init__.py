"""Models as estimators of scikit-learn: for its searches, pipelines and cross-validation.

Everything here needs scikit-learn: `pip install scikit-learn`.
"""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
