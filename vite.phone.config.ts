/**
 * The phone page, built by itself: its first load has 100 kB and a second on slow 4G, and React's DOM alone is 60 kB of that. So
 * the same parts run on preact here (7 kB with what of React's names they use), and nothing is shared with the other pages'
 * files. The relay serves `dist/renderer/phone` at `/phone/`; `sw.js` stands beside the page, because it may govern only what is below.
 */
import { fileURLToPath } from 'node:url'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Beside each text its compressed forms, so that whoever serves them spends no time on it. */
const compressed: Plugin = {
  name: 'compressed',
  writeBundle({ dir = '' }) {
    for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(?:js|css|html|webmanifest)$/.test(entry)) continue
      const file = join(dir, entry)
      const bytes = readFileSync(file)
      writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
      writeFileSync(`${file}.br`, brotliCompressSync(bytes))
    }
  },
}

export default defineConfig({
  root: here('renderer/phone'),
  base: '/phone/',
  publicDir: here('renderer/phone/public'),
  resolve: {
    alias: [
      { find: /^react\/jsx-runtime$/, replacement: 'preact/jsx-runtime' },
      { find: /^react-dom\/client$/, replacement: 'preact/compat/client' },
      { find: /^react$/, replacement: 'preact/compat' },
    ],
  },
  plugins: [compressed],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('dist/renderer/phone'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { phone: here('renderer/phone/index.html'), sw: here('renderer/phone/sw.ts') },
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
})
