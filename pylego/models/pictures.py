"""How a model looks: in notebooks, and as the figure of LEGO bricks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pylego.models.figure import Figure


class Pictured:
    """The part of `Model` that draws it. What draws is loaded when somebody looks."""

    def figure(self: Any) -> Figure:
        """Return the model as a LEGO person: head, torso and legs.

        The head are the layers as bricks, the torso is the loss, the legs are the optimizer. What
        is not there yet is left open, and says what is to be done.

        >>> from pylego.layers import Dense
        >>> from pylego.models import Sequential
        >>> figure = Sequential([Dense(2, input_shape=(4,))], name="small").figure()
        >>> figure
        <Figure of 'small': 1 layer, no loss, no optimizer>
        """
        from pylego.models.figure import Figure

        return Figure.of(self)

    def _repr_svg_(self: Any) -> str | None:
        """Return what notebooks show: the graph of the model, if it has one."""
        if self._function is None:
            return None
        from pylego.models.plotting import Shown, draw, graph_of

        shown = Shown(shapes=True, names=True, activations=True)
        return draw(graph_of(self, shown), title=self.name).svg
