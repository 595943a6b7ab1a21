"""Do something while a model trains: stop early, remember, show, or whatever you write."""

from pylego.callbacks.callback import Callback
from pylego.callbacks.callback_list import CallbackList
from pylego.callbacks.early_stopping import EarlyStopping
from pylego.callbacks.history import History
from pylego.callbacks.lambda_callback import LambdaCallback
from pylego.callbacks.progbar_logger import ProgbarLogger
from pylego.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "ProgbarLogger",
    "TerminateOnNaN",
]
