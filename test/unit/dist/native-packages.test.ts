import { expect, test } from 'vitest'
import { isWanted } from '../../../scripts/dist/native-packages.ts'

test.each([
  ['lib/database.js', true],
  ['package.json', true],
  ['LICENSE', true],
  ['prebuilds', true],
  ['prebuilds/linux-x64.node', true],
  ['prebuilds/linuxmusl-x64.node', false],
  ['prebuilds/linux-arm64.node', false],
  ['prebuilds/darwin-x64+arm64/bindings.node', false],
  ['prebuilds/linux-x64/@serialport+bindings-cpp.glibc.node', true],
  ['bin/napi-v6/linux', true],
  ['bin/napi-v6/linux/x64/onnxruntime_binding.node', true],
  ['bin/napi-v6/linux/arm64/onnxruntime_binding.node', false],
  ['bin/napi-v6/win32/x64/onnxruntime.dll', false],
  ['src/better_sqlite3.cpp', false],
  ['src/index.js', true],
  ['binding.gyp', false],
  ['node_modules/debug/index.js', false],
])('%s goes to a fridge on x64: %s', (path, wanted) => {
  expect(isWanted(path, 'x64')).toBe(wanted)
})
