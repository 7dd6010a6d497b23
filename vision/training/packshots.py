"""Invented products, drawn in perspective: the many labels that 19 photographed ones cannot give.

A family shares brand, layout and base colour; its twins differ only in flavour word, accent colour or illustration,
because telling twins apart is what a shopper's bill hangs on. A product is a box, a gabled carton or a cylinder whose
faces carry different art; `view` turns it, projects it through a pinhole camera and shades it. All is drawn from the
generator given, so a seed gives the same picture again. Used by scenes.py, which sets the product before a shelf.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT_FOLDER = Path("/usr/share/fonts")
SYLLABLES = "ba be bi bo ka ke ko la le li lo ma mi mo na ne no ra ri ro sa se so ta te to va vi vo ya zu gr pl st".split()
CAMERA_NEAR = 0.05  # units in front of the pinhole; nothing is drawn nearer

Rng = np.random.Generator


@dataclass(frozen=True)
class Product:
    shape: str  # carton | box | cylinder
    size: tuple[float, float, float]  # width, height, depth in units of about 10 cm
    faces: tuple[Image.Image, ...]  # front, right, back, left; a cylinder has one that wraps round
    top: tuple[int, int, int]


def family(seed: int, twins: int, photographs: list[Image.Image]) -> list[Product]:
    """`twins` products of one brand. `photographs` (of produce) may be printed on the label, as real cartons do."""
    style = np.random.default_rng([seed, 0])
    shape = str(style.choice(["carton", "box", "cylinder"], p=[0.5, 0.2, 0.3]))
    height = style.uniform(0.9, 2.3)
    size = (style.uniform(0.6, 0.95), height, style.uniform(0.45, 0.95))
    # How many of word, accent and picture tell the twins apart: at least one, often all.
    differs = style.random(3) < 0.75
    if not differs.any():
        differs[int(style.integers(3))] = True
    shared = _Flavour(np.random.default_rng([seed, 1]), photographs)
    products = []
    for twin in range(twins):
        own = _Flavour(np.random.default_rng([seed, 2, twin]), photographs)
        flavour = own.mixed_with(shared, differs)
        art = _Art(seed, flavour)
        if shape == "cylinder":
            faces: tuple[Image.Image, ...] = (art.wrap(),)
        else:
            faces = (art.front(0), art.side(0), art.front(1), art.side(1))
        products.append(Product(shape, size, faces, art.base if style.random() < 0.5 else flavour.accent))
    return products


class _Flavour:
    """What may differ between twins: the word, the accent colour, the illustration."""

    def __init__(self, rng: Rng, photographs: list[Image.Image]):
        self.word = _word(rng)
        hue = rng.random()
        self.accent = _colour(hue, rng.uniform(0.5, 1), rng.uniform(0.4, 0.95))
        self.picture_seed = int(rng.integers(2**31))
        use_photograph = photographs and rng.random() < 0.6
        self.photograph = photographs[int(rng.integers(len(photographs)))] if use_photograph else None
        self.picture_hue = hue

    def mixed_with(self, shared: "_Flavour", differs: np.ndarray) -> "_Flavour":
        if not differs[0]:
            self.word = shared.word
        if not differs[1]:
            self.accent = shared.accent
        if not differs[2]:
            self.picture_seed, self.photograph, self.picture_hue = shared.picture_seed, shared.photograph, shared.picture_hue
        return self


class _Art:
    """Draws the faces of one product. Layout comes from the family's seed, so twins are laid out alike."""

    WIDTH, HEIGHT = 128, 260

    def __init__(self, seed: int, flavour: _Flavour):
        self.seed = seed
        self.flavour = flavour
        rng = np.random.default_rng([seed, 3])
        pale = rng.random() < 0.5
        self.base = _colour(rng.random(), rng.uniform(0, 0.2) if pale else rng.uniform(0.3, 0.95), rng.uniform(0.85, 1) if pale else rng.uniform(0.12, 0.9))
        self.ink = (250, 250, 250) if sum(self.base) < 330 else (25, 25, 35)
        if rng.random() < 0.4:
            self.ink = _colour(rng.random(), 0.9, 0.45 if sum(self.base) > 380 else 0.95)
        self.brand = _word(rng)
        self.brand_font = int(rng.integers(1000))

    def front(self, which: int) -> Image.Image:
        # The back repeats the front's layout or has its own: both occur in shops.
        layout = np.random.default_rng([self.seed, 4, which if self.seed % 3 == 0 else 0])
        face = self._ground(layout)
        draw = ImageDraw.Draw(face)
        w, h = face.size
        self._bands(draw, layout, w, h)
        self._illustrate(face, layout, (0.1, 0.5) if layout.random() < 0.3 else (0.45, 0.95))
        brand_y = layout.uniform(0.06, 0.3) * h
        if layout.random() < 0.4:
            plate = [layout.uniform(0.02, 0.15) * w, brand_y - 6, w * layout.uniform(0.85, 0.98), brand_y + layout.uniform(30, 52)]
            fill = self.flavour.accent if layout.random() < 0.5 else (255, 255, 255)
            (draw.ellipse if layout.random() < 0.5 else draw.rectangle)(plate, fill=fill, outline=self.ink, width=2)
        _text(draw, self.brand, (0.5 * w, brand_y + 16), layout.uniform(20, 38), self.brand_font, self.ink, w * 0.92)
        _text(draw, self.flavour.word, (layout.uniform(0.4, 0.6) * w, layout.uniform(0.36, 0.55) * h), layout.uniform(12, 26), int(layout.integers(1000)), self.flavour.accent if layout.random() < 0.6 else self.ink, w * 0.9)
        for _ in range(int(layout.integers(0, 4))):
            _text(draw, _word(layout), (layout.uniform(0.25, 0.75) * w, layout.uniform(0.5, 0.97) * h), layout.uniform(6, 11), 3, self.ink, w * 0.5)
        return face

    def side(self, which: int) -> Image.Image:
        layout = np.random.default_rng([self.seed, 5, which])
        if layout.random() < 0.3:
            return self.front(0)
        face = self._ground(layout)
        draw = ImageDraw.Draw(face)
        w, h = face.size
        self._bands(draw, layout, w, h)
        if layout.random() < 0.5:
            self._illustrate(face, layout, (0.1, 0.9))
        _text(draw, self.brand, (0.5 * w, layout.uniform(0.06, 0.2) * h), layout.uniform(14, 30), self.brand_font, self.ink, w * 0.9)
        y = layout.uniform(0.25, 0.5) * h
        for _ in range(int(layout.integers(4, 16))):
            draw.line([10, y, 10 + layout.uniform(0.4, 0.85) * (w - 20), y], fill=self.ink, width=int(layout.integers(1, 4)))
            y += layout.uniform(6, 11)
        if layout.random() < 0.6:
            x0, y0 = layout.uniform(0.05, 0.4) * w, layout.uniform(0.75, 0.87) * h
            draw.rectangle([x0, y0, x0 + 54, y0 + 28], fill=(255, 255, 255))
            for x in range(3, 51, 3):
                draw.line([x0 + x, y0 + 3, x0 + x, y0 + 25], fill=(0, 0, 0), width=int(layout.integers(1, 3)))
        return face

    def wrap(self) -> Image.Image:
        strip = Image.new("RGB", (self.WIDTH * 3, self.HEIGHT))
        for index, face in enumerate((self.front(0), self.side(0), self.side(1))):
            strip.paste(face, (self.WIDTH * index, 0))
        return strip

    def _ground(self, layout: Rng) -> Image.Image:
        far = self.base if layout.random() < 0.6 else (self.flavour.accent if layout.random() < 0.5 else _colour(layout.random(), 0.5, 0.8))
        t = np.linspace(0, 1, self.HEIGHT)[:, None, None] ** layout.uniform(0.5, 3)
        column = np.array(self.base) * (1 - t) + np.array(far) * t
        return Image.fromarray(np.broadcast_to(column, (self.HEIGHT, self.WIDTH, 3)).astype(np.uint8))

    def _bands(self, draw: ImageDraw.ImageDraw, layout: Rng, w: int, h: int) -> None:
        for _ in range(int(layout.integers(0, 4))):
            colour = self.flavour.accent if layout.random() < 0.6 else _colour(layout.random(), layout.uniform(0, 1), layout.uniform(0.2, 1))
            y, thick = layout.uniform(0, 1) * h, layout.uniform(0.02, 0.3) * h
            tilt, wave = layout.uniform(-40, 40) * (layout.random() < 0.6), layout.uniform(0, 14) * (layout.random() < 0.4)
            xs = np.linspace(0, w, 17)
            upper = [(x, y + tilt * x / w + wave * np.sin(x / 14)) for x in xs]
            lower = [(x, yy + thick) for x, yy in reversed(upper)]
            draw.polygon(upper + lower, fill=colour)

    def _illustrate(self, face: Image.Image, layout: Rng, between: tuple[float, float]) -> None:
        rng = np.random.default_rng([self.seed, 6, self.flavour.picture_seed])
        draw = ImageDraw.Draw(face)
        w, h = face.size
        cx, cy = layout.uniform(0.3, 0.7) * w, layout.uniform(*between) * h
        radius = layout.uniform(0.2, 0.5) * w
        if self.flavour.photograph is not None:
            side = int(2 * radius)
            printed = self.flavour.photograph.resize((side, side))
            mask = Image.new("L", (side, side), 0)
            (ImageDraw.Draw(mask).ellipse if layout.random() < 0.7 else ImageDraw.Draw(mask).rectangle)([0, 0, side - 1, side - 1], fill=255)
            face.paste(printed, (int(cx - radius), int(cy - radius)), mask)
            return
        for _ in range(int(rng.integers(2, 7))):
            x, y, r = cx + rng.normal() * radius * 0.6, cy + rng.normal() * radius * 0.6, radius * rng.uniform(0.25, 0.8)
            colour = _colour(self.flavour.picture_hue + rng.normal() * 0.05, rng.uniform(0.4, 1), rng.uniform(0.4, 1))
            kind = rng.integers(4)
            if kind == 0:
                draw.ellipse([x - r, y - r, x + r, y + r], fill=colour)
                draw.ellipse([x - r * 0.5, y - r * 0.6, x, y - r * 0.1], fill=tuple(min(255, c + 60) for c in colour))
            elif kind == 1:
                draw.ellipse([x - r, y - r * 0.35, x + r, y + r * 0.35], fill=colour)
            elif kind == 2:
                points = [(x + r * rng.uniform(0.4, 1) * np.cos(a), y + r * rng.uniform(0.4, 1) * np.sin(a)) for a in np.linspace(0, 6.28, int(rng.integers(5, 12)), endpoint=False)]
                draw.polygon(points, fill=colour)
            else:
                draw.pieslice([x - r, y - r, x + r, y + r], rng.uniform(0, 180), rng.uniform(180, 360), fill=colour)


