/**
 * Receipt code: a QR code that carries a text, no link: the phone needs no network and nobody learns who bought what.
 * The encoder is loaded when the first receipt is shown. Dark on white in every theme, or cameras would not read it.
 */
import { useEffect, useState, type ReactNode } from 'react'
import './receipt-code.css'

/** The rim of white around the code that ISO/IEC 18004 asks for, in modules. */
const rim = 4

export function ReceiptCode(props: { text: string; label: string }): ReactNode {
  const [code, setCode] = useState<{ size: number; path: string } | null>(null)
  useEffect(() => {
    let stale = false
    import('./qr.ts').then(
      ({ codeOf }) => {
        if (!stale) setCode(codeOf(props.text))
      },
      () => {
        // Without its code the receipt is still whole on the screen.
        if (!stale) setCode(null)
      },
    )
    return () => {
      stale = true
    }
  }, [props.text])
  return (
    <div className="receipt-code" role="img" aria-label={props.label}>
      {code && (
        <svg viewBox={`${-rim} ${-rim} ${code.size + 2 * rim} ${code.size + 2 * rim}`} shapeRendering="crispEdges">
          <path d={code.path} />
        </svg>
      )}
    </div>
  )
}
