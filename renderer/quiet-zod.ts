/** Imported first by each page: zod would try `new Function`, which our CSP reports as an attack. */
import { config } from 'zod'

config({ jitless: true })
