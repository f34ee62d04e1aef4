"""A view with pictures on its page: each is drawn as the terminal can, with pixels where it has them."""

from __future__ import annotations

from textual.geometry import Region

from ...drawing.page import NOTHING, Page
from ...drawing.small_pictures import fitted, put_pixels
from ...pixels.raster import Raster
from ..picture import PictureView
from .base import SheetView


class WithPictures(SheetView):
    """`picture` places one while the page is painted; a `PictureView` lies over its cells, blocks until it is there."""

    DEFAULT_CSS = """
    WithPictures { overflow: hidden; }
    WithPictures > PictureView { position: absolute; }
    """

    def __init__(self, **named: str) -> None:
        super().__init__(**named)
        self._placed: list[tuple[Region, Raster]] = []

    @property
    def grain(self) -> int:
        """Pixels across a character, 1 where the terminal is sent none."""
        showing = getattr(self.app, "pictures", None)
        return showing.cell[0] if showing is not None and showing.mode.pixels else 1

    def picture(self, page: Page, column: int, row: int, wide: int, high: int, raster: Raster) -> None:
        """Place a raster in the middle of `wide` × `high` cells, as large as it can be."""
        pixels = fitted(raster, wide, high)
        left = column + (wide - pixels.shape[1]) // 2
        put_pixels(page, left, row, pixels)
        self._placed.append((Region(left, row, pixels.shape[1], pixels.shape[0] // 2), raster))

    def drawn(self) -> Page:
        """As ever; the pictures follow, for a widget is not placed while another is drawn."""
        before = self._page
        if before is None or (before.width, before.height) != tuple(self.size):
            self._placed = []
        page = super().drawn()
        if page is not before:
            self.call_after_refresh(self._lay)
        return page

    def _lay(self) -> None:
        if not self.is_attached:
            return
        views = list(self.query_children(PictureView))
        if more := [PictureView() for _ in range(len(views), len(self._placed))]:
            self.mount(*more)
            views += more
        for at, view in enumerate(views):
            view.display = at < len(self._placed)
            if not view.display:
                continue
            region, raster = self._placed[at]
            if view.styles.offset is None or self._region_of(view) != region:
                view.styles.offset = (region.x, region.y)
                view.styles.width, view.styles.height = region.width, region.height
            if view.raster is not raster:
                view.show(raster)

    def _region_of(self, view: PictureView) -> Region:
        return view.region.translate((-self.content_region.x, -self.content_region.y))

    # The mouse on a picture does what it does beside it

    def on_picture_view_clicked(self, message: PictureView.Clicked) -> None:
        message.stop()
        page, region = self.drawn(), self._region_of(message.view)  # type: ignore[arg-type]
        if region.y < page.height and region.x < page.width and (hit := int(page.hits[region.y, region.x])) != NOTHING:
            self.go(hit)

    def on_picture_view_zoomed(self, message: PictureView.Zoomed) -> None:
        message.stop()
        self.go(self.moved(0, -3 * message.steps))

    def on_picture_view_dragged(self, message: PictureView.Dragged) -> None:
        message.stop()

    def on_picture_view_pointed(self, message: PictureView.Pointed) -> None:
        message.stop()
