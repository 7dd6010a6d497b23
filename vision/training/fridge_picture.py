"""Pictures of a scene, and the truth about them, for fridge_scene.py. Runs in Blender's Python.

The truth comes from a second rendering in which every product and hand has a colour of its own, so that boxes end where
the picture's do. `weathered` adds what a cheap camera and a cold fridge add.
"""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
from bpy_extras.object_utils import world_to_camera_view

LEAST_PIXELS = 24  # of a thing; less cannot be found and is not told
ID_STEP = 20  # between identity colours, of 255, so that rounding never mixes two up

Tracked = list[tuple[str, list[bpy.types.Object]]]  # (product | hand, its parts)


def rendered(path: Path, pixels: tuple[int, int], samples: int) -> np.ndarray:
    """The picture as height x width x 3, 0 to 255, top row first. No samples: every thing in its identity's colour."""
    scene, flat = bpy.context.scene, samples == 0
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.use_denoising = "CPU", max(1, samples), False
    scene.cycles.max_bounces = 0 if flat else 4
    scene.cycles.sample_clamp_indirect, scene.cycles.blur_glossy = 1.5, 1.0  # fewer fireflies for fewer samples
    scene.cycles.pixel_filter_type = "BOX" if flat else "BLACKMAN_HARRIS"
    scene.cycles.filter_width = 0.01 if flat else 1.5
    scene.render.resolution_x, scene.render.resolution_y = pixels
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.view_settings.view_transform = "Raw" if flat else "Standard"
    scene.render.image_settings.file_format, scene.render.dither_intensity = "PNG", 0.0
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    values = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    if flat:
        image.colorspace_settings.name = "Raw"
    image.pixels.foreach_get(values)
    bpy.data.images.remove(image)
    return np.rint(values.reshape(pixels[1], pixels[0], 4)[::-1, :, :3] * 255)


