#!/usr/bin/env python3
"""
Lettering: turns the words on our packages into outlines, once, so that pictures need no font wherever they are shown.

Writes lettering.json, which is committed; products.ts reads only that. Run again only to add a word. Needs fontTools
and brotli, and a folder where the @fontsource packages named below are installed (all under the SIL Open Font License):
    python3 scripts/products/lettering.py FOLDER/node_modules/@fontsource
Holds always: the same fonts give the same file, byte for byte; y runs down, the baseline is 0. Letters that are small
on the package have coarser units (COARSE to the em), which keeps the pictures small.
"""
import json
import pathlib
import sys

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

FINE, COARSE = 200, 100

# style -> (package, weight, tracking in em, words)
STYLES = {
    "ombra": ("shrikhand", 400, 0, ["Ombra"]),
    "pling": ("lilita-one", 400, 0, ["Pling", "lemon", "lime"]),
    "knurl": ("abril-fatface", 400, 0, ["Knurl"]),
    "fontelle": ("josefin-sans", 600, 0.16, ["FONTELLE"]),
    "solita": ("caveat-brush", 400, 0, ["Solita"]),
    "mossa": ("syne", 800, -0.02, ["mossa"]),
    "round": ("fredoka", 600, 0, ["hafra", "choco", "pippa", "apple", "mango"]),
    "sommo": ("righteous", 400, 0, ["Sommo"]),
    "almina": ("yeseva-one", 400, 0, ["Almina"]),
    "midi": ("unbounded", 700, -0.03, ["midi"]),
    "casca": ("bowlby-one-sc", 400, 0, ["Casca"]),
    "rojita": ("pacifico", 400, 0, ["Rojita"]),
    "script": ("pacifico", 400, 0, ["strawberry", "blueberry", "peach"]),
    "caps": ("barlow-condensed", 600, 0.08, [
        "COLA", "CLASSIC", "ZERO SUGAR", "SODA", "GINGER BEER", "MINERAL WATER", "STILL", "ORANGE JUICE", "KOMBUCHA",
        "HIBISCUS + GINGER", "OAT DRINK", "ICED TEA", "WHOLE MILK", "YOGHURT", "GAZPACHO", "FRUIT PUREE",
        "ROASTED ALMONDS", "SEA SALT", "SALMON POKE", "TOFU POKE", "CAESAR SALAD", "EGG + CRESS", "SANDWICH", "FRESH TODAY",
        "NO ADDED SUGAR", "NEVER FROM CONCENTRATE", "FIERY", "COLD PRESSED", "3.8 %", "RAW", "EST. NEVER",
    ]),
    "small": ("barlow-condensed", 500, 0.02, [
        "330 ml", "250 ml", "440 ml", "750 ml", "400 ml", "275 ml", "1 litre", "150 g", "110 g", "60 g", "410 g", "360 g",
        "300 g", "190 g",
    ]),
}  # fmt: skip


class Outline(BasePen):
    """Relative SVG path commands in whole units: small, and exact enough at a fifth of a millimetre's hundredth."""

    def __init__(self, glyphs, scale, shift):
        super().__init__(glyphs)
        self.scale, self.shift, self.out, self.at, self.last = scale, shift, [], (0, 0), ""

    def spot(self, point):
        return round(point[0] * self.scale + self.shift), round(-point[1] * self.scale)

    def say(self, command, *points):
        spots = [self.spot(point) for point in points]
        flat = [str(v) for x, y in spots for v in (x - self.at[0], y - self.at[1])]
        if all(spot == self.at for spot in spots):
            return
        # A command said twice running needs its letter only once.
        text = "" if command == self.last else command
        for index, value in enumerate(flat):
            text += value if value.startswith("-") or (index == 0 and text) else " " + value
        self.out.append(text)
        self.at, self.last = spots[-1], command

    def _moveTo(self, p):
        # Absolute, so that words may be joined.
        x, y = self.spot(p)
        self.out.append(f"M{x} {y}")
        self.at = self.start = (x, y)
        self.last = "M"

    def _lineTo(self, p):
        self.say("l", p)

    def _curveToOne(self, a, b, c):
        self.say("c", a, b, c)

    def _qCurveToOne(self, a, b):
        self.say("q", a, b)

    def _closePath(self):
        self.out.append("z")
        self.at, self.last = self.start, "z"


def pair_kerns(font):
    """(left, right) -> units, from GPOS pair positioning; enough for Latin words."""
    kerns = {}
    gpos = font.get("GPOS")
    if gpos is None:
        return kerns
    wanted = {i for f in gpos.table.FeatureList.FeatureRecord if f.FeatureTag == "kern" for i in f.Feature.LookupListIndex}
    for index in sorted(wanted):
        for sub in gpos.table.LookupList.Lookup[index].SubTable:
            sub = getattr(sub, "ExtSubTable", sub)
            if sub.LookupType != 2:
                continue
            for row, left in enumerate(sub.Coverage.glyphs):
                if sub.Format == 1:
                    for record in sub.PairSet[row].PairValueRecord:
                        if record.Value1:
                            kerns.setdefault((left, record.SecondGlyph), getattr(record.Value1, "XAdvance", 0) or 0)
                else:
                    class1 = sub.ClassDef1.classDefs.get(left, 0)
                    for right in font.getGlyphOrder():
                        record = sub.Class1Record[class1].Class2Record[sub.ClassDef2.classDefs.get(right, 0)]
                        value = (getattr(record.Value1, "XAdvance", 0) or 0) if record.Value1 else 0
                        if value:
                            kerns.setdefault((left, right), value)
    return kerns


def outline(font, kerns, word, tracking, em):
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    scale = em / font["head"].unitsPerEm
    x, path, before = 0.0, [], None
    for letter in word:
        name = cmap[ord(letter)]
        x += kerns.get((before, name), 0) * scale
        pen = Outline(glyphs, scale, x)
        glyphs[name].draw(pen)
        path += pen.out
        x += glyphs[name].width * scale + tracking * em
        before = name
    return {"em": em, "width": round(x - tracking * em), "d": "".join(path)}


def main():
    packages = pathlib.Path(sys.argv[1])
    words = {}
    for style, (package, weight, tracking, texts) in STYLES.items():
        font = TTFont(packages / package / "files" / f"{package}-latin-{weight}-normal.woff2")
        kerns = pair_kerns(font)
        for text in texts:
            words[f"{style}:{text}"] = outline(font, kerns, text, tracking, COARSE if style in ("caps", "small") else FINE)
    out = pathlib.Path(__file__).with_name("lettering.json")
    out.write_text(json.dumps(words, indent=2) + "\n")
    print(f"{len(words)} words, {out.stat().st_size} bytes")


main()
