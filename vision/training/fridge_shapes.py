"""Shapes of fridge_scene.py: cans, bottles, boxes, cartons, pouches under wrapped labels, and limbs. Runs in Blender's Python.

Lengths in metres; every shape stands on height 0 in the middle of its footprint.
"""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector


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


def turned(profile: list[tuple[float, float]], label: Path, wrapped: tuple[float, float], plain: bpy.types.Material, rough: float) -> bpy.types.Object:
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
    return mesh(vertices, faces, uvs, [material((1, 1, 1), rough, label / "wrap.png"), plain], which, smooth=True)


def boxed(w: float, d: float, h: float, label: Path, gable: bool, rough: float) -> bpy.types.Object:
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