def exposed(path: Path, pixels: tuple[int, int], bright: float) -> None:
    """Sets the exposure as a camera does, by a look at few pixels: all but 3 % are to be darker than `bright`, of 1."""
    settings, few = bpy.context.scene.view_settings, (pixels[0] // 8, pixels[1] // 8)
    settings.exposure = -3
    seen = np.percentile(rendered(path, few, 4).mean(2), 97) / 255
    path.unlink()
    settings.exposure = float(np.clip(-3 + 2.2 * np.log2(bright / max(seen, 0.02)), -4, 3))


def identity(index: int) -> tuple[int, int, int]:
    """The colour that says which tracked thing a pixel shows: never black, which is all else."""
    base = 255 // ID_STEP
    number = index + 1
    return number % base * ID_STEP, number // base % base * ID_STEP, number // (base * base) * ID_STEP


def identity_material() -> bpy.types.Material:
    """Shines in the colour of the object that wears it; worn by all at once as the view layer's override."""
    flat = bpy.data.materials.new("identity")
    flat.use_nodes = True
    nodes, links = flat.node_tree.nodes, flat.node_tree.links
    nodes.clear()
    told, emission, output = nodes.new("ShaderNodeObjectInfo"), nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    links.new(told.outputs["Color"], emission.inputs["Color"])
    links.new(emission.outputs[0], output.inputs["Surface"])
    return flat


def truth(tracked: Tracked, glass: list[bpy.types.Object], path: Path, pixels: tuple[int, int], flat: bpy.types.Material) -> list[dict]:
    """What can be seen of each tracked thing. Glass is looked through: `throughGlass` is the share seen so."""
    scene, layer = bpy.context.scene, bpy.context.view_layer
    background = scene.world.node_tree.nodes["Background"].inputs[1]
    light, background.default_value = background.default_value, 0
    exposure, scene.view_settings.exposure = scene.view_settings.exposure, 0
    layer.material_override = flat
    for thing in bpy.data.objects:
        thing.color = (0, 0, 0, 1)
    for index, (_, parts) in enumerate(tracked):
        for part in parts:
            part.color = (*(c / 255 for c in identity(index)), 1)
    solid = rendered(path, pixels, 0)
    clear = solid
    if glass:
        for pane in glass:
            pane.hide_render = True
        clear = rendered(path, pixels, 0)
        for pane in glass:
            pane.hide_render = False
    layer.material_override = None
    background.default_value, scene.view_settings.exposure = light, exposure
    path.unlink()
    found = []
    for index, (kind, parts) in enumerate(tracked):
        seen = _shows(clear, index)
        count = int(seen.sum())
        if count < LEAST_PIXELS:
            continue
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
        filled = count / ((box[2] - box[0]) * (box[3] - box[1]))
        share = min(1.0, count / max(1.0, _silhouette(parts, pixels)))
        told = {"kind": kind, "box": box, "pixels": count, "filled": round(filled, 3), "share": round(share, 3)}
        if glass:
            told["throughGlass"] = round(1 - float(_shows(solid, index).sum()) / count, 3)
        found.append(told)
    return found


def _shows(flat: np.ndarray, index: int) -> np.ndarray:
    return np.abs(flat - np.array(identity(index))).max(2) < ID_STEP / 4


def _silhouette(parts: list[bpy.types.Object], pixels: tuple[int, int]) -> float:
    """Pixels that the thing's convex outline would fill if nothing hid it, beyond the picture's edge too."""
    scene = bpy.context.scene
    corners = [world_to_camera_view(scene, scene.camera, part.matrix_world @ vertex.co) for part in parts for vertex in part.data.vertices]
    points = sorted({(c.x * pixels[0], c.y * pixels[1]) for c in corners if c.z > 0.01})
    if len(points) < 3:
        return 0.0
    hull: list[tuple[float, float]] = []
    for run in (points, points[::-1]):  # the monotone chain: lower side, then upper
        start = len(hull)
        for point in run:
            while len(hull) >= start + 2 and _turn(hull[-2], hull[-1], point) <= 0:
                hull.pop()
            hull.append(point)
        hull.pop()
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(hull, hull[1:] + hull[:1]))) / 2


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def weathered(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fog after opening, a cheap camera's denoising, noise, light and blur."""
    h, w, _ = picture.shape
    if rng.random() < 0.7:
        picture = _denoised(picture)
    if rng.random() < 0.25:
        yy, xx = np.mgrid[0:h, 0:w] / max(h, w)
        veil = 0.5 + 0.5 * np.sin(xx * rng.uniform(2, 9) + rng.uniform(0, 6)) * np.cos(yy * rng.uniform(2, 9) + rng.uniform(0, 6))
        thick = (veil * rng.uniform(0.1, 0.55))[:, :, None]
        picture = picture * (1 - thick) + 225 * thick
    if rng.random() < 0.3:
        shift = int(rng.integers(1, 4))
        columns = np.arange(w)
        moved = (picture[:, np.clip(columns + step, 0, w - 1)] for step in (-shift, 0, shift))
        picture = sum(moved) / 3
    picture = picture * np.exp(rng.normal(size=3) * 0.05) * np.exp(rng.normal() * 0.15)
    return np.clip(picture + rng.normal(size=picture.shape) * rng.uniform(1, 7), 0, 255)


def _denoised(picture: np.ndarray) -> np.ndarray:
    """The median of each pixel's neighbourhood, 3 x 3."""
    wide = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    h, w, _ = picture.shape
    return np.median(np.stack([wide[y : y + h, x : x + w] for y in range(3) for x in range(3)]), axis=0)


def saved(picture: np.ndarray, path: Path) -> None:
    h, w, _ = picture.shape
    image = bpy.data.images.new("picture", w, h)
    whole = np.ones((h, w, 4), np.float32)
    whole[:, :, :3] = picture[::-1] / 255
    image.pixels.foreach_set(whole.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