def view(product: Product, rng: Rng, size: int, upright: bool) -> Image.Image:
    """One look at the product: an RGBA picture of `size` pixels, alpha being the product's outline. `upright` is the
    studio's look: front on, standing straight."""
    yaw = rng.uniform(-0.7, 0.7) if upright or rng.random() < 0.75 else rng.uniform(-3.14, 3.14)
    pitch = rng.uniform(-0.05, 0.25) if upright else rng.normal() * 0.3 + 0.1
    roll = rng.normal() * (0.02 if upright else 0.35)
    turn = _rotation(yaw, pitch, roll)
    distance = rng.uniform(3.5, 8) * max(1.0, product.size[1] / 1.5)
    reach = np.linalg.norm(product.size) * rng.uniform(0.92, 1.25)
    focal = size * distance / reach
    centre = size / 2 + (rng.normal(size=2) * size * (0.01 if upright else 0.05))

    def project(points: np.ndarray) -> np.ndarray:
        seen = points @ turn.T
        depth = np.maximum(distance - seen[:, 2], CAMERA_NEAR)
        return np.stack([centre[0] + focal * seen[:, 0] / depth, centre[1] - focal * seen[:, 1] / depth], 1)

    light = rng.normal(size=3) * 0.6 + np.array([0, 0.5, 1])
    light /= np.linalg.norm(light)
    eye = np.array([0, 0, distance])
    canvas = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    drawn = []
    for corners, texture in _quads(product):
        normal = np.cross(corners[1] - corners[0], corners[-1] - corners[0]) @ turn.T
        normal /= np.linalg.norm(normal) + 1e-9
        middle = corners.mean(0) @ turn.T
        if np.dot(normal, eye - middle) > 0:
            drawn.append((np.linalg.norm(eye - middle), corners, texture, 0.62 + 0.45 * max(0.0, float(normal @ light))))
    for _, corners, texture, shade in sorted(drawn, key=lambda entry: -entry[0]):
        _paste_quad(canvas, project(corners), texture, product.top, shade)
    return canvas


