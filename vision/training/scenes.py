"""From a product's outline to a photograph of it: a shelf behind, a hand round it, a camera in front.

`held` sets an RGBA product before a background cut from the rim of a shop photograph; `on_white` makes the studio's
picture. Both return RGBA where alpha is now the *visible* product, so that training can teach where to look.
`cut_out` frees a studio picture from its white ground. `aged` is the camera: white balance, exposure, blur, noise,
JPEG. Random numbers come in; nothing is read from disk.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

Rng = np.random.Generator
WHITE_FROM = 246  # a studio's ground is at least this bright in every channel


def cut_out(studio: Image.Image) -> Image.Image:
    """RGBA of the product in a studio picture. White parts of a package stay: the outline is filled row by row and
    column by column, since a carton has no holes."""
    inked = (np.asarray(studio.convert("RGB")).min(2) < WHITE_FROM)
    rows = np.maximum.accumulate(inked, 1) & np.maximum.accumulate(inked[:, ::-1], 1)[:, ::-1]
    columns = np.maximum.accumulate(inked, 0) & np.maximum.accumulate(inked[::-1], 0)[::-1]
    mask = Image.fromarray(((rows & columns) * 255).astype(np.uint8)).filter(ImageFilter.MinFilter(3))
    whole = studio.convert("RGB")
    whole.putalpha(mask)
    box = mask.getbbox()
    return whole.crop(box) if box else whole


def placed(product: Image.Image, rng: Rng, size: int, upright: bool) -> Image.Image:
    """A flat cut-out leant and turned a little, centred in a square of `size` pixels."""
    scale = size * (rng.uniform(0.8, 0.97) if upright else rng.uniform(0.55, 0.95)) / max(product.size)
    small = product.resize((max(2, int(product.width * scale * (1 if upright else rng.uniform(0.75, 1.05)))), max(2, int(product.height * scale))))
    canvas = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    canvas.paste(small, ((size - small.width) // 2, (size - small.height) // 2))
    if upright:
        return canvas
    lean = rng.normal(size=8) * np.array([0.08, 0.08, 0, 0.08, 0.08, 0, 0.0004, 0.0004])
    a, b, _, d, e, _, g, h = np.array([1, 0, 0, 0, 1, 0, 0, 0]) + lean
    middle = size / 2
    # Keep the middle where it is, whatever the lean.
    weight = g * middle + h * middle + 1
    c, f = middle * weight - a * middle - b * middle, middle * weight - d * middle - e * middle
    leant = canvas.transform((size, size), Image.Transform.PERSPECTIVE, (a, b, c, d, e, f, g, h), Image.Resampling.BILINEAR)
    return leant.rotate(rng.normal() * 20, Image.Resampling.BILINEAR, translate=tuple(rng.normal(size=2) * size * 0.04))


def rim(photograph: Image.Image, rng: Rng, size: int) -> Image.Image:
    """A background: a corner of a shop photograph, where the shelves are and the shown product is not."""
    w, h = photograph.size
    side = int(min(w, h) * rng.uniform(0.35, 0.55))
    x = int(rng.choice([0, w - side]))
    y = int(rng.integers(0, h - side + 1)) if rng.random() < 0.4 else int(rng.choice([0, h - side]))
    part = photograph.crop((x, y, x + side, y + side)).resize((size, size), Image.Resampling.BILINEAR)
    if rng.random() < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return part.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2.5)))


def held(product: Image.Image, background: Image.Image, rng: Rng) -> Image.Image:
    """The product before the background, often with fingers round it and an arm below."""
    size = product.width
    alpha = product.getchannel("A").filter(ImageFilter.GaussianBlur(0.6))
    scene = background.convert("RGB").copy()
    lit = ImageEnhance.Brightness(product.convert("RGB")).enhance(rng.uniform(0.65, 1.2))
    scene.paste(_gleam(lit, rng), (0, 0), alpha)
    if rng.random() < 0.75:
        fingers = _hand(alpha, rng)
        scene.paste(fingers.convert("RGB"), (0, 0), fingers.getchannel("A"))
        alpha = ImageChops.subtract(alpha, fingers.getchannel("A"))
    scene.putalpha(alpha)
    assert scene.size == (size, size)
    return scene


def on_white(product: Image.Image) -> Image.Image:
    scene = Image.new("RGB", product.size, (255, 255, 255))
    alpha = product.getchannel("A")
    scene.paste(product.convert("RGB"), (0, 0), alpha)
    scene.putalpha(alpha)
    return scene


def aged(picture: Image.Image, rng: Rng) -> Image.Image:
    """What a cheap camera in a lit fridge makes of an RGB picture."""
    if rng.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.4)))
    picture = ImageEnhance.Color(picture).enhance(float(np.exp(rng.normal() * 0.15)))
    # White balance, exposure, gamma and contrast act on each channel by itself: one table does all four.
    gains = np.exp(rng.normal(size=3) * 0.07 + rng.normal() * 0.16)
    gamma, contrast = np.exp(rng.normal() * 0.18), np.exp(rng.normal() * 0.12)
    ramp = (np.linspace(0, 1, 256) ** gamma)[None] * gains[:, None]
    table = np.clip(((ramp - 0.5) * contrast + 0.5) * 255, 0, 255).astype(np.uint8)
    picture = picture.point(table.ravel().tolist())
    if rng.random() < 0.4:
        picture = _grainy(picture, rng)
    if rng.random() < 0.2:
        packed = io.BytesIO()
        picture.save(packed, "JPEG", quality=int(rng.integers(30, 80)))
        picture = Image.open(packed).convert("RGB")
    return picture


# One sheet of grain, cut elsewhere each time: drawing it anew would take longer than all the rest.
_GRAIN = np.random.default_rng(5).normal(size=(512, 512, 3)).astype(np.float32)


def _grainy(picture: Image.Image, rng: Rng) -> Image.Image:
    x, y = rng.integers(0, 512 - picture.width), rng.integers(0, 512 - picture.height)
    grain = _GRAIN[y : y + picture.height, x : x + picture.width] * np.float32(rng.uniform(1.3, 7))
    return Image.fromarray(np.clip(np.asarray(picture, np.float32) + grain, 0, 255).astype(np.uint8))


def _gleam(picture: Image.Image, rng: Rng) -> Image.Image:
    """A lamp's soft reflection across the package, sometimes."""
    if rng.random() < 0.6:
        return picture
    w, h = picture.size
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    across = (xx - rng.uniform(0.2, 0.8) * w) * np.cos(angle) + (yy - rng.uniform(0.2, 0.8) * h) * np.sin(angle)
    light = np.exp(-((across / (w * rng.uniform(0.04, 0.2))) ** 2)) * rng.uniform(20, 110)
    return Image.fromarray(np.clip(np.asarray(picture, np.float32) + light[:, :, None], 0, 255).astype(np.uint8))


