/**
 * Address: where the fridge is and by which token we may ask it. The token comes in the URL's fragment, which is never
 * sent to a server or written to a log: `/kiosk/#token=<hex>&language=de`.
 */

export interface Address {
  readonly token: string
  /** Other wishes of the fragment, such as `language`. */
  wish(name: string): string | null
  /** The address of a live stream at `path`, with the token. */
  live(path: string): string
  /** The address of a picture at `path`, for an <img>, which can carry no header. */
  picture(path: string): string
  /** Headers for fetch. */
  readonly headers: Readonly<Record<string, string>>
}

/** Reads the page's own location. A missing token is an empty one: the gateway refuses it and the screen says so. */
export function addressOf(page: { hash: string; origin: string }): Address {
  const fragment = new URLSearchParams(page.hash.replace(/^#/, ''))
  const token = fragment.get('token') ?? ''
  const withToken = (path: string): URL => {
    const url = new URL(path, page.origin)
    url.searchParams.set('token', token)
    return url
  }
  return {
    token,
    wish: (name) => fragment.get(name),
    live: (path) => withToken(path).href.replace(/^http/, 'ws'),
    picture: (path) => {
      const url = withToken(path)
      return url.pathname + url.search
    },
    headers: { authorization: `Bearer ${token}` },
  }
}