Face = tuple[np.ndarray, Image.Image | None]


def _quads(product: Product) -> list[Face]:
    """The faces as (corners seen from outside, against the clock from top-left; texture, or None for the plain top)."""
    w, h, d = (s / 2 for s in product.size)
    up = np.array([0, h, 0])
    faces: list[Face] = []
    if product.shape == "cylinder":
        strips, radius, texture = 20, w, product.faces[0]
        ring = [np.array([radius * np.sin(t), 0, radius * np.cos(t)]) for t in np.linspace(0, 2 * np.pi, strips + 1)]
        doubled = Image.new("RGB", (texture.width * 2, texture.height))
        doubled.paste(texture, (0, 0))
        doubled.paste(texture, (texture.width, 0))
        for i in range(strips):
            # The label's first third, its front, is centred on the side that faces the camera.
            left = (texture.width * (i / strips) + texture.width / 6) % texture.width
            part = doubled.crop((round(left), 0, round(left + texture.width / strips), texture.height))
            faces.append((np.array([ring[i] + up, ring[i] - up, ring[i + 1] - up, ring[i + 1] + up]), part))
        faces.append((np.array([point * 0.97 + up for point in ring[:-1]]), None))
        return faces
    base = [np.array([-w, 0, d]), np.array([w, 0, d]), np.array([w, 0, -d]), np.array([-w, 0, -d])]
    for i, texture in enumerate(product.faces):
        a, b = base[i], base[(i + 1) % 4]
        faces.append((np.array([a + up, a - up, b - up, b + up]), texture))
    if product.shape == "box":
        faces.append((np.array([[-w, h, -d], [-w, h, d], [w, h, d], [w, h, -d]]), None))
        return faces
    ridge = h + 0.32 * product.size[2]
    front, back = (art.crop((0, 0, art.width, art.height // 6)) for art in (product.faces[0], product.faces[2]))
    faces.append((np.array([[-w, ridge, 0], [-w, h, d], [w, h, d], [w, ridge, 0]]), front))
    faces.append((np.array([[w, ridge, 0], [w, h, -d], [-w, h, -d], [-w, ridge, 0]]), back))
    faces.append((np.array([[w, ridge, 0], [w, h, d], [w, h, -d]]), None))
    faces.append((np.array([[-w, ridge, 0], [-w, h, -d], [-w, h, d]]), None))
    return faces


def _paste_quad(canvas: Image.Image, corners: np.ndarray, texture: Image.Image | None, plain: tuple[int, int, int], shade: float) -> None:
    low = np.maximum(np.floor(corners.min(0)).astype(int), 0)
    high = np.minimum(np.ceil(corners.max(0)).astype(int) + 1, canvas.size)
    if (high - low).min() < 2:
        return
    box = (int(high[0] - low[0]), int(high[1] - low[1]))
    local = corners - low
    outline = Image.new("L", box, 0)
    ImageDraw.Draw(outline).polygon([tuple(p) for p in local], fill=255, outline=255)
    if texture is None:
        warped = Image.new("RGB", box, plain)
    else:
        w, h = texture.size
        # One texel inside: outside the texture there is only black, which would show as a seam.
        inset = np.array([[1, 1], [1, h - 1], [w - 1, h - 1], [w - 1, 1]], float)
        grown = local + (local - local.mean(0)) / (np.linalg.norm(local - local.mean(0), axis=1, keepdims=True) + 1e-6) * 1.5
        coefficients = _homography(grown, inset)
        if coefficients is None:
            return
        warped = texture.transform(box, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR)
    canvas.paste(warped.point(lambda v: min(255, int(v * shade))), (int(low[0]), int(low[1])), outline)


def _homography(source: np.ndarray, target: np.ndarray) -> list[float] | None:
    """The eight numbers PIL wants: picture point -> texture point. None when the quad is seen edge on."""
    rows, right = [], []
    for (x, y), (u, v) in zip(source, target):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    try:
        return np.linalg.solve(np.array(rows), np.array(right)).tolist()
    except np.linalg.LinAlgError:
        return None


def _rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    around_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    around_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    around_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return around_z @ around_x @ around_y


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    r, g, b = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return int(r * 255), int(g * 255), int(b * 255)


def _word(rng: Rng) -> str:
    word = "".join(rng.choice(SYLLABLES, int(rng.integers(2, 5))))
    return word.upper() if rng.random() < 0.5 else word.capitalize()


_FONTS: list[str] = []
_LOADED: dict[tuple[str, int], ImageFont.FreeTypeFont] = {}


def _text(draw: ImageDraw.ImageDraw, text: str, centre: tuple[float, float], height: float, which: int, fill: tuple[int, int, int], widest: float) -> None:
    """Text about `centre`, shrunk to `widest` pixels. Any TrueType font of the machine will do."""
    if not _FONTS:
        _FONTS.extend(sorted(str(path) for path in FONT_FOLDER.rglob("*.ttf")) or [""])
    name = _FONTS[which % len(_FONTS)]
    pixels = int(height)
    while True:
        key = (name, pixels)
        if key not in _LOADED:
            _LOADED[key] = ImageFont.truetype(name, pixels) if name else ImageFont.load_default(pixels)
        font = _LOADED[key]
        if font.getlength(text) <= widest or pixels <= 6:
            break
        pixels = max(6, int(pixels * widest / font.getlength(text)))
    draw.text(centre, text, fill=fill, font=font, anchor="mm")
