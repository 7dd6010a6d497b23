/**
 * Preload: the little that a kiosk's page needs before it runs. It gives the page nothing: the screens speak to the
 * runtime by HTTP and WebSocket only, so the same screens run in any browser.
 */
import { webFrame } from 'electron'

// A pinch would leave a shopper with half a screen.
webFrame.setVisualZoomLevelLimits(1, 1)
