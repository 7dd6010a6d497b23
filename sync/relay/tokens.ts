/**
 * Tokens: how a shopper's phone says who it is: a JWT whose subject is the shopper. Signed here (HS256, with the relay's own
 * secret), or by an issuer of the owner's whose public key is in the settings.
 * Holds always: the algorithm is the key's, never the token's; issuer, audience and expiry are checked; no secret is logged.
 */
import { importSPKI, jwtVerify, SignJWT, type CryptoKey, type JWTVerifyOptions } from 'jose'

export interface TokenSettings {
  /** 32 bytes or more. */
  readonly secret?: Uint8Array | undefined
  /** PEM of the public key of another issuer, and its algorithm. */
  readonly publicKey?: { readonly pem: string; readonly algorithm: 'EdDSA' | 'ES256' | 'RS256' } | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
}

export interface Tokens {
  /** The shopper, or null for a token that is none, or no more. */
  shopperOf(token: string): Promise<string | null>
  /** Null where tokens are made elsewhere. */
  issue: ((shopper: string, minutes: number) => Promise<string>) | null
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
    async shopperOf(token) {
      if (key === null || token.length > 4_096) return null
      try {
        const { payload } = await jwtVerify(token, key, checked)
        return typeof payload.sub === 'string' && /^[\x21-\x7e]{1,100}$/.test(payload.sub) ? payload.sub : null
      } catch {
        return null // expired, forged, of another issuer: it is nobody's
      }
    },
    issue:
      publicKey !== undefined || secret === undefined
        ? null
        : async (shopper, minutes) => {
            const token = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject(shopper).setIssuedAt()
            if (issuer !== undefined) token.setIssuer(issuer)
            if (audience !== undefined) token.setAudience(audience)
            return token.setExpirationTime(`${minutes} minutes`).sign(secret)
          },
  }
}
