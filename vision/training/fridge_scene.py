"""Fridge scenes in 3D, for the detector: `blender -b --factory-startup -P fridge_scene.py -- --seed N --labels DIR --out DIR`.

One seed is one picture: out/N.png as the door's camera sees it, and out/N.json with a box for every product and hand
that can be seen, its kind, and which share of it is seen. Boxes come from a second rendering in which every object has
a colour of its own, so that they end where the picture's do. Shelves several rows deep, cans, bottles, cartons, boxes,
bowls and pouches under wrapped labels, lamps, glass shelves, a hand with a sleeve, fog, blur and noise. Blender 3.4,
Cycles on the CPU. Labels come from fridge_labels.py.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

WIDTH, DEPTH, SHELF_HEIGHTS = 0.60, 0.46, (0.0, 0.31, 0.60, 0.86)
CEILING = 1.14
LEAST_PIXELS = 24  # of a product; less cannot be found and is not asked for
ID_STEP = 20  # between identity colours, of 255, so that rounding never mixes two up

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--labels", type=Path, required=True)
parser.add_argument("--out", type=Path, required=True)
parser.add_argument("--pixels", type=int, nargs=2, default=(640, 360))
parser.add_argument("--samples", type=int, default=24)
args = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
rng = np.random.default_rng(args.seed)
tracked: list[tuple[str, list[bpy.types.Object]]] = []  # (product | hand, its parts)


def material(colour: tuple[float, float, float], rough: float = 0.5, image: Path | None = None, glass: float = 0.0) -> bpy.types.Material:
    made = bpy.data.materials.new("m")
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Roughness"].default_value = rough
    shader.inputs["Transmission"].default_value = glass
    if image is not None:
        texture = made.node_tree.nodes.new("ShaderNodeTexImage")
        texture.image = bpy.data.images.load(str(image), check_existing=True)
        made.node_tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
    return made


def mesh(vertices: list, faces: list, uvs: list | None, materials: list, which: list | None = None, smooth: bool = False) -> bpy.types.Object:
    """An object from corners, faces, per-face texture corners and per-face material numbers."""
    shape = bpy.data.meshes.new("shape")
    shape.from_pydata([tuple(map(float, v)) for v in vertices], [], faces)
    if uvs is not None:
        layer = shape.uv_layers.new()
        for polygon, corners in zip(shape.polygons, uvs):
            for loop, uv in zip(polygon.loop_indices, corners):
                layer.data[loop].uv = uv
    for one in materials:
        shape.materials.append(one)
    for index, polygon in enumerate(shape.polygons):
        polygon.material_index = which[index] if which else 0
        polygon.use_smooth = smooth
    made = bpy.data.objects.new("object", shape)
    bpy.context.collection.objects.link(made)
    return made


SQUARE = [(0, 0), (1, 0), (1, 1), (0, 1)]


def turned(profile: list[tuple[float, float]], label: Path, wrapped: tuple[float, float], plain: bpy.types.Material) -> bpy.types.Object:
    """A body of revolution: (radius, height) from the bottom up, label between two heights."""
    sides = 28
    vertices = [(r * math.cos(2 * math.pi * s / sides), r * math.sin(2 * math.pi * s / sides), z) for r, z in profile for s in range(sides)]
    faces, uvs, which = [], [], []
    low, high = wrapped
    for ring in range(len(profile) - 1):
        labelled = low - 1e-6 <= profile[ring][1] and profile[ring + 1][1] <= high + 1e-6
        v0, v1 = ((profile[ring + k][1] - low) / (high - low) for k in (0, 1))
        for s in range(sides):
            t = (s + 1) % sides
            faces.append((ring * sides + s, ring * sides + t, (ring + 1) * sides + t, (ring + 1) * sides + s))
            uvs.append([(s / sides, v0), ((s + 1) / sides, v0), ((s + 1) / sides, v1), (s / sides, v1)])
            which.append(0 if labelled else 1)
    for ring in (0, len(profile) - 1):
        faces.append(tuple(ring * sides + s for s in range(sides)))
        uvs.append([(0, 0)] * sides)
        which.append(1)
    return mesh(vertices, faces, uvs, [material((1, 1, 1), rng.uniform(0.15, 0.5), label / "wrap.png"), plain], which, smooth=True)


def boxed(w: float, d: float, h: float, label: Path, gable: bool) -> bpy.types.Object:
    x, y = w / 2, d / 2
    vertices = [(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0), (-x, -y, h), (x, -y, h), (x, y, h), (-x, y, h)]
    faces = [(0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7), (3, 2, 1, 0)]
    which = [0, 1, 2, 3, 4]
    if gable:
        vertices += [(-x, 0, h + 0.35 * d), (x, 0, h + 0.35 * d)]
        faces += [(4, 5, 9, 8), (6, 7, 8, 9), (5, 6, 9), (7, 4, 8)]
        which += [0, 2, 4, 4]
    else:
        faces.append((4, 5, 6, 7))
        which.append(4)
    rough = rng.uniform(0.3, 0.7)
    materials = [material((1, 1, 1), rough, label / f"{name}.png") for name in ("front", "side", "back", "left")] + [material((0.85, 0.85, 0.8))]
    return mesh(vertices, faces, [SQUARE[: len(face)] for face in faces], materials, which)


def pouch(w: float, h: float, label: Path) -> bpy.types.Object:
    """A cushion standing on its edge."""
    n = 10
    vertices, faces, uvs, which = [], [], [], []
    for side in (-1, 1):
        start = len(vertices)
        for j in range(n + 1):
            for i in range(n + 1):
                u, v = i / n, j / n
                belly = 0.22 * w * (math.sin(math.pi * u) * math.sin(math.pi * min(1, v * 0.9 + 0.1))) ** 0.6
                vertices.append(((u - 0.5) * w, side * belly, v * h))
        for j in range(n):
            for i in range(n):
                a = start + j * (n + 1) + i
                face = (a, a + 1, a + n + 2, a + n + 1)
                faces.append(face if side == -1 else face[::-1])
                corners = [(i / n, j / n), ((i + 1) / n, j / n), ((i + 1) / n, (j + 1) / n), (i / n, (j + 1) / n)]
                # Seen from behind, left is right: the back's print is not to be mirrored.
                uvs.append(corners if side == -1 else [(1 - u, v) for u, v in corners[::-1]])
                which.append(0 if side == -1 else 1)
    return mesh(vertices, faces, uvs, [material((1, 1, 1), 0.25, label / "front.png"), material((1, 1, 1), 0.25, label / "back.png")], which, smooth=True)


def product_maker(label: Path):
    """A function that makes one more of the same product, and its width and depth in metres."""
    kind = str(rng.choice(["can", "bottle", "carton", "box", "bowl", "pouch"], p=[0.24, 0.24, 0.18, 0.14, 0.12, 0.08]))
    plain = material(tuple(rng.uniform(0.1, 0.9, 3)), 0.3)
    if kind == "can":
        r, h = rng.uniform(0.026, 0.033), rng.uniform(0.1, 0.17)
        steel = material((0.7, 0.7, 0.72), 0.25)
        return (lambda: turned([(r * 0.8, 0), (r, 0.008), (r, h - 0.012), (r * 0.84, h)], label, (0.008, h - 0.012), steel)), 2 * r, 2 * r
    if kind == "bottle":
        r, h = rng.uniform(0.028, 0.042), rng.uniform(0.18, 0.26)
        profile = [(r * 0.9, 0), (r, 0.01), (r, h * 0.3), (r, h * 0.62), (r * 0.4, h * 0.83), (r * 0.38, h * 0.9), (r * 0.42, h * 0.91), (r * 0.42, h)]
        return (lambda: turned(profile, label, (h * 0.3, h * 0.62), plain)), 2 * r, 2 * r
    if kind == "bowl":
        r, h = rng.uniform(0.05, 0.075), rng.uniform(0.05, 0.09)
        return (lambda: turned([(r * 0.7, 0), (r * 0.97, h * 0.9), (r, h)], label, (0, h * 0.9), plain)), 2 * r, 2 * r
    if kind == "pouch":
        w, h = rng.uniform(0.09, 0.14), rng.uniform(0.14, 0.2)
        return (lambda: pouch(w, h, label)), w, 0.45 * w
    # A box or a carton.
    w, d, h = rng.uniform(0.055, 0.095), rng.uniform(0.05, 0.095), rng.uniform(0.1, 0.23)
    return (lambda: boxed(w, d, h, label, kind == "carton")), w, d


def stock(floor: float, height: float, labels: list[Path]) -> None:
    """One shelf, row behind row, with gaps where something was taken and things pushed out of line."""
    x = -WIDTH / 2 + 0.02
    while True:
        make, w, d = product_maker(labels[int(rng.integers(len(labels)))])
        if x + w > WIDTH / 2 - 0.02:
            return
        deep = int((DEPTH - 0.05) / (d + 0.006))
        taken = int(rng.integers(0, deep + 1)) if rng.random() < 0.4 else 0
        y = -DEPTH / 2 + 0.02 + d / 2 + taken * (d + 0.006)
        for _ in range(deep - taken):
            made = make()
            top = max(v.co.z for v in made.data.vertices)
            squeeze = min(1.0, (height - 0.03) / top)
            made.scale = (1, 1, squeeze)
            made.location = (x + w / 2 + rng.normal() * 0.003, y + rng.normal() * 0.003, floor + 0.001)
            made.rotation_euler = (0, 0, rng.normal() * 0.25 if rng.random() < 0.8 else rng.uniform(-3, 3))
            tracked.append(("product", [made]))
            y += d + 0.006
        x += w + rng.uniform(0.004, 0.03)


def wall(low: tuple, high: tuple, made_of: bpy.types.Material) -> None:
    (x0, y0, z0), (x1, y1, z1) = low, high
    corners = [(x, y, z) for z in (z0, z1) for y in (y0, y1) for x in (x0, x1)]
    mesh(corners, [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)], None, [made_of])


def cabinet() -> None:
    shade = rng.uniform(0.55, 0.95)
    plastic = material((shade, shade, shade * rng.uniform(0.95, 1.03)), rng.uniform(0.3, 0.7))
    shelf = material((0.9, 0.95, 0.95), 0.1, glass=0.7) if rng.random() < 0.3 else material((0.8, 0.8, 0.82), 0.4)
    x, y, t = WIDTH / 2, DEPTH / 2, 0.02
    wall((-x, y, -t), (x, y + t, CEILING), plastic)
    wall((-x - t, -y, -t), (-x, y, CEILING), plastic)
    wall((x, -y, -t), (x + t, y, CEILING), plastic)
    wall((-x, -y, CEILING), (x, y, CEILING + t), plastic)
    for floor in SHELF_HEIGHTS:
        wall((-x, -y, floor - 0.006), (x, y, floor), shelf)


def lamp(place: tuple, size: float, power: float, colour: tuple) -> None:
    light = bpy.data.lights.new("lamp", "AREA")
    light.size, light.energy, light.color = size, power, colour
    made = bpy.data.objects.new("lamp", light)
    made.location = place
    made.rotation_euler = (Vector((0, 0, 0.5)) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(made)


def limb(a: Vector, b: Vector, r0: float, r1: float, skin: bpy.types.Material) -> bpy.types.Object:
    """A rounded limb from a to b."""
    length = (b - a).length
    profile = [(r0 * math.sin(t), -r0 * math.cos(t)) for t in np.linspace(0.1, math.pi / 2, 5)]
    profile += [(r1 * math.cos(t), length + r1 * math.sin(t)) for t in np.linspace(0, math.pi / 2 - 0.1, 5)]
    sides = 16
    vertices = [(r * math.cos(2 * math.pi * s / sides), r * math.sin(2 * math.pi * s / sides), z) for r, z in profile for s in range(sides)]
    faces = [(k * sides + s, k * sides + (s + 1) % sides, (k + 1) * sides + (s + 1) % sides, (k + 1) * sides + s) for k in range(len(profile) - 1) for s in range(sides)]
    made = mesh(vertices, faces, None, [skin], smooth=True)
    made.location = a
    made.rotation_euler = (b - a).to_track_quat("Z", "Y").to_euler()
    return made


def hand(labels: list[Path]) -> None:
    """An arm that reaches in from the door, sometimes with a product in its fingers."""
    tone = rng.uniform(0.12, 0.8)
    skin = material((tone, tone * rng.uniform(0.6, 0.75), tone * rng.uniform(0.4, 0.6)), 0.55)
    cloth = material(tuple(rng.uniform(0.02, 0.9, 3)), 0.9)
    wrist = Vector((rng.uniform(-0.2, 0.2), -DEPTH / 2 - rng.uniform(0.0, 0.12), rng.uniform(0.15, 0.95)))
    elbow = wrist + Vector((rng.uniform(-0.12, 0.12), -0.3, rng.uniform(-0.2, 0.05)))
    sleeve = elbow.lerp(wrist, rng.uniform(0.3, 0.8))
    palm = wrist + Vector((0, 0.07, 0.0))
    parts = [limb(elbow, wrist, 0.042, 0.028, skin), limb(elbow, sleeve, 0.052, 0.046, cloth), limb(wrist, palm, 0.03, 0.036, skin)]
    for finger in range(4):
        start = palm + Vector((0.03, 0.02, 0.028 - finger * 0.019))
        bend = start + Vector((0.0 + rng.normal() * 0.004, 0.045, 0))
        parts += [limb(start, bend, 0.0095, 0.0085, skin), limb(bend, bend + Vector((-0.03, 0.018, rng.normal() * 0.004)), 0.0085, 0.007, skin)]
    parts.append(limb(palm + Vector((-0.025, 0.01, 0.02)), palm + Vector((-0.035, 0.055, 0.03)), 0.012, 0.009, skin))
    tracked.append(("hand", parts))
    if rng.random() < 0.6:
        make, _, d = product_maker(labels[int(rng.integers(len(labels)))])
        made = make()
        middle = max(v.co.z for v in made.data.vertices) / 2
        made.location = palm + Vector((0.0, 0.045 + d / 3, -middle * rng.uniform(0.7, 1.2)))
        made.rotation_euler = (rng.normal() * 0.2, rng.normal() * 0.25, rng.uniform(-3, 3))
        tracked.append(("product", [made]))


def camera() -> None:
    """At an upper edge of the open door, looking in through a wide lens; or at the ceiling's front edge."""
    side = rng.choice([-1, 1])
    if rng.random() < 0.6:
        place = Vector((side * rng.uniform(0.2, 0.42), -DEPTH / 2 - rng.uniform(0.25, 0.5), rng.uniform(0.95, 1.25)))
    else:
        place = Vector((rng.uniform(-0.2, 0.2), -DEPTH / 2 - rng.uniform(0.12, 0.35), rng.uniform(0.9, 1.12)))
    aim = Vector((rng.normal() * 0.05, 0, rng.uniform(0.35, 0.6)))
    lens = bpy.data.cameras.new("camera")
    lens.lens, lens.sensor_width = rng.uniform(11, 17), 36
    made = bpy.data.objects.new("camera", lens)
    made.location = place
    made.rotation_euler = (aim - place).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(made)
    bpy.context.scene.camera = made


