/**
 * Simulation: one seed, from the first card to the last settled hold. The very runtime, link, firmware, ledger, provider
 * and bank, in one process, on one seeded clock; a person shops (visitor.ts), things go wrong (mischief.ts), the process is
 * started again whenever it dies (keeper.ts), and the auditor judges from outside.
 *
 * Holds always: the same settings give the same trace, hash for hash, in any process.
 */
import { loadFirmware } from '../../src/virtual/controller.ts'
import { loadShop, type Shop } from '../../src/virtual/shop.ts'
import { createDice } from '../../src/virtual/world/dice.ts'
import { catalogueOf } from '../../src/runtime/assortment.ts'
import { defaultProductsDir, firmwareFile } from '../../src/runtime/places.ts'
import type { FramedEyes } from '../../scripts/basket/frames.ts'
import type { Fetch } from '../../sync/edge/exchange.ts'
import type { Books } from '../../sync/relay/intake.ts'
import { createAirwaves, simFridge } from './airwaves.ts'
import { createAuditor, type Auditor, type Violation } from './auditor.ts'
import { createDesk, type Desk } from './desk.ts'
import { createCabinet, type Cabinet } from './cabinet.ts'
import { chance, randomOf } from './chance.ts'
import { simDisk, type BrokenDisk } from './disk.ts'
import { createWatch } from './eyes.ts'
import { noFaults, weatherOf, type FaultCounts, type Weather } from './faults.ts'
import { createKeeper, type Keeper } from './keeper.ts'
import type { Tampering } from './life.ts'
import { orderLaws } from './laws/orders.ts'
import { syncLaws } from './laws/sync.ts'
import type { Tally } from './laws/tally.ts'
import { closingTime } from './closing.ts'
import { mischief } from './mischief.ts'
import { owner, service } from './owner.ts'
import { createRadio, type Radio } from './radio.ts'
import { createStage, type Stage } from './stage.ts'
import { createTeller, type TellerPorts } from './teller.ts'
import { simTime, type SimTime } from './time.ts'
import { createTrace } from './trace.ts'
import { visitor } from './visitor.ts'
import { createWire } from './wire.ts'

export interface SimSettings {
  readonly seed: number
  /** Rows that the ledger must have at least before the fridge closes. */
  readonly events?: number
  readonly weather?: Weather
  /** Whether the fridge has cameras; one in sixteen has, and takes three times the time. */
  readonly cameras?: boolean
  /** Whether it is ordered about from afar; a quarter of the seeds is. */
  readonly orders?: boolean
  /** Real pictures and models look, instead of drawing what they would tell. */
  readonly frames?: FramedEyes
  /** Lines of the story that a violation carries. */
  readonly storyLines?: number
  /** Breaks something on purpose, for the tests of the auditor. */
  readonly broken?: {
    readonly life?: Partial<Tampering>
    readonly bank?: NonNullable<TellerPorts['tampered']>
    readonly bolt?: (released: boolean) => boolean
    readonly disk?: BrokenDisk
    readonly relay?: (books: Books) => Books
  }
}

export interface SimResult {
  readonly seed: number
  readonly weather: string
  readonly visits: number
  readonly events: number
  readonly crashes: number
  readonly faults: FaultCounts
  readonly violations: readonly Violation[]
  readonly tally: Tally
  /** Sure baskets that were not the truth. */
  readonly misreadings: readonly string[]
  readonly judged: Readonly<Record<string, number>>
  readonly excused: Readonly<Record<string, number>>
  readonly simulatedMs: number
  readonly steps: number
  readonly traceHash: string
  readonly story: readonly string[]
}

const holdMinor = 1_000
const startMs = Date.UTC(2026, 0, 5, 8)

/** Read once a process: the shop and the firmware are the same for every seed. */
let goods: { readonly shop: Shop; readonly offered: ReturnType<typeof catalogueOf> } | null = null
let firmware: WebAssembly.Module | null = null

function shopGoods() {
  if (goods !== null) return goods
  const shop = loadShop(defaultProductsDir)
  if (!shop.ok) throw new Error(shop.error.map((fault) => `${fault.file} ${fault.path}: ${fault.message}`).join('\n'))
  goods = { shop: shop.value, offered: catalogueOf(shop.value) }
  return goods
}

