from pylego.callbacks.callback import Callback as Callback
from pylego.callbacks.callback_list import CallbackList as CallbackList
from pylego.callbacks.early_stopping import EarlyStopping as EarlyStopping
from pylego.callbacks.history import History as History
from pylego.callbacks.lambda_callback import LambdaCallback as LambdaCallback
from pylego.callbacks.progbar_logger import ProgbarLogger as ProgbarLogger
from pylego.callbacks.terminate_on_nan import TerminateOnNaN as TerminateOnNaN
