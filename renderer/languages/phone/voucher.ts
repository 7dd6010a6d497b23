/** The words of vouchers on the phone page, in its three languages. */
import { useSpeech, type Language } from '../language.tsx'

interface VoucherWords {
  readonly have: string
  readonly code: string
  readonly hint: string
  readonly line: string
  /** By the relay's codes; `other`: any other reason. */
  readonly faults: Readonly<Record<string, string>> & { readonly other: string }
}

const all: Readonly<Record<Language, VoucherWords>> = {
  en: {
    have: 'I have a voucher',
    code: 'Voucher code',
    hint: 'What it is worth goes back to your card once you have paid. Your bank may take a few days.',
    line: 'Voucher, back to your card',
    faults: {
      noVoucher: 'We do not know this code. Was it typed whole?',
      voucherOver: 'This voucher is good no more.',
      voucherElsewhere: 'This voucher is not for this fridge.',
      voucherUsed: 'This voucher has been used.',
      tooLate: 'That took too long. Please unlock again.',
      wait: 'Too many tries. Please wait some minutes, or go on without a voucher.',
      other: 'The voucher could not be checked. Nothing was opened or reserved.',
    },
  },
  es: {
    have: 'Tengo un vale',
    code: 'Código del vale',
    hint: 'Lo que vale vuelve a su tarjeta después del pago. Su banco puede tardar unos días.',
    line: 'Vale, devuelto a su tarjeta',
    faults: {
      noVoucher: 'No conocemos este código. ¿Está completo?',
      voucherOver: 'Este vale ya no es válido.',
      voucherElsewhere: 'Este vale no es para esta nevera.',
      voucherUsed: 'Este vale ya se ha usado.',
      tooLate: 'Ha tardado demasiado. Abra otra vez.',
      wait: 'Demasiados intentos. Espere unos minutos o siga sin vale.',
      other: 'No se ha podido comprobar el vale. No se ha abierto ni reservado nada.',
    },
  },
  de: {
    have: 'Ich habe einen Gutschein',
    code: 'Gutscheincode',
    hint: 'Was er wert ist, geht nach dem Bezahlen auf Ihre Karte zurück. Banken brauchen dafür einige Tage.',
    line: 'Gutschein, zurück auf Ihre Karte',
    faults: {
      noVoucher: 'Diesen Code kennen wir nicht. Ist er vollständig?',
      voucherOver: 'Dieser Gutschein gilt nicht mehr.',
      voucherElsewhere: 'Dieser Gutschein gilt nicht an diesem Kühlschrank.',
      voucherUsed: 'Dieser Gutschein wurde schon eingelöst.',
      tooLate: 'Das hat zu lange gedauert. Bitte noch einmal öffnen.',
      wait: 'Zu viele Versuche. Bitte einige Minuten warten oder ohne Gutschein weiter.',
      other: 'Der Gutschein ließ sich nicht prüfen. Nichts wurde geöffnet oder reserviert.',
    },
  },
}

export const useVoucherWords = (): VoucherWords => all[useSpeech().language]