/** Runs one seed to its end. A broken law is in the result; what is thrown is a fault of the simulation itself. */
export async function simulate(settings: SimSettings): Promise<SimResult> {
  const { seed, broken = {}, events = 300 } = settings
  const { shop, offered } = shopGoods()
  firmware ??= loadFirmware(firmwareFile)
  const time = simTime(startMs)
  const trace = createTrace(time.nowMs, settings.storyLines)
  const faults = noFaults()
  const weather = settings.weather ?? weatherOf(seed, chance(seed, 'weather'))
  const prices = new Map(shop.products.map((product) => [product.sku as string, product.priceMinor as number]))

  // The three know each other only through what they see of each other.
  let cabinet: Cabinet | null = null
  let stage: Stage | null = null
  const changed = (): void => stage?.changed()
  const struck: Stage['struck'] = (kind) => {
    faults[kind]++
    if (!kind.startsWith('frame')) trace.tell(`fault: ${kind}`)
    if (kind.startsWith('bank')) auditor.troubled().end()
    else if (kind.startsWith('frame')) auditor.disturbed().end()
  }

  const sync = { violations: [] as Violation[], judged: new Map<string, number>(), excused: new Map<string, number>() }
  const reported = {
    ...sync,
    nowMs: time.nowMs,
    report: (law: string, what: string) => void sync.violations.push({ law, what, story: trace.story() }),
  }
  const given = orderLaws(reported)
  const sees = settings.cameras ?? chance(seed, 'cameras').happens(0.06)
  const auditor: Auditor = createAuditor({
    orders: given,
    cameras: sees,
    nowMs: time.nowMs,
    later: (delayMs, check) => void time.quietly(delayMs, check),
    inside: () => cabinet?.inside() ?? new Map(),
    grams: () => cabinet?.grams() ?? [],
    signal: () => cabinet?.signal() ?? 'idle',
    prices,
    story: trace.story,
  })
  const wire = createWire({
    time,
    chance: chance(seed, 'wire'),
    struck,
    arrived(direction, bytes) {
      trace.bytes(direction === 'toController' ? 1 : 2, bytes)
      if (direction === 'toController') auditor.frameReached()
    },
  })
  const linkKey = chance(seed, 'key').bytes(32)
  cabinet = createCabinet({
    time,
    random: randomOf(chance(seed, 'cabinet')),
    firmware,
    wire,
    linkKey,
    shop,
    moved: {
      lock(released) {
        trace.tell(released ? 'the bolt is drawn' : 'the bolt falls')
        auditor.lock(released)
        changed()
      },
      door(open) {
        trace.tell(open ? 'the door opens' : 'the door closes')
        auditor.door(open)
        changed()
      },
      controllerFell: auditor.controllerFell,
      air: auditor.air,
    },
    ...(broken.bolt === undefined ? {} : { bolt: broken.bolt }),
  })
  const teller = createTeller({
    time,
    chance: chance(seed, 'bank'),
    trace,
    struck,
    asked: auditor.asked,
    moved: auditor.books,
    ...(broken.bank === undefined ? {} : { tampered: broken.bank }),
  })
  const laws = syncLaws(reported)
  const air = createAirwaves({ time, chance: chance(seed, 'air'), weather, struck, laws, tampered: broken.relay })
  const listens = settings.orders ?? chance(seed, 'orders').happens(0.25)
  const ordering = { desk: null as Desk | null, radio: null as Radio | null }
  if (listens) {
    const radio = createRadio({
      time,
      chance: chance(seed, 'radio'),
      trouble: weather.relay,
      fridge: simFridge,
      struck,
      heard: (topic, bytes) => ordering.desk?.heard(topic, bytes),
    })
    ordering.radio = radio
    ordering.desk = createDesk({
      time,
      chance: chance(seed, 'desk'),
      fridge: simFridge,
      publicKey: air.key.publicKey,
      provider: teller.provider(time.apart),
      send: radio.send,
      books: () => air.books.kept(simFridge),
      laws: given,
    })
  }
  const { desk, radio } = ordering
  const disk = simDisk(chance(seed, 'disk'), broken.disk)
  const prunes = chance(seed, 'prune')
  const keeper: Keeper = createKeeper({
    time,
    chance: chance(seed, 'life'),
    disk,
    wire,
    cabinet,
    teller,
    auditor,
    trace,
    linkKey,
    air,
    airChance: chance(seed, 'pusher'),
    radio: radio === null || desk === null ? null : { connect: radio.connect, fetch: channelOver(desk, time) },
    gone: () => radio?.gone(),
    pruneChance: prunes.happens(0.5) ? prunes : null,
    eyes: sees
      ? createWatch({
          seed,
          shop,
          world: cabinet.world,
          time,
          frames: settings.frames ?? null,
          began: auditor.watched,
        })
      : null,
    catalogue: offered,
    holdMinor,
    struck,
    changed,
    wrote: (type) => stage?.acknowledged(type),
    ...(broken.life === undefined ? {} : { tampered: broken.life }),
  })
  stage = createStage({
    time,
    trace,
    weather,
    cabinet,
    teller: {
      ...teller,
      network(up) {
        teller.network(up)
        air.network(up)
        radio?.network(up)
      },
    },
    wire,
    keeper,
    auditor,
    air,
    struck,
    prices,
    shop,
    dice: createDice(randomOf(chance(seed, 'plans'))),
    shopper: chance(seed, 'shopper'),
    mischief: chance(seed, 'mischief'),
    orders: desk === null ? null : { desk, chance: chance(seed, 'owner'), phone: 'none' },
    radio,
  })

  try {
    await time.runUntil(play(stage, events))
    const dir = keeper.dir()
    await time.runUntil(untilSynced(stage))
    laws.finish(dir, air.books.kept(simFridge), teller.holds())
    return {
      seed,
      weather: weather.name,
      visits: auditor.visits().size,
      events: auditor.rows(),
      crashes: keeper.deaths(),
      faults,
      violations: [...auditor.violations(), ...sync.violations],
      tally: auditor.tally(),
      misreadings: auditor.misreadings(),
      ...withSync(auditor.judged(), sync),
      simulatedMs: time.nowMs() - startMs,
      steps: time.steps(),
      traceHash: trace.hash(),
      story: trace.story(),
    }
  } finally {
    keeper.close()
    disk.remove()
  }
}

