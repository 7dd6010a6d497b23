/** Alert words: what an owner's people are mailed of alerts, in the language that the owner named. Pure. */
import type { FleetAlert } from '../../../src/contract/fleet.ts'
import type { Language } from '../../../src/core/product.ts'

export interface AlertWords {
  readonly kind: Readonly<Record<FleetAlert['kind'], string>>
  readonly todo: Readonly<Record<FleetAlert['kind'], string>>
  readonly raised: string
  readonly escalated: string
  readonly over: string
  readonly left: (count: string, most: string) => string
  /** Of a mail about more than one. */
  readonly subject: (raised: number, escalated: number, over: number) => string
  readonly overSubject: (alert: string) => string
  readonly escalatedSubject: (alert: string) => string
  readonly since: (when: string) => string
  readonly until: (from: string, to: string) => string
  readonly see: string
  readonly why: string
}

const en: AlertWords = {
  kind: {
    offline: 'Not heard of',
    payments: 'Payments fail',
    stock: 'Running out',
    door: 'Door stands open',
    temperature: 'Too warm to sell',
    suspicious: 'Somebody may be at it',
  },
  todo: {
    offline: 'Its sales are safe in its own books. Look at its network and its plug.',
    payments: 'Shoppers are turned away. Look at the payment provider and at the card reader.',
    stock: 'Bring more the next time somebody goes there.',
    door: 'Call somebody who is near to close it: the food gets warm.',
    temperature: 'It sells nothing until an operator has looked at the food and cleared it at the fridge.',
    suspicious: 'Look at the pictures of these visits, or send somebody.',
  },
  raised: 'New',
  escalated: 'Still open, and more people are needed',
  over: 'Over',
  left: (count, most) => `${count} of ${most} left`,
  subject: (raised, escalated, over) =>
    [
      ...(raised > 0 ? [`${raised} new ${raised === 1 ? 'alert' : 'alerts'}`] : []),
      ...(escalated > 0 ? [`${escalated} escalated`] : []),
      ...(over > 0 ? [`${over} over`] : []),
    ].join(', '),
  overSubject: (alert) => `Over: ${alert}`,
  escalatedSubject: (alert) => `Still open: ${alert}`,
  since: (when) => `since ${when}`,
  until: (from, to) => `${from} to ${to}`,
  see: 'See them here:',
  why: 'You get this because the owner of these fridges named your address.',
}

const es: AlertWords = {
  kind: {
    offline: 'Sin noticias',
    payments: 'Fallan los pagos',
    stock: 'Se está acabando',
    door: 'La puerta está abierta',
    temperature: 'Demasiado caliente para vender',
    suspicious: 'Puede que alguien la fuerce',
  },
  todo: {
    offline: 'Sus ventas están a salvo en sus propios libros. Revise la red y el enchufe.',
    payments: 'Se rechaza a los clientes. Revise el proveedor de pagos y el lector de tarjetas.',
    stock: 'Lleve más la próxima vez que alguien vaya.',
    door: 'Llame a alguien que esté cerca para que la cierre: la comida se calienta.',
    temperature: 'No vende nada hasta que un operador revise la comida y lo confirme en la nevera.',
    suspicious: 'Mire las fotos de estas visitas o envíe a alguien.',
  },
  raised: 'Nuevo',
  escalated: 'Siguen abiertas y hace falta más gente',
  over: 'Terminado',
  left: (count, most) => `quedan ${count} de ${most}`,
  subject: (raised, escalated, over) =>
    [
      ...(raised > 0 ? [`${raised} ${raised === 1 ? 'alerta nueva' : 'alertas nuevas'}`] : []),
      ...(escalated > 0 ? [`${escalated} sin respuesta`] : []),
      ...(over > 0 ? [`${over} ${over === 1 ? 'terminada' : 'terminadas'}`] : []),
    ].join(', '),
  overSubject: (alert) => `Terminado: ${alert}`,
  escalatedSubject: (alert) => `Sigue abierta: ${alert}`,
  since: (when) => `desde ${when}`,
  until: (from, to) => `de ${from} a ${to}`,
  see: 'Véalas aquí:',
  why: 'Recibe este correo porque el dueño de estas neveras ha indicado su dirección.',
}

const de: AlertWords = {
  kind: {
    offline: 'Nichts gehört',
    payments: 'Zahlungen scheitern',
    stock: 'Geht zur Neige',
    door: 'Tür steht offen',
    temperature: 'Zu warm zum Verkaufen',
    suspicious: 'Vielleicht macht sich jemand zu schaffen',
  },
  todo: {
    offline: 'Seine Verkäufe stehen sicher in seinen eigenen Büchern. Netz und Stecker ansehen.',
    payments: 'Kunden werden abgewiesen. Zahlungsanbieter und Kartenleser ansehen.',
    stock: 'Beim nächsten Besuch mehr mitbringen.',
    door: 'Jemanden in der Nähe bitten, sie zu schließen: Das Essen wird warm.',
    temperature: 'Er verkauft nichts, bis jemand das Essen angesehen und ihn am Gerät freigegeben hat.',
    suspicious: 'Die Bilder dieser Besuche ansehen oder jemanden hinschicken.',
  },
  raised: 'Neu',
  escalated: 'Noch offen, und es braucht mehr Leute',
  over: 'Vorbei',
  left: (count, most) => `noch ${count} von ${most}`,
  subject: (raised, escalated, over) =>
    [
      ...(raised > 0 ? [`${raised} ${raised === 1 ? 'neue Meldung' : 'neue Meldungen'}`] : []),
      ...(escalated > 0 ? [`${escalated} ohne Antwort`] : []),
      ...(over > 0 ? [`${over} vorbei`] : []),
    ].join(', '),
  overSubject: (alert) => `Vorbei: ${alert}`,
  escalatedSubject: (alert) => `Noch offen: ${alert}`,
  since: (when) => `seit ${when}`,
  until: (from, to) => `${from} bis ${to}`,
  see: 'Hier zu sehen:',
  why: 'Sie bekommen das, weil der Betreiber dieser Kühlschränke Ihre Adresse genannt hat.',
}

const all: Readonly<Record<Language, AlertWords>> = { en, es, de }
export const alertWordsIn = (language: Language): AlertWords => all[language]
