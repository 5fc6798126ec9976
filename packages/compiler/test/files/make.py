"""Makes images.json and arrays.json: files written by Pillow 13.0 and NumPy 2, with what they hold.

    pip install pillow==13.0.0 numpy && python3 make.py
"""
import base64, io, json, struct, zlib
import numpy as np
from PIL import Image

rng = np.random.RandomState(5)
W, H = 5, 4
images, arrays = {}, {}


def flat(a):
    return np.asarray(a).astype(float).ravel().tolist()


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(file):
    return Image.open(io.BytesIO(file))


def put(name, file, channels, pixels, width=W, height=H):
    images[name] = {"file": base64.b64encode(file).decode(), "width": width, "height": height,
                    "channels": channels, "pixels": pixels}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth, kind, rows, interlace=0, extra=b""):
    header = struct.pack(">IIBBBBB", W, H, depth, kind, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


rgb = rng.randint(0, 256, (H, W, 3)).astype("uint8")
gray = rng.randint(0, 256, (H, W)).astype("uint8")
alpha = rng.randint(0, 256, (H, W)).astype("uint8")
wide = rng.randint(0, 65536, (H, W)).astype("uint16")
put("png rgb", saved(Image.fromarray(rgb), "PNG"), 3, flat(rgb))
put("png rgba", saved(Image.fromarray(np.dstack([rgb, alpha])), "PNG"), 3, flat(rgb))
put("png gray", saved(Image.fromarray(gray), "PNG"), 1, flat(gray))
put("png gray with alpha", saved(Image.fromarray(np.dstack([gray, alpha])), "PNG"), 1, flat(gray))
put("png gray of 16 bits", png(16, 0, b"".join(b"\0" + r.astype(">u2").tobytes() for r in wide)), 1, flat(wide / 257.0))
for depth in (1, 2, 4):
    v = rng.randint(0, 2**depth, (H, W))
    rows = b""
    for r in v:
        bits = "".join(format(x, "0%db" % depth) for x in r)
        bits += "0" * (-len(bits) % 8)
        rows += b"\0" + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    put("png gray of %d bits" % depth, png(depth, 0, rows), 1, flat(v * 255.0 / (2**depth - 1)))
    palette = rng.randint(0, 256, (2**depth, 3)).astype("uint8")
    file = png(depth, 3, rows, extra=chunk(b"PLTE", palette.tobytes()) + chunk(b"tRNS", bytes([7])))
    assert (np.asarray(opened(file).convert("RGB")) == palette[v]).all()
    put("png palette of %d bits" % depth, file, 3, flat(palette[v]))
rows = b""
for x, y, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
    part = rgb[y::dy, x::dx]
    rows += b"".join(b"\0" + r.tobytes() for r in part if part.size)
assert (np.asarray(opened(png(8, 2, rows, 1))) == rgb).all()
put("png interlaced", png(8, 2, rows, 1), 3, flat(rgb))

y, x = np.mgrid[0:16, 0:24]
photo = Image.fromarray(np.dstack([x * 10, y * 15, (x + y) * 6]).astype("uint8"))
for name, options in {"jpeg": {"quality": 90}, "jpeg progressive": {"quality": 90, "progressive": True},
                      "jpeg without subsampling": {"quality": 95, "subsampling": 0}}.items():
    file = saved(photo, "JPEG", **options)
    put(name, file, 3, flat(opened(file)), 24, 16)
file = saved(Image.fromarray((x * 9).astype("uint8")), "JPEG", quality=90)
put("jpeg gray", file, 1, flat(opened(file)), 24, 16)

for dtype in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|i1", "<i2", ">i4", "<i8", ">i8", "|u1", ">u2", "<u4", "<u8", "|b1"]:
    for order in "CF":
        a = (rng.randint(-50, 50, (2, 3, 4)) / 4).astype(dtype) if "f" in dtype else (
            rng.randint(0, 2 if "b" in dtype else 100, (2, 3, 4)).astype(dtype))
        out = io.BytesIO()
        np.save(out, np.asarray(a, order=order))
        arrays["%s %s" % (dtype, order)] = {"file": base64.b64encode(out.getvalue()).decode(), "dims": [2, 3, 4], "data": flat(a)}
for shape in [(), (3,), (0, 2)]:
    out = io.BytesIO()
    a = np.arange(int(np.prod(shape)), dtype="<f4").reshape(shape)
    np.save(out, a)
    arrays["shape %s" % (shape,)] = {"file": base64.b64encode(out.getvalue()).decode(), "dims": list(shape), "data": flat(a)}

json.dump(images, open("images.json", "w"), separators=(",", ":"))
json.dump(arrays, open("arrays.json", "w"), separators=(",", ":"))