def rendered(path: Path, samples: int, flat: bool) -> np.ndarray:
    """The picture as height x width x 3, 0 to 255, top row first."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.use_denoising = "CPU", samples, False
    scene.cycles.max_bounces = 0 if flat else 4
    scene.cycles.sample_clamp_indirect, scene.cycles.blur_glossy = 1.5, 1.0  # fewer fireflies for fewer samples
    scene.cycles.pixel_filter_type = "BOX" if flat else "BLACKMAN_HARRIS"
    scene.cycles.filter_width = 0.01 if flat else 1.5
    scene.render.resolution_x, scene.render.resolution_y = args.pixels
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.view_settings.view_transform = "Raw" if flat else "Standard"
    scene.render.image_settings.file_format, scene.render.dither_intensity = "PNG", 0.0
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    if flat:
        image.colorspace_settings.name = "Raw"
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return np.rint(pixels.reshape(args.pixels[1], args.pixels[0], 4)[::-1, :, :3] * 255)


def identity(index: int) -> tuple[int, int, int]:
    """The colour that says which tracked thing a pixel shows: never black, which is all else."""
    base = 255 // ID_STEP
    number = index + 1
    return number % base * ID_STEP, number // base % base * ID_STEP, number // (base * base) * ID_STEP


def paint_identities() -> None:
    bpy.context.scene.world.node_tree.nodes["Background"].inputs[1].default_value = 0
    colours: dict[str, tuple[int, int, int]] = {part.name: identity(index) for index, (_, parts) in enumerate(tracked) for part in parts}
    for thing in [one for one in bpy.data.objects if one.type == "MESH"]:
        flat = bpy.data.materials.new("identity")
        flat.use_nodes = True
        flat.node_tree.nodes.clear()
        emission = flat.node_tree.nodes.new("ShaderNodeEmission")
        emission.inputs["Color"].default_value = (*(c / 255 for c in colours.get(thing.name, (0, 0, 0))), 1)
        output = flat.node_tree.nodes.new("ShaderNodeOutputMaterial")
        flat.node_tree.links.new(emission.outputs[0], output.inputs["Surface"])
        thing.data.materials.clear()
        thing.data.materials.append(flat)
        for polygon in thing.data.polygons:
            polygon.material_index = 0
    for light in [one for one in bpy.data.objects if one.type == "LIGHT"]:
        bpy.data.objects.remove(light)


def boxes(flat: np.ndarray) -> list[dict]:
    found = []
    for index, (kind, _) in enumerate(tracked):
        seen = np.abs(flat - np.array(identity(index))).max(2) < ID_STEP / 4
        if seen.sum() < LEAST_PIXELS:
            continue
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
        share = float(seen.sum()) / ((box[2] - box[0]) * (box[3] - box[1]))
        found.append({"kind": kind, "box": box, "pixels": int(seen.sum()), "filled": round(share, 3)})
    return found


def weathered(picture: np.ndarray) -> np.ndarray:
    """Fog after opening, a cheap camera's noise, light and blur."""
    h, w, _ = picture.shape
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


