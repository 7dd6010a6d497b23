/** Cameras: what the fridge's two cameras see, small and a few times a second, for whoever wants to watch. Off at first. */
import { useEffect, useState, type ReactNode } from 'react'
import { useWords } from '../languages/virtual/words.ts'
import { Icon } from '../parts/icon.tsx'
import { useScene, type CameraId } from './world.ts'
import './cameras.css'

const againMs = 250
/** A camera that gives nothing now is asked less often. */
const againWhenBlindMs = 1_500

export function Cameras(): ReactNode {
  const words = useWords()
  const [shown, setShown] = useState(false)
  return (
    <>
      <button
        type="button"
        className="switch"
        data-on
        aria-pressed={shown}
        onClick={() => {
          setShown(!shown)
        }}
      >
        <Icon name="camera" />
        <span>{shown ? words.cameras.hide : words.cameras.show}</span>
      </button>
      {shown && (
        <section className="cameras" aria-label={words.cameras.name}>
          <Camera camera="left" />
          <Camera camera="right" />
        </section>
      )}
    </>
  )
}

/** One picture after the other: the next is asked for when this one is there. */
function Camera(props: { camera: CameraId }): ReactNode {
  const { camera } = props
  const { stillUrl } = useScene()
  const words = useWords()
  const [number, setNumber] = useState(0)
  const [came, setCame] = useState<{ number: number; whole: boolean } | null>(null)
  useEffect(() => {
    if (came === null) return
    const timer = setTimeout(
      () => {
        setNumber(came.number + 1)
      },
      came.whole ? againMs : againWhenBlindMs,
    )
    return () => {
      clearTimeout(timer)
    }
  }, [came])
  return (
    <figure data-blind={came?.whole === false}>
      <img
        src={stillUrl(camera, number)}
        alt={words.cameras[camera]}
        width={320}
        height={180}
        onLoad={() => {
          setCame({ number, whole: true })
        }}
        onError={() => {
          setCame({ number, whole: false })
        }}
      />
      <figcaption>{came?.whole === false ? words.cameras.none : words.cameras[camera]}</figcaption>
    </figure>
  )
}