const mostRounds = 400

async function play(stage: Stage, events: number): Promise<void> {
  const { keeper, auditor, time } = stage
  keeper.powerOn()
  await time.sleep(4_000)
  for (let round = 0; auditor.rows() < events; round++) {
    if (round >= mostRounds) throw new Error(`after ${round} visits there are only ${auditor.rows()} events`)
    const calm = mischief(stage)
    owner(stage)
    await visitor(stage)
    await calm()
    await service(stage)
  }
  await closingTime(stage)
}

/** The relay's answer to a fridge that asks for a channel. */
const channelOver =
  (desk: Desk, time: SimTime): Fetch =>
  (_url, { body }) =>
    new Promise((resolve) => {
      time.after(80, () => {
        const answer = JSON.stringify(desk.channel(body))
        resolve({ status: 200, text: async () => answer })
      })
    })

/** Somebody has it pushed: what was last written goes to the relay within seconds, and after a failure within a minute. */
async function untilSynced({ air, auditor, keeper, time }: Stage): Promise<void> {
  for (let waited = 0; air.books.kept(simFridge)?.upto !== auditor.rows() && waited < 60; waited++) {
    keeper.life()?.pushNow()
    await time.sleep(1_000)
  }
}

function withSync(
  own: ReturnType<Auditor['judged']>,
  sync: { readonly judged: ReadonlyMap<string, number>; readonly excused: ReadonlyMap<string, number> },
): ReturnType<Auditor['judged']> {
  const joined = (counts: Record<string, number>, more: ReadonlyMap<string, number>): Record<string, number> => {
    const sums = { ...counts }
    for (const [law, times] of more) sums[law] = (sums[law] ?? 0) + times
    return sums
  }
  return { judged: joined(own.judged, sync.judged), excused: joined(own.excused, sync.excused) }
}
