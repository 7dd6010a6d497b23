/**
 * Screens: three pages (the kiosk, the virtual fridge, the fleet) in one build, so that they share parts, fonts and theme.
 * The gateway and the relay serve `dist/renderer` at `/`; nothing is inlined, because its CSP allows no inline script.
 */
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('renderer'),
  base: '/',
  plugins: [react()],
  build: {
    outDir: here('dist/renderer'),
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        kiosk: here('renderer/kiosk/index.html'),
        virtual: here('renderer/virtual/index.html'),
        fleet: here('renderer/fleet/index.html'),
      },
    },
  },
})
