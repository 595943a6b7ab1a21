from pylego.models.model import Model as Model
from pylego.models.sequential import Sequential as Sequential
from pylego.saving.files import (
    load_model as load_model,
    save_model as save_model,
)
