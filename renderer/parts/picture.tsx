/**
 * Picture: a product as drawn by its owner. Where the picture can't be had, its silhouette stands in, so that a basket
 * line is never a hole.
 */
import { useEffect, useState, type ReactNode } from 'react'
import { Icon } from './icon.tsx'
import './picture.css'

/** A fridge that is starting gives no pictures yet, so they are asked for again. */
const retryMs = 3_000

export function Picture(props: { url: string; name: string }): ReactNode {
  const [broken, setBroken] = useState<string | null>(null)
  useEffect(() => {
    if (broken === null) return
    const timer = setTimeout(() => {
      setBroken(null)
    }, retryMs)
    return () => {
      clearTimeout(timer)
    }
  }, [broken])
  if (broken === props.url) {
    return (
      <span className="picture picture-missing" role="img" aria-label={props.name}>
        <Icon name="shelf" />
      </span>
    )
  }
  return (
    <img
      className="picture"
      src={props.url}
      alt={props.name}
      draggable={false}
      decoding="async"
      onError={() => {
        setBroken(props.url)
      }}
    />
  )
}
