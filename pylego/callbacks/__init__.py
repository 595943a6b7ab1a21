"""Do something while a model trains: stop early, remember, show, or whatever you write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylego import lazy

if TYPE_CHECKING:
    from pylego.callbacks.callback import Callback as Callback
    from pylego.callbacks.callback_list import CallbackList as CallbackList
    from pylego.callbacks.early_stopping import EarlyStopping as EarlyStopping
    from pylego.callbacks.history import History as History
    from pylego.callbacks.lambda_callback import LambdaCallback as LambdaCallback
    from pylego.callbacks.progbar_logger import ProgbarLogger as ProgbarLogger
    from pylego.callbacks.terminate_on_nan import TerminateOnNaN as TerminateOnNaN
else:
    __getattr__, __dir__, __all__ = lazy.public(
        __name__,
        {
            "Callback": ".callback",
            "CallbackList": ".callback_list",
            "EarlyStopping": ".early_stopping",
            "History": ".history",
            "LambdaCallback": ".lambda_callback",
            "ProgbarLogger": ".progbar_logger",
            "TerminateOnNaN": ".terminate_on_nan",
        },
    )