def saved(picture: np.ndarray, path: Path) -> None:
    h, w, _ = picture.shape
    image = bpy.data.images.new("picture", w, h)
    whole = np.ones((h, w, 4), np.float32)
    whole[:, :, :3] = picture[::-1] / 255
    image.pixels.foreach_set(whole.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()


def main() -> None:
    if (args.out / f"{args.seed}.json").is_file():
        print(f"{args.seed} is there already")
        return
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.world = bpy.data.worlds.new("world")
    scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs[0].default_value = (0.9, 0.95, 1, 1)
    scene.world.node_tree.nodes["Background"].inputs[1].default_value = rng.uniform(0.02, 0.4)
    labels = sorted(path.parent for path in args.labels.glob("*/front.png"))
    if not labels:
        raise SystemExit(f"{args.labels} holds no labels: run fridge_labels.py first")
    labels = [labels[int(i)] for i in rng.choice(len(labels), min(len(labels), 10), replace=False)]
    cabinet()
    for floor, above in zip(SHELF_HEIGHTS, (*SHELF_HEIGHTS[1:], CEILING)):
        stock(floor, above - floor, labels)
    if rng.random() < 0.6:
        hand(labels)
    warm = rng.uniform(0.8, 1)
    lamp((0, -0.1, CEILING - 0.02), 0.3, rng.uniform(0.8, 3.5), (1, warm, warm * warm))
    for side in (-1, 1):
        lamp((side * (WIDTH / 2 - 0.02), -DEPTH / 2 + 0.02, 0.6), 0.5, rng.uniform(0.2, 1.6), (1, warm, warm * warm))
    camera()
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / f"{args.seed}.png"
    seen = rendered(path, args.samples, flat=False)
    saved(weathered(seen), path)
    paint_identities()
    identities = args.out / f"{args.seed}.identities.png"
    found = boxes(rendered(identities, 1, flat=True))
    identities.unlink()
    told = {"seed": args.seed, "width": args.pixels[0], "height": args.pixels[1], "objects": found}
    (args.out / f"{args.seed}.json").write_text(json.dumps(told))


main()
