/**
 * Scan: which fridge does one stand before? By the camera where the phone can read codes (BarcodeDetector), by typing everywhere.
 * The picture stays in the phone; the camera is off as soon as a code was read or the screen is left.
 */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useWords } from '../../languages/phone/words.ts'
import { FridgeDrawing } from '../../parts/fridge-drawing.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Screen, Waiting } from '../frame.tsx'
import { kept } from '../kept.ts'
import { fridgeIn } from '../place.ts'
import { useShopper } from '../shopper.tsx'

interface Detector {
  detect(from: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>
}
declare global {
  interface Window {
    BarcodeDetector?: new (options: { formats: readonly string[] }) => Detector
  }
}

const canScan = (): boolean => window.BarcodeDetector !== undefined && 'mediaDevices' in navigator
const lookEveryMs = 150

type Fault = 'denied' | 'foreign' | 'empty'

export function Scan(): ReactNode {
  const words = useWords()
  const { go, trouble } = useShopper()
  const [typed, setTyped] = useState('')
  const [looking, setLooking] = useState(false)
  const [fault, setFault] = useState<Fault | null>(null)
  const last = kept.fridge.read()

  const found = (text: string): boolean => {
    const fridge = fridgeIn(text)
    if (fridge === null) return false
    go({ at: 'fridge', fridge })
    return true
  }
  const submit = (event: { preventDefault(): void }): void => {
    event.preventDefault()
    if (!found(typed)) setFault('empty')
  }
  return (
    <Screen
      scene="scan"
      title={words.scan.title}
      lead={looking ? words.scan.looking : canScan() ? words.scan.lead : words.scan.none}
    >
      {trouble !== null && <Waiting trouble={trouble} />}
      {looking ? (
        <Camera
          onText={(text) => {
            if (!found(text)) setFault('foreign')
          }}
          onDenied={() => {
            setLooking(false)
            setFault('denied')
          }}
        />
      ) : (
        <div className="scan-drawing">
          <FridgeDrawing door="ajar" light />
        </div>
      )}
      {canScan() && (
        <button
          className={`button ${looking ? 'button-quiet' : 'button-primary'}`}
          type="button"
          onClick={() => {
            setFault(null)
            setLooking(!looking)
          }}
        >
          <Icon name={looking ? 'cross' : 'camera'} />
          {looking ? words.scan.stop : words.scan.camera}
        </button>
      )}
      <form className="field-form" onSubmit={submit} noValidate>
        <label htmlFor="code">{words.scan.typed}</label>
        <div className="field-row">
          <input
            id="code"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
            autoCapitalize="none"
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
            enterKeyHint="go"
            aria-describedby="code-hint"
            aria-invalid={fault === 'empty'}
          />
          <button className="button button-quiet" type="submit" aria-label={words.scan.go}>
            <Icon name="next" />
          </button>
        </div>
        <p id="code-hint" className={fault === null ? 'soft' : 'fault'} role={fault === null ? undefined : 'alert'}>
          {fault === null ? words.scan.example : words.scan[fault]}
        </p>
      </form>
      {last !== null && (
        <a className="row-link" href={`/phone/#f/${last}`}>
          <Icon name="clock" />
          <span>
            <small>{words.scan.last}</small>
            {last}
          </span>
          <Icon name="next" />
        </a>
      )}
    </Screen>
  )
}

function Camera(props: { onText: (text: string) => void; onDenied: () => void }): ReactNode {
  const video = useRef<HTMLVideoElement>(null)
  const told = useRef(props)
  useEffect(() => {
    told.current = props
  })
  useEffect(() => {
    let over = false
    let stream: MediaStream | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const Reader = window.BarcodeDetector
    const begin = async (): Promise<void> => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
        const at = video.current
        if (over || at === null || Reader === undefined) return stop()
        at.srcObject = stream
        await at.play()
        const reader = new Reader({ formats: ['qr_code'] })
        const look = async (): Promise<void> => {
          const codes = await reader.detect(at).catch(() => [])
          if (over) return
          for (const { rawValue } of codes) told.current.onText(rawValue)
          timer = setTimeout(() => void look(), lookEveryMs)
        }
        await look()
      } catch {
        if (!over) told.current.onDenied()
      }
    }
    const stop = (): void => stream?.getTracks().forEach((track) => track.stop())
    void begin()
    return () => {
      over = true
      clearTimeout(timer)
      stop()
    }
  }, [])
  return (
    <div className="scan-camera">
      <video ref={video} muted playsInline aria-hidden="true" />
      <i />
    </div>
  )
}
