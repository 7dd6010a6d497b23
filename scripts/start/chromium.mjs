/**
 * Chromium as the window: an application window without address bar or menu, that reaches nothing but this machine.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { hash, root } from '../setup/install.mjs'
import { onPath } from '../setup/on-path.mjs'

export const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge']

/** The first Chromium on the PATH, or null. */
export const chromiumProgram = () => onPath(chromiumNames)

/**
 * @param {string} url
 * @param {{ kiosk: boolean, fridge: string }} options `fridge` tells one fridge's window from another's
 */
export function chromiumArgs(url, { kiosk, fridge }) {
  const profile = join(root, '.cache', 'chromium', hash(fridge).slice(0, 16))
  mkdirSync(profile, { recursive: true })
  return [
    `--app=${url}`,
    ...(kiosk ? ['--kiosk', '--window-position=0,0'] : ['--window-size=1440,900']),
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-breakpad',
    '--disable-extensions',
    '--noerrdialogs',
    '--password-store=basic',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ...rootArgs(),
  ]
}

/** Chromium's sandbox does not start as root, and root's desktop is a test machine's, which has no graphics card. */
export const rootArgs = () => (process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : [])
