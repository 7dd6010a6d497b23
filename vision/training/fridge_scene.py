"""Fridge scenes in 3D, for the detector: `blender -b --factory-startup -P fridge_scene.py -- --seed N --labels DIR --out DIR`.

One seed is one fridge, seen --pictures times (another camera, light, hand, and other things taken): out/N-0.png, N-1.png and so
on, each with a JSON of every product and hand that can be seen, its box, its kind, and which share of it is seen. Shelves
several rows deep, cans, bottles, cartons, boxes, bowls and pouches under wrapped labels, lamps, glass shelves, hands with a
sleeve, a room behind, fog, blur and noise. Blender 3.4, Cycles on the CPU. Labels come from fridge_labels.py.
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

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fridge_picture import Tracked, exposed, identity_material, rendered, saved, truth, weathered
from fridge_shapes import boxed, limb, material, mesh, pouch, turned

WIDTH, DEPTH, SHELF_HEIGHTS = 0.60, 0.46, (0.0, 0.31, 0.60, 0.86)
CEILING = 1.14

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--labels", type=Path, required=True)
parser.add_argument("--out", type=Path, required=True)
parser.add_argument("--pictures", type=int, default=1)
parser.add_argument("--pixels", type=int, nargs=2, default=(640, 360))
parser.add_argument("--samples", type=int, default=24)
args = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
rng = np.random.default_rng(args.seed)
glass_panes: list[bpy.types.Object] = []


def product_maker(label: Path):
    """A function that makes one more of the same product, and its width and depth in metres."""
    kind = str(rng.choice(["can", "bottle", "carton", "box", "bowl", "pouch"], p=[0.24, 0.24, 0.18, 0.14, 0.12, 0.08]))
    rough = rng.uniform(0.15, 0.6)
    plain = material(tuple(rng.uniform(0.1, 0.9, 3)), 0.3)
    if kind == "can":
        r, h = rng.uniform(0.026, 0.033), rng.uniform(0.1, 0.17)
        steel = material((0.7, 0.7, 0.72), 0.25)
        return (lambda: turned([(r * 0.8, 0), (r, 0.008), (r, h - 0.012), (r * 0.84, h)], label, (0.008, h - 0.012), steel, rough)), 2 * r, 2 * r
    if kind == "bottle":
        r, h = rng.uniform(0.028, 0.042), rng.uniform(0.18, 0.26)
        profile = [(r * 0.9, 0), (r, 0.01), (r, h * 0.3), (r, h * 0.62), (r * 0.4, h * 0.83), (r * 0.38, h * 0.9), (r * 0.42, h * 0.91), (r * 0.42, h)]
        return (lambda: turned(profile, label, (h * 0.3, h * 0.62), plain, rough)), 2 * r, 2 * r
    if kind == "bowl":
        r, h = rng.uniform(0.05, 0.075), rng.uniform(0.05, 0.09)
        return (lambda: turned([(r * 0.7, 0), (r * 0.97, h * 0.9), (r, h)], label, (0, h * 0.9), plain, rough)), 2 * r, 2 * r
    if kind == "pouch":
        w, h = rng.uniform(0.09, 0.14), rng.uniform(0.14, 0.2)
        return (lambda: pouch(w, h, label)), w, 0.45 * w
    # A box or a carton.
    w, d, h = rng.uniform(0.055, 0.095), rng.uniform(0.05, 0.095), rng.uniform(0.1, 0.23)
    return (lambda: boxed(w, d, h, label, kind == "carton", rough)), w, d


def stock(floor: float, height: float, labels: list[Path]) -> Tracked:
    """One shelf, row behind row, with gaps where something was taken and things pushed out of line."""
    stood: Tracked = []
    x = -WIDTH / 2 + 0.02
    while True:
        make, w, d = product_maker(labels[int(rng.integers(len(labels)))])
        if x + w > WIDTH / 2 - 0.02:
            return stood
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
            stood.append(("product", [made]))
            y += d + 0.006
        x += w + rng.uniform(0.004, 0.03)


def wall(low: tuple, high: tuple, made_of: bpy.types.Material) -> bpy.types.Object:
    (x0, y0, z0), (x1, y1, z1) = low, high
    corners = [(x, y, z) for z in (z0, z1) for y in (y0, y1) for x in (x0, x1)]
    return mesh(corners, [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)], None, [made_of])


def cabinet() -> None:
    shade = rng.uniform(0.55, 0.95)
    plastic = material((shade, shade, shade * rng.uniform(0.95, 1.03)), rng.uniform(0.3, 0.7))
    glass = rng.random() < 0.3
    shelf = material((0.9, 0.95, 0.95), 0.1, glass=0.7) if glass else material((0.8, 0.8, 0.82), 0.4)
    x, y, t = WIDTH / 2, DEPTH / 2, 0.02
    wall((-x, y, -t), (x, y + t, CEILING), plastic)
    wall((-x - t, -y, -t), (-x, y, CEILING), plastic)
    wall((x, -y, -t), (x + t, y, CEILING), plastic)
    wall((-x, -y, CEILING), (x, y, CEILING + t), plastic)
    for floor in SHELF_HEIGHTS:
        pane = wall((-x, -y, floor - 0.006), (x, y, floor), shelf)
        if glass:
            glass_panes.append(pane)


def lamp(place: tuple, size: float, power: float, colour: tuple) -> bpy.types.Object:
    light = bpy.data.lights.new("lamp", "AREA")
    light.size, light.energy, light.color = size, power, colour
    made = bpy.data.objects.new("lamp", light)
    made.location = place
    made.rotation_euler = (Vector((0, 0, 0.5)) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(made)
    return made


def hand(labels: list[Path]) -> Tracked:
    """An arm that reaches in from the door, sometimes with a product in its fingers."""
    tone = rng.uniform(0.12, 0.8)
    skin = material((tone, tone * rng.uniform(0.6, 0.75), tone * rng.uniform(0.4, 0.6)), 0.55)
    cloth = material(tuple(rng.uniform(0.02, 0.9, 3)), 0.9)
    wrist = Vector((rng.uniform(-0.2, 0.2), -DEPTH / 2 + rng.uniform(-0.18, 0.08), rng.uniform(0.15, 0.95)))
    elbow = wrist + Vector((rng.uniform(-0.12, 0.12), -0.3, rng.uniform(-0.2, 0.05)))
    sleeve = elbow.lerp(wrist, rng.uniform(0.3, 0.8))
    palm = wrist + Vector((0, 0.07, 0.0))
    parts = [limb(elbow, wrist, 0.042, 0.028, skin), limb(elbow, sleeve, 0.052, 0.046, cloth), limb(wrist, palm, 0.03, 0.036, skin)]
    for finger in range(4):
        start = palm + Vector((0.03, 0.02, 0.028 - finger * 0.019))
        bend = start + Vector((0.0 + rng.normal() * 0.004, 0.045, 0))
        parts += [limb(start, bend, 0.0095, 0.0085, skin), limb(bend, bend + Vector((-0.03, 0.018, rng.normal() * 0.004)), 0.0085, 0.007, skin)]
    parts.append(limb(palm + Vector((-0.025, 0.01, 0.02)), palm + Vector((-0.035, 0.055, 0.03)), 0.012, 0.009, skin))
    held: Tracked = [("hand", parts)]
    if rng.random() < 0.6:
        make, _, d = product_maker(labels[int(rng.integers(len(labels)))])
        made = make()
        middle = max(v.co.z for v in made.data.vertices) / 2
        made.location = palm + Vector((0.0, 0.045 + d / 3, -middle * rng.uniform(0.7, 1.2)))
        made.rotation_euler = (rng.normal() * 0.2, rng.normal() * 0.25, rng.uniform(-3, 3))
        held.append(("product", [made]))
    return held


def camera() -> bpy.types.Object:
    """At an upper edge of the open door, looking in through a wide lens; at the ceiling's front edge; or close to one shelf."""
    chance, side = rng.random(), rng.choice([-1, 1])
    aim = Vector((rng.normal() * 0.05, 0, rng.uniform(0.35, 0.6)))
    focal = rng.uniform(11, 17)
    if chance < 0.45:
        place = Vector((side * rng.uniform(0.2, 0.42), -DEPTH / 2 - rng.uniform(0.25, 0.5), rng.uniform(0.95, 1.25)))
    elif chance < 0.75:
        place = Vector((rng.uniform(-0.2, 0.2), -DEPTH / 2 - rng.uniform(0.12, 0.35), rng.uniform(0.9, 1.12)))
    else:
        shelf = float(rng.choice(SHELF_HEIGHTS))
        aim = Vector((rng.normal() * 0.08, -0.05, shelf + rng.uniform(0.05, 0.12)))
        place = Vector((side * rng.uniform(0, 0.3), -DEPTH / 2 - rng.uniform(0.12, 0.4), shelf + rng.uniform(0.18, 0.4)))
        focal = rng.uniform(13, 26)
    lens = bpy.data.cameras.new("camera")
    lens.lens, lens.sensor_width = focal, 36
    made = bpy.data.objects.new("camera", lens)
    made.location = place
    made.rotation_euler = (aim - place).to_track_quat("-Z", "Y").to_euler()
    made.rotation_euler.rotate_axis("Z", rng.normal() * 0.08)
    bpy.context.collection.objects.link(made)
    bpy.context.scene.camera = made
    return made


