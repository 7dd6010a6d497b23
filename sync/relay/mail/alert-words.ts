/** Alert words: what an owner's people are mailed of alerts, in the language that the owner named. Pure. */
import { alertNames, type AlertNames } from '../../../src/contract/alert-names.ts'
import type { Language } from '../../../src/core/product.ts'

export interface AlertWords extends AlertNames {
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
  ...alertNames.en,
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
  ...alertNames.es,
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
  ...alertNames.de,
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
