/** Cut: a detector's box, which may stand over the picture's edge and between its pixels, as a part of the picture. Pure. */
import type { Box } from '../detect/detection.ts'
import type { Picture } from '../embed/picture.ts'
import type { Cut } from '../embed/views.ts'

/** The box as whole pixels inside the picture. */
export function cutOf({ left, top, width, height }: Box, picture: Picture): Cut {
  const from = {
    left: Math.min(picture.width - 1, Math.max(0, Math.floor(left))),
    top: Math.min(picture.height - 1, Math.max(0, Math.floor(top))),
  }
  return {
    ...from,
    width: Math.max(1, Math.min(picture.width, Math.ceil(left + width)) - from.left),
    height: Math.max(1, Math.min(picture.height, Math.ceil(top + height)) - from.top),
  }
}