def room() -> list[bpy.types.Object]:
    """What a camera sees beside the fridge: a floor, a wall, and things that are no products."""

    def surface() -> bpy.types.Material:
        made = material(tuple(rng.uniform(0.03, 0.9, 3)), 0.8)
        if rng.random() < 0.6:
            kind = str(rng.choice(["ShaderNodeTexNoise", "ShaderNodeTexChecker", "ShaderNodeTexBrick", "ShaderNodeTexVoronoi"]))
            pattern = made.node_tree.nodes.new(kind)
            pattern.inputs["Scale"].default_value = rng.uniform(2, 25)
            made.node_tree.links.new(pattern.outputs["Color"], made.node_tree.nodes["Principled BSDF"].inputs["Base Color"])
        return made

    y = DEPTH / 2 + 0.05
    parts = [wall((-3, -3, -0.3), (3, 3, -0.28), surface()), wall((-3, y, -0.3), (3, y + 0.02, 3), surface())]
    for _ in range(int(rng.integers(0, 5))):
        w, d, h = rng.uniform(0.1, 0.6, 3)
        at = rng.choice([-1, 1]) * (WIDTH / 2 + 0.1 + w / 2 + rng.uniform(0, 0.6))
        front = rng.uniform(-1, 0.2)
        low = rng.uniform(-0.28, 0.6)
        parts.append(wall((at - w / 2, front - d, low), (at + w / 2, front, low + h), surface()))
    return parts


