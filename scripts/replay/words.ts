/** Words of the replay's page. Every language has them all, or it does not compile. */
export const languages = ['en', 'es', 'de'] as const
export type Language = (typeof languages)[number]

export interface Words {
  readonly title: string
  readonly same: string
  /** The basket is the same, and what was seen is not. */
  readonly sameBasket: string
  readonly differs: string
  readonly was: string
  readonly now: string
  readonly scalesAlone: string
  readonly decided: string
  readonly review: string
  readonly nothing: string
  readonly timeline: string
  readonly opened: string
  readonly closed: string
  readonly weights: string
  readonly shelf: (number: number | string) => string
  readonly grams: readonly [before: string, after: string, change: string]
  readonly noCell: string
  readonly reasons: string
  readonly runnerUp: string
  readonly speaks: string
  readonly told: string
  readonly witness: Readonly<Record<'shelf' | 'crossing', string>>
  readonly saw: (percent: string) => string
  readonly hidden: string
  readonly direction: Readonly<Record<'taken' | 'returned', string>>
  readonly none: string
  readonly noSightings: string
  readonly pictures: string
  readonly why: Readonly<Record<'before' | 'during' | 'crossing' | 'after', string>>
  readonly product: string
  readonly hand: string
  readonly track: string
  readonly sparse: string
}

export const words: Readonly<Record<Language, Words>> = {
  en: {
    title: 'Visit, looked at again',
    same: 'Today says the same.',
    sameBasket: 'The same basket today; not all that was seen is the same.',
    differs: 'Another basket today.',
    was: 'Said then',
    now: 'Said today',
    scalesAlone: 'Scales alone',
    decided: 'A person decided',
    review: 'sent to review',
    nothing: 'Nothing',
    timeline: 'Time line',
    opened: 'Door opened',
    closed: 'Door closed',
    weights: 'Weights',
    shelf: (number) => `Shelf ${number}`,
    grams: ['Before', 'After', 'Change'],
    noCell: 'no reading',
    reasons: 'Why this basket',
    runnerUp: 'Runner-up',
    speaks: 'What tells them apart, in nats: above 0 speaks for the first',
    told: 'What the cameras told today',
    witness: { shelf: 'before and after', crossing: 'opening' },
    saw: (percent) => `saw ${percent} of the time`,
    hidden: 'hidden',
    direction: { taken: 'taken', returned: 'put back' },
    none: 'none of these',
    noSightings: 'Nothing came or went.',
    pictures: 'Pictures',
    why: { before: 'before', during: 'during', crossing: 'something moves', after: 'after' },
    product: 'product',
    hand: 'hand',
    track: 'track',
    sparse: 'Only some pictures of a visit are kept: what crossed the opening is shown as it was told then.',
  },
  es: {
    title: 'Visita, vista de nuevo',
    same: 'Hoy dice lo mismo.',
    sameBasket: 'Hoy la misma cesta; no todo lo visto es igual.',
    differs: 'Hoy sale otra cesta.',
    was: 'Dicho entonces',
    now: 'Dicho hoy',
    scalesAlone: 'Solo las básculas',
    decided: 'Una persona decidió',
    review: 'enviado a revisión',
    nothing: 'Nada',
    timeline: 'Línea de tiempo',
    opened: 'Puerta abierta',
    closed: 'Puerta cerrada',
    weights: 'Pesos',
    shelf: (number) => `Estante ${number}`,
    grams: ['Antes', 'Después', 'Cambio'],
    noCell: 'sin lectura',
    reasons: 'Por qué esta cesta',
    runnerUp: 'Segunda opción',
    speaks: 'Qué las distingue, en nats: por encima de 0 habla por la primera',
    told: 'Lo que contaron hoy las cámaras',
    witness: { shelf: 'antes y después', crossing: 'abertura' },
    saw: (percent) => `vio el ${percent} del tiempo`,
    hidden: 'oculto',
    direction: { taken: 'sacado', returned: 'devuelto' },
    none: 'ninguno de estos',
    noSightings: 'Nada salió ni entró.',
    pictures: 'Imágenes',
    why: { before: 'antes', during: 'durante', crossing: 'algo se mueve', after: 'después' },
    product: 'producto',
    hand: 'mano',
    track: 'pista',
    sparse:
      'Solo se guardan algunas imágenes de cada visita: lo que cruzó la abertura se muestra como se contó entonces.',
  },
  de: {
    title: 'Besuch, noch einmal angesehen',
    same: 'Heute heißt es dasselbe.',
    sameBasket: 'Heute derselbe Warenkorb; nicht alles Gesehene ist gleich.',
    differs: 'Heute ein anderer Warenkorb.',
    was: 'Damals gesagt',
    now: 'Heute gesagt',
    scalesAlone: 'Nur die Waagen',
    decided: 'Ein Mensch entschied',
    review: 'zur Prüfung gegeben',
    nothing: 'Nichts',
    timeline: 'Zeitlinie',
    opened: 'Tür offen',
    closed: 'Tür zu',
    weights: 'Gewichte',
    shelf: (number) => `Fach ${number}`,
    grams: ['Vorher', 'Nachher', 'Änderung'],
    noCell: 'kein Wert',
    reasons: 'Warum dieser Warenkorb',
    runnerUp: 'Zweitbester',
    speaks: 'Was sie unterscheidet, in Nats: über 0 spricht für den ersten',
    told: 'Was die Kameras heute sagten',
    witness: { shelf: 'vorher und nachher', crossing: 'Öffnung' },
    saw: (percent) => `sah ${percent} der Zeit`,
    hidden: 'verdeckt',
    direction: { taken: 'entnommen', returned: 'zurückgestellt' },
    none: 'keins davon',
    noSightings: 'Nichts kam oder ging.',
    pictures: 'Bilder',
    why: { before: 'vorher', during: 'dabei', crossing: 'etwas bewegt sich', after: 'nachher' },
    product: 'Produkt',
    hand: 'Hand',
    track: 'Spur',
    sparse:
      'Von einem Besuch werden nur einige Bilder behalten: Was durch die Öffnung kam, steht hier, wie es damals gesagt wurde.',
  },
}
