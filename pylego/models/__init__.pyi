from pylego.models.cloning import clone_model as clone_model
from pylego.models.description import model_from_json as model_from_json
from pylego.models.model import Model as Model
from pylego.models.sequential import Sequential as Sequential
from pylego.saving.files import (
    load_model as load_model,
    save_model as save_model,
)