def pictured(path: Path, stood: Tracked, labels: list[Path], flat: bpy.types.Material) -> None:
    """One picture of the fridge: path.png and path.json. Leaves the scene as it found it."""
    scene = bpy.context.scene
    scene.world.node_tree.nodes["Background"].inputs[1].default_value = rng.uniform(0.02, 0.4)
    taken = rng.choice([0.0, 0.1, 0.3, 0.6], p=[0.35, 0.25, 0.25, 0.15])
    there = [one for one in stood if rng.random() >= taken]
    for _, parts in stood:
        parts[0].hide_render = True
    for _, parts in there:
        parts[0].hide_render = False
    hands = [one for _ in range(rng.choice([0, 1, 2], p=[0.4, 0.48, 0.12])) for one in hand(labels)]
    warm = rng.uniform(0.8, 1)
    added = [lamp((0, -0.1, CEILING - 0.02), 0.3, rng.uniform(0.8, 3.5), (1, warm, warm * warm))]
    for side in (-1, 1):
        added.append(lamp((side * (WIDTH / 2 - 0.02), -DEPTH / 2 + 0.02, 0.6), 0.5, rng.uniform(0.2, 1.6), (1, warm, warm * warm)))
    if rng.random() < 0.6:
        added += room()
    added.append(camera())
    tracked = there + hands
    exposed(path.with_suffix(".exposure.png"), args.pixels, rng.uniform(0.45, 0.95))
    picture = path.with_suffix(".png")
    seen = rendered(picture, args.pixels, args.samples)
    saved(weathered(seen, rng), picture)
    found = truth(tracked, glass_panes, path.with_suffix(".identities.png"), args.pixels, flat)
    told = {"seed": args.seed, "width": args.pixels[0], "height": args.pixels[1], "objects": found}
    path.with_suffix(".json").write_text(json.dumps(told))
    for thing in [*added, *(part for _, parts in hands for part in parts)]:
        bpy.data.objects.remove(thing)


def main() -> None:
    global rng
    wanted = [args.out / f"{args.seed}-{number}" for number in range(args.pictures)]
    if all(path.with_suffix(".json").is_file() for path in wanted):
        print(f"{args.seed} is there already")
        return
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.world = bpy.data.worlds.new("world")
    scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs[0].default_value = (0.9, 0.95, 1, 1)
    labels = sorted(path.parent for path in args.labels.glob("*/front.png"))
    if not labels:
        raise SystemExit(f"{args.labels} holds no labels: run fridge_labels.py first")
    labels = [labels[int(i)] for i in rng.choice(len(labels), min(len(labels), 10), replace=False)]
    cabinet()
    stood = [one for floor, above in zip(SHELF_HEIGHTS, (*SHELF_HEIGHTS[1:], CEILING)) for one in stock(floor, above - floor, labels)]
    flat = identity_material()
    args.out.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(wanted):
        rng = np.random.default_rng((args.seed, number))  # a picture depends on its number only, not on those before it
        if not path.with_suffix(".json").is_file():
            pictured(path, stood, labels, flat)


main()
