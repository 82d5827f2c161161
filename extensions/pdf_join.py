"""One PDF from many: links between the pages of the site become jumps inside it, and bookmarks follow the contents."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag

from pdf_pages import BELOW, SCALE, SIDE, Entry, Printed
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, Fit, FloatObject, NameObject, NullObject, TextStringObject

URI = NameObject("/URI")
LINE = 11  # points, a line of text with nothing around it


@dataclass(frozen=True)
class Place:
    """A sheet, counted from 0 in its file, and a height on it in points from its bottom; None: its top."""

    sheet: int
    top: float | None = None


def sheets(pdf: bytes) -> int:
    """Number of sheets of a PDF."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def places(reader: PdfReader) -> dict[str, Place]:
    """Where the named places of a file lie.

    Chromium gives their heights as if a sheet had no margins and nothing were made smaller. A place with no room for a line
    below it is that of something which a break has moved to the next sheet.
    """
    found = {}
    for name, target in reader.named_destinations.items():
        sheet = reader.get_destination_page_number(target)
        height = float(reader.pages[sheet].mediabox.top)
        above, below = (margin / 25.4 * 72 for margin in (SIDE, BELOW))
        top = height - above - SCALE * (height - float(target["/Top"]))
        moved = top < below + LINE and sheet + 1 < len(reader.pages)
        found[unquote(name.removeprefix("/"))] = Place(sheet + 1) if moved else Place(sheet, top)
    return found


def join(
    front: Printed, pages: Mapping[str, Printed], entries: Sequence[Entry], *, address: str
) -> tuple[PdfWriter, list[str]]:
    """The whole book: the front matter, then the pages by name; bookmarks for ``entries`` and, below a page, its headings.

    A link to a page at ``address`` becomes a jump to its sheet, one to a place on it to that place; all other links stay. Gives
    the file and, in words, the places that are not on paper, such as a form: links to them lead to the head of their page.
    Raises ValueError for a link to a page that the book does not have. Checked by tests/site/test_pdf.py.
    """
    writer, known = PdfWriter(), {}
    for name, each in {"": front, **pages}.items():
        reader, first = PdfReader(io.BytesIO(each.pdf)), len(writer.pages)
        known[name] = {"": Place(first)}
        known[name] |= {key: Place(first + place.sheet, place.top) for key, place in places(reader).items()}
        for sheet in reader.pages:
            for link in links(sheet):
                if "/Dest" in link:  # a place on the same page: its name may be that of another on another page
                    target = f"{address}/{name}#{str(link.pop('/Dest')).removeprefix('/')}"
                    link[NameObject("/A")] = web(target)
            writer.add_page(sheet)
    lost = sorted({target for sheet in writer.pages for target in jump(writer, sheet, known, address)})
    outline(writer, pages, entries, known)
    return writer, lost


def links(sheet: PageObject) -> list:
    """The links of a sheet, as they lie in its file."""
    found = [each.get_object() for each in sheet.get("/Annots", ())]
    return [each for each in found if each.get("/Subtype") == "/Link"]


def web(target: str) -> DictionaryObject:
    """What a link to an address does."""
    return DictionaryObject({NameObject("/S"): URI, URI: TextStringObject(target)})


def jump(writer: PdfWriter, sheet: PageObject, known: Mapping[str, Mapping[str, Place]], address: str) -> Iterable[str]:
    """Turn a sheet's links to the site into jumps; gives the places that are not on paper."""
    for link in links(sheet):
        target = str(link.get("/A", {}).get(URI, ""))
        if not target.startswith(f"{address}/"):
            continue
        name, fragment = urldefrag(target.removeprefix(f"{address}/"))
        if name not in known:
            raise ValueError(
                f"a link leads to {name}, which is no page of the book; allowed: {', '.join(filter(None, known))}"
            )
        place = known[name].get(unquote(fragment))
        if place is None:
            yield f"{name}#{fragment}"
            place = known[name][""]
        top = NullObject() if place.top is None else FloatObject(place.top)
        where = [writer.pages[place.sheet].indirect_reference, NameObject("/XYZ"), NullObject(), top, NullObject()]
        link[NameObject("/Dest")] = ArrayObject(where)
        del link["/A"]


def outline(writer: PdfWriter, pages: Mapping[str, Printed], entries: Sequence[Entry], known) -> None:
    """Bookmarks: the contents, nested by level, and the headings of a page below it, closed."""
    above: list = []
    for k, entry in enumerate(entries):
        del above[entry.level :]
        parent = above[-1] if above else None
        above.append(bookmark(writer, entry.title, known[entry.name][""], parent, opened=entry.level == 0))
        caption = k + 1 < len(entries) and entries[k + 1].name == entry.name
        for title, place in () if caption else pages[entry.name].headings:
            bookmark(writer, title, known[entry.name].get(place, known[entry.name][""]), above[-1])


def bookmark(writer: PdfWriter, title: str, place: Place, parent, opened: bool = False):
    return writer.add_outline_item(
        title=title, page_number=place.sheet, parent=parent, fit=Fit.xyz(top=place.top), is_open=opened
    )
