/** The darkroom's process, as main.ts starts it by its flag. */
import { runDarkroom } from '../../../../src/virtual/camera/darkroom-program.ts'

runDarkroom()
