import { describe, expect, test } from 'vitest'
import { unit, type Embedding } from '../../../vision/embed/vector.ts'
import {
  emptyGallery, forget, identify, mostPictures, teach, type Calibration, type Gallery,
} from '../../../vision/gallery/gallery.ts' // prettier-ignore

const calibration: Calibration = { scale: 20, even: 0.6, evenPerDoubling: 0.02, acceptFrom: 0.5 }

const towards = (...values: readonly number[]): Embedding => unit(Float32Array.from(values))
const cola = towards(1, 0.1, 0)
const milk = towards(0, 1, 0.1)

function taught(...products: readonly (readonly [string, readonly Embedding[]])[]): Gallery {
  return products.reduce((gallery, [product, pictures]) => {
    const next = teach(gallery, product, pictures)
    if (!next.ok) throw new Error(next.error.says)
    return next.value
  }, emptyGallery('model'))
}

describe('a gallery', () => {
  test('[VIS1] a product has 1 to 20 pictures; other numbers are refused and change nothing', () => {
    const gallery = taught(['cola', [cola]])
    expect(teach(gallery, 'milk', [])).toMatchObject({ ok: false, error: { code: 'noPictures' } })
    const many = Array.from({ length: mostPictures + 1 }, () => milk)
    expect(teach(gallery, 'milk', many)).toMatchObject({ ok: false, error: { code: 'tooManyPictures' } })
    expect(teach(gallery, 'milk', many.slice(1)).ok).toBe(true)
    expect(gallery.products.map(({ product }) => product)).toEqual(['cola'])
  })

  test('[VIS2] the probabilities of all products and of none add up to 1', () => {
    const gallery = taught(['cola', [cola]], ['milk', [milk, towards(0, 1, 0.4)]])
    const { candidates, noneProbability } = identify(gallery, towards(0.7, 0.7, 0.1), calibration)
    const sum = candidates.reduce((total, { probability }) => total + probability, noneProbability)
    expect(sum).toBeCloseTo(1, 10)
    expect(candidates).toHaveLength(2)
  })

  test('[VIS3] a product is named only when it is sure enough', () => {
    const gallery = taught(['cola', [cola]], ['milk', [milk]])
    expect(identify(gallery, towards(1, 0.15, 0.02), calibration).product).toBe('cola')
    expect(identify(gallery, towards(0, 0, 1), calibration).product).toBeNull()
    // Between two twins neither is sure, though it is surely one of them.
    const twins = taught(['left', [towards(1, 0.05, 0)]], ['right', [towards(1, -0.05, 0)]])
    const between = identify(twins, towards(1, 0, 0), { ...calibration, acceptFrom: 0.6 })
    expect(between.product).toBeNull()
    expect(between.noneProbability).toBeLessThan(0.01)
  })

  test('[VIS4] a gallery of one says none to what it does not know, and an empty one always does', () => {
    expect(identify(taught(['cola', [cola]]), milk, calibration).product).toBeNull()
    expect(identify(taught(['cola', [cola]]), cola, calibration).product).toBe('cola')
    expect(identify(emptyGallery('model'), cola, calibration)).toEqual({
      product: null,
      candidates: [],
      noneProbability: 1,
    })
  })

  test('[VIS5] the back of a package is known when it was shown', () => {
    const [front, back] = [towards(1, 0, 0), towards(0, 1, 0)]
    const gallery = taught(['cola', [front, front, front, back]], ['milk', [towards(0.55, 0.55, 0.6)]])
    expect(identify(gallery, back, calibration).candidates[0]?.product).toBe('cola')
  })

  test('teaching again replaces, and forgetting forgets', () => {
    const gallery = taught(['cola', [cola]], ['milk', [milk]], ['cola', [milk]])
    expect(gallery.products.map(({ product }) => product)).toEqual(['milk', 'cola'])
    expect(gallery.products[1]?.pictures).toEqual([milk])
    expect(forget(gallery, 'cola').products.map(({ product }) => product)).toEqual(['milk'])
  })
})
