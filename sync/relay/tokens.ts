/**
 * Tokens: how a shopper's phone says who it is: a JWT whose subject is the shopper. Signed here (HS256, with the relay's own
 * secret), or by an issuer of the owner's whose public key is in the settings.
 * Holds always: the algorithm is the key's, never the token's; issuer, audience and expiry are checked; no secret is logged.
 */
import { importSPKI, jwtVerify, SignJWT, type CryptoKey, type JWTVerifyOptions } from 'jose'
import { createSeals, type Seals } from './phone/seals.ts'

export interface TokenSettings {
  /** 32 bytes or more. */
  readonly secret?: Uint8Array | undefined
  /** PEM of the public key of another issuer, and its algorithm. */
  readonly publicKey?: { readonly pem: string; readonly algorithm: 'EdDSA' | 'ES256' | 'RS256' } | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
}

/** Who a token says it is. `session`: of a sign-in that can be ended, which is in the tables; others just run out. */
export interface Shown {
  readonly shopper: string
  readonly session: string | null
}

export interface Tokens {
  /** Null for a token that is none, or no more. Whether its session still stands is for the caller to look up. */
  read(token: string): Promise<Shown | null>
  /** Null where tokens are made elsewhere. */
  issue: ((shopper: string, minutes: number, session?: string) => Promise<string>) | null
  /** By the same secret; null where there is none: nobody can sign in here then. */
  readonly seals: Seals | null
}

const ownIssuer = 'visionvend'

export async function createTokens(settings: TokenSettings): Promise<Tokens> {
  const { secret, publicKey, audience } = settings
  const issuer = settings.issuer ?? (publicKey === undefined ? ownIssuer : undefined)
  const key: CryptoKey | Uint8Array | null =
    publicKey === undefined ? (secret ?? null) : await importSPKI(publicKey.pem, publicKey.algorithm)
  const checked: JWTVerifyOptions = {
    algorithms: [publicKey?.algorithm ?? 'HS256'],
    requiredClaims: ['sub', 'exp'],
    clockTolerance: 5,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  }
  return {
    async read(token) {
      if (key === null || token.length > 4_096) return null
      try {
        const { sub, sid } = (await jwtVerify(token, key, checked)).payload
        if (typeof sub !== 'string' || !/^[\x21-\x7e]{1,100}$/.test(sub)) return null
        // Another issuer's sessions are its own business.
        return { shopper: sub, session: publicKey === undefined && typeof sid === 'string' ? sid : null }
      } catch {
        return null // expired, forged, of another issuer: it is nobody's
      }
    },
    issue:
      publicKey !== undefined || secret === undefined
        ? null
        : async (shopper, minutes, session) => {
            const claims = session === undefined ? {} : { sid: session }
            const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setSubject(shopper).setIssuedAt()
            if (issuer !== undefined) token.setIssuer(issuer)
            if (audience !== undefined) token.setAudience(audience)
            return token.setExpirationTime(`${minutes} minutes`).sign(secret)
          },
    seals: publicKey !== undefined || secret === undefined ? null : createSeals(secret),
  }
}
