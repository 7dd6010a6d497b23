/**
 * RT-DETR's answers: from the network's numbers to boxes in the picture, as the reference post-processes them.
 *
 * Pure. Every query answers for every class, so that one box may be told twice with two classes; of all of them the best
 * are kept, as many as there are queries. Source: post_process_object_detection of transformers, RTDETRPostProcessor of
 * the authors. Called by rtdetr.ts.
 */
import type { Box, DetectedKind, Detection } from './detection.ts'

export interface ClassAnswer {
  /** Number of the class in the network's training. */
  readonly label: number
  readonly score: number
  readonly box: Box
}

/** Any tensor's numbers; labels come as bigints. */
export type Numbers = ArrayLike<number | bigint | string>

/** From logits (queries x classes) and boxes (queries x 4: middle, width and height as shares of the picture). */
export function rawAnswers(
  logits: Numbers,
  boxes: Numbers,
  picture: { readonly width: number; readonly height: number },
): readonly ClassAnswer[] {
  const queries = boxes.length / 4
  const classes = logits.length / queries
  const order = Uint32Array.from({ length: logits.length }, (_, index) => index)
  const logit = Float32Array.from({ length: logits.length }, (_, index) => Number(logits[index]))
  order.sort((a, b) => (logit[b] ?? 0) - (logit[a] ?? 0) || a - b)
  return Array.from(order.subarray(0, queries), (index) => {
    const at = Math.floor(index / classes) * 4
    const [x = 0, y = 0, w = 0, h = 0] = [0, 1, 2, 3].map((offset) => Number(boxes[at + offset]))
    const box = {
      left: (x - w / 2) * picture.width,
      top: (y - h / 2) * picture.height,
      width: w * picture.width,
      height: h * picture.height,
    }
    return { label: index % classes, score: 1 / (1 + Math.exp(-(logit[index] ?? 0))), box }
  })
}

/** From what a deployed export tells: labels, boxes (left, top, right, bottom in pixels), scores, best first. */
export function deployAnswers(labels: Numbers, boxes: Numbers, scores: Numbers): readonly ClassAnswer[] {
  return Array.from({ length: scores.length }, (_, index) => {
    const [left = 0, top = 0, right = 0, bottom = 0] = [0, 1, 2, 3].map((edge) => Number(boxes[index * 4 + edge]))
    const box = { left, top, width: right - left, height: bottom - top }
    return { label: Number(labels[index]), score: Number(scores[index]), box }
  })
}

/** The answers that mean something in a fridge and score higher than `leastScore`. */
export function detectionsOf(
  answers: readonly ClassAnswer[],
  kinds: ReadonlyMap<number, DetectedKind>,
  leastScore: number,
): readonly Detection[] {
  return answers.flatMap(({ label, score, box }) => {
    const kind = kinds.get(label)
    return kind === undefined || !(score > leastScore) ? [] : [{ kind, box, score }]
  })
}
