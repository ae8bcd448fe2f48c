"""Small files of the kinds that are taken, and hostile ones."""

import struct
import zlib
from io import BytesIO

from pypdf import PdfWriter


def png(width: int = 4, height: int = 3) -> bytes:
    """A picture; of a large one the pixels are left out."""
    row = b"\0" + b"\1\2\3" * min(width, 10)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(row * min(height, 10))),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def gif(width: int = 4, height: int = 3) -> bytes:
    """A picture without any."""
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0;"


def pdf(pages: int = 1, password: str | None = None) -> bytes:
    """A document of blank pages; an empty password is one too."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=100, height=100)
    if password is not None:
        writer.encrypt(password, "the owner's", algorithm="RC4-128")
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _document(*objects: bytes) -> bytes:
    """A document of these objects, of which the first is its catalog."""
    data, places = bytearray(b"%PDF-1.5\n"), list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    data += (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (
            *(size, table, size),
            len(data),
        )
    )
    return bytes(data)


def doubling_pdf(levels: int = 40) -> bytes:
    """Each level of its page tree names the next one twice: some kilobytes that say 2 ** 40 pages."""
    nodes = [
        b"<< /Type /Pages /Count 1 /Kids [%d 0 R %d 0 R] >>" % (number + 3, number + 3)
        for number in range(levels)
    ]
    page = b"<< /Type /Page /MediaBox [0 0 9 9] >>"
    return _document(b"<< /Type /Catalog /Pages 2 0 R >>", *nodes, page)


def endless_pdf() -> bytes:
    """Its page tree holds itself."""
    return _document(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 9 /Kids [2 0 R] >>")


def packed_pdf(blanks: int = 0) -> bytes:
    """A document of one page whose tree is packed, with so many blanks behind it."""
    packer = zlib.compressobj(1)
    packed = packer.compress(b"2 0 << /Type /Pages /Count 1 /Kids [5 0 R] >> ")
    for _ in range(blanks // 1_000_000):
        packed += packer.compress(b" " * 1_000_000)
    packed += packer.flush()
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        3: b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream"
        % (len(packed), packed),
        5: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    }
    data, places = b"%PDF-1.5\n", dict[int, int]()
    for number, content in objects.items():
        places[number] = len(data)
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = places[4] = len(data)
    rows = [struct.pack(">BIH", 0, 0, 65535)]
    # The second object is the first one of the third.
    rows += [
        struct.pack(">BIH", 2, 3, 0) if n == 2 else struct.pack(">BIH", 1, places[n], 0) for n in range(1, 6)
    ]
    table = b"".join(rows)
    head = b"<< /Type /XRef /Size 6 /W [1 4 2] /Root 1 0 R /Length %d >>" % len(table)
    data += b"4 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (head, table)
    return data + b"startxref\n%d\n%%%%EOF" % start
