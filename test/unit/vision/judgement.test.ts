import { expect, test } from 'vitest'
import { judge, type Answer } from '../../../vision/command/judgement.ts'

const answer = (truth: string, first: string, probability: number, known = true): Answer => ({
  truth,
  known,
  answer: {
    product: probability >= 0.5 ? first : null,
    candidates: [{ product: first, probability, similarity: 0.5 }],
    noneProbability: 1 - probability,
  },
})

test('top-1, rejection and confusions are counted apart for known and unknown products', () => {
  const judged = judge([
    answer('cola', 'cola', 0.9),
    answer('cola', 'cola', 0.3),
    answer('milk', 'cola', 0.8),
    answer('milk', 'cola', 0.2),
    answer('gum', 'milk', 0.7, false),
    answer('gum', 'milk', 0.1, false),
  ])
  expect(judged.queries).toEqual({ known: 4, unknown: 2 })
  expect(judged.top1).toBe(0.5)
  expect(judged.top1WithRejection).toBe(2 / 6)
  expect([judged.acceptedRight, judged.acceptedWrong, judged.rejected]).toEqual([0.25, 0.25, 0.5])
  expect(judged.falseAccepts).toBe(0.5)
  expect(judged.confusions).toEqual([{ product: 'milk', takenFor: 'cola', times: 2 }])
  expect(judged.confusionsWithRejection).toEqual([
    { product: 'gum', takenFor: 'milk', times: 1 },
    { product: 'milk', takenFor: 'cola', times: 1 },
  ])
})

test('without queries there are no shares, rather than wrong ones', () => {
  expect(judge([])).toMatchObject({ top1: null, top1WithRejection: null, falseAccepts: null, calibrationError: null })
})

test('a perfectly calibrated answer has no calibration error', () => {
  const answers = [answer('a', 'a', 0.75), answer('a', 'a', 0.75), answer('a', 'a', 0.75), answer('a', 'b', 0.75)]
  expect(judge(answers).calibrationError).toBeCloseTo(0, 10)
})