def _hand(outline: Image.Image, rng: Rng) -> Image.Image:
    """Fingers over one edge of the product and an arm that leaves the picture, as RGBA."""
    size = outline.width
    layer = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    box = outline.getbbox()
    if box is None:
        return layer
    draw = ImageDraw.Draw(layer)
    tone = np.array([rng.uniform(130, 235), 0, 0])
    tone[1:] = tone[0] * rng.uniform(0.68, 0.82), tone[0] * rng.uniform(0.5, 0.68)
    left, top, right, bottom = box
    from_left = rng.random() < 0.5
    edge = left if from_left else right
    inward = (right - left) * rng.uniform(0.12, 0.4) * (1 if from_left else -1)
    y = top + (bottom - top) * rng.uniform(0.35, 0.7)
    thick = size * rng.uniform(0.04, 0.065)
    palm = size * 0.11
    wrist_x = edge + (-1 if from_left else 1) * rng.uniform(0.0, 0.25) * size
    skin = tuple(int(c) for c in tone * 0.9) + (255,)
    draw.line([(edge, y + thick), (wrist_x, size + 10)], fill=skin, width=int(size * rng.uniform(0.16, 0.26)))
    draw.ellipse([edge - palm, y - palm, edge + palm, y + palm * 1.8], fill=skin)
    # The palm is behind the product; only the fingers lie over it.
    behind = outline.point(lambda v: 255 - v)
    layer.putalpha(ImageChops.multiply(layer.getchannel("A"), behind))
    draw = ImageDraw.Draw(layer)
    for finger in range(int(rng.integers(1, 5))):
        fy = y + (finger - 1) * thick * 1.25
        reach = inward * rng.uniform(0.7, 1.1)
        colour = tuple(int(c) for c in np.clip(tone * rng.uniform(0.9, 1.08), 0, 255)) + (255,)
        ends = sorted([edge - inward * 0.2, edge + reach])
        draw.rounded_rectangle([ends[0], fy - thick / 2, ends[1] + 1, fy + thick / 2], radius=thick / 2, fill=colour)
    return layer.filter(ImageFilter.GaussianBlur(0.7))
