/**
 * Finger: touches a page as a person does, through Chromium's own input path, in any window that Playwright can see
 * (Electron's own windows have no touchscreen of Playwright's).
 */
import type { CDPSession, Locator, Page } from 'playwright-core'

export interface Finger {
  tap(target: Locator): Promise<void>
  /** Puts the finger on one thing, carries it to another and lets go. */
  carry(from: Locator, to: Locator): Promise<void>
}

interface Point {
  readonly x: number
  readonly y: number
}

const steps = 12

export async function fingerOn(page: Page): Promise<Finger> {
  const session = await page.context().newCDPSession(page)
  return {
    async tap(target) {
      const at = await middle(target)
      await touch(session, 'touchStart', at)
      await touch(session, 'touchEnd')
    },
    async carry(from, to) {
      const start = await middle(from)
      const end = await middle(to)
      await touch(session, 'touchStart', start)
      for (let step = 1; step <= steps; step += 1) {
        const part = step / steps
        await touch(session, 'touchMove', {
          x: start.x + (end.x - start.x) * part,
          y: start.y + (end.y - start.y) * part,
        })
      }
      await touch(session, 'touchEnd')
    },
  }
}

async function touch(session: CDPSession, type: 'touchStart' | 'touchMove' | 'touchEnd', at?: Point): Promise<void> {
  await session.send('Input.dispatchTouchEvent', { type, touchPoints: at === undefined ? [] : [at] })
}

/**
 * The middle of what is seen of it, from the page's corner, also from within a frame. A finger waits, as a person's does,
 * until the thing stands still and nothing (a door that still swings) is before it.
 */
async function middle(target: Locator): Promise<Point> {
  await target.click({ trial: true })
  const box = await target.boundingBox()
  if (box === null) throw new Error(`${target.toString()} is nowhere to be touched`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}
