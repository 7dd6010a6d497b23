/** Words: what the relay itself writes to shoppers (mails, receipts, pushes), in their language. Pure. */
import type { PhoneLine } from '../../../src/contract/phone.ts'
import type { Currency } from '../../../src/core/money.ts'
import type { Language } from '../../../src/core/product.ts'

export interface ShopperWords {
  readonly code: {
    readonly subject: (code: string) => string
    readonly is: string
    readonly good: string
    readonly unasked: string
  }
  readonly receipt: {
    readonly title: string
    readonly subject: (number: string, fridge: string) => string
    readonly number: (number: string) => string
    readonly total: string
    readonly charged: string
    readonly reserved: string
    readonly free: string
    readonly refunded: string
    /** Paid back of what was charged, for a voucher. */
    readonly voucher: string
    readonly paid: string
    readonly paying: string
    readonly beyond: string
    readonly see: string
    readonly contact: (contact: string) => string
    readonly each: (count: number, price: string) => string
    /** Below lines that say "this or that". */
    readonly either: string
  }
  readonly push: {
    readonly unlocked: string
    readonly unlockedWhat: (fridge: string) => string
    readonly receipt: (charged: string) => string
    readonly receiptWhat: (fridge: string) => string
  }
}

const en: ShopperWords = {
  code: {
    subject: (code) => `${code} is your code`,
    is: 'Your code to sign in:',
    good: 'It is good for ten minutes, once.',
    unasked: 'If you did not ask for it, you need not do anything: without the code nobody gets in.',
  },
  receipt: {
    title: 'Receipt',
    subject: (number, fridge) => `Receipt ${number} from ${fridge}`,
    number: (number) => `Receipt ${number}`,
    total: 'Total',
    charged: 'Charged',
    reserved: 'Reserved on opening',
    free: 'Free again',
    refunded: 'Paid back',
    voucher: 'Voucher, back to your card',
    paid: 'Your bank has confirmed it.',
    paying: 'Your bank has not answered yet. You are charged once.',
    beyond: 'No more was charged than was reserved.',
    see: 'See it here:',
    contact: (contact) => `Questions? ${contact}`,
    each: (count, price) => `${count} × ${price}`,
    either: 'Where it says “or”, it was one of them. They cost the same.',
  },
  push: {
    unlocked: 'The door is unlocked',
    unlockedWhat: (fridge) => `${fridge}: open it and take what you like.`,
    receipt: (charged) => `You paid ${charged}`,
    receiptWhat: (fridge) => `Your receipt from ${fridge} is there.`,
  },
}

const es: ShopperWords = {
  code: {
    subject: (code) => `${code} es tu código`,
    is: 'Tu código para entrar:',
    good: 'Vale diez minutos y una sola vez.',
    unasked: 'Si no lo has pedido, no tienes que hacer nada: sin el código no entra nadie.',
  },
  receipt: {
    title: 'Recibo',
    subject: (number, fridge) => `Recibo ${number} de ${fridge}`,
    number: (number) => `Recibo ${number}`,
    total: 'Total',
    charged: 'Cobrado',
    reserved: 'Reservado al abrir',
    free: 'Libre de nuevo',
    refunded: 'Devuelto',
    voucher: 'Vale, devuelto a tu tarjeta',
    paid: 'Tu banco lo ha confirmado.',
    paying: 'Tu banco aún no ha contestado. Se te cobra una sola vez.',
    beyond: 'No se ha cobrado más de lo reservado.',
    see: 'Míralo aquí:',
    contact: (contact) => `¿Preguntas? ${contact}`,
    each: (count, price) => `${count} × ${price}`,
    either: 'Donde pone «o», fue uno de ellos. Cuestan lo mismo.',
  },
  push: {
    unlocked: 'La puerta está abierta',
    unlockedWhat: (fridge) => `${fridge}: ábrela y coge lo que quieras.`,
    receipt: (charged) => `Has pagado ${charged}`,
    receiptWhat: (fridge) => `Ya está tu recibo de ${fridge}.`,
  },
}

const de: ShopperWords = {
  code: {
    subject: (code) => `${code} ist Ihr Code`,
    is: 'Ihr Code zum Anmelden:',
    good: 'Er gilt zehn Minuten und einmal.',
    unasked: 'Haben Sie ihn nicht angefordert, müssen Sie nichts tun: ohne den Code kommt niemand hinein.',
  },
  receipt: {
    title: 'Beleg',
    subject: (number, fridge) => `Beleg ${number} von ${fridge}`,
    number: (number) => `Beleg ${number}`,
    total: 'Summe',
    charged: 'Abgebucht',
    reserved: 'Beim Öffnen reserviert',
    free: 'Wieder frei',
    refunded: 'Erstattet',
    voucher: 'Gutschein, zurück auf Ihre Karte',
    paid: 'Ihre Bank hat es bestätigt.',
    paying: 'Ihre Bank hat noch nicht geantwortet. Es wird einmal abgebucht.',
    beyond: 'Mehr als reserviert wurde nicht abgebucht.',
    see: 'Hier zu sehen:',
    contact: (contact) => `Fragen? ${contact}`,
    each: (count, price) => `${count} × ${price}`,
    either: 'Wo „oder“ steht, war es eines davon. Sie kosten gleich viel.',
  },
  push: {
    unlocked: 'Die Tür ist offen',
    unlockedWhat: (fridge) => `${fridge}: öffnen Sie sie und nehmen Sie, was Sie mögen.`,
    receipt: (charged) => `Sie haben ${charged} bezahlt`,
    receiptWhat: (fridge) => `Ihr Beleg von ${fridge} ist da.`,
  },
}

const all: Readonly<Record<Language, ShopperWords>> = { en, es, de }
export const wordsIn = (language: Language): ShopperWords => all[language]

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', es: 'es-ES', de: 'de-DE' }

/** With plain spaces: not every mail program and font has the narrow ones. */
export const moneyIn = (language: Language, amountMinor: number, currency: Currency): string =>
  new Intl.NumberFormat(locales[language], { style: 'currency', currency })
    .format(amountMinor / 100)
    .replaceAll(/[\u00a0\u202f]/g, ' ')

/** What a line of a receipt is called: "this or that" where nobody could tell. */
export const lineName = (language: Language, { name, or = [] }: Pick<PhoneLine, 'name' | 'or'>): string =>
  new Intl.ListFormat(locales[language], { type: 'disjunction' }).format([name, ...or].map((one) => one[language]))

/** Names its time zone, for whoever reads it elsewhere. */
export const momentIn = (language: Language, atMs: number, timeZone: string): string =>
  new Intl.DateTimeFormat(locales[language], {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone,
  })
    .formatToParts(atMs)
    .map(({ value }) => value)
    .join('')
    .replaceAll(/[\u00a0\u202f]/g, ' ')
    .concat(` (${timeZone})`)
