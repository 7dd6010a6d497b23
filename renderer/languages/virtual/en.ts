/**
 * The virtual fridge's words in English, and the type of the other two languages. The fridge's own screen speaks for
 * itself; these are for the person in front of the pretend one.
 */
export const en = {
  title: 'Virtual fridge',
  language: 'Language',
  screen: 'The fridge’s own touch screen',
  steps: [
    ['Tap a card', 'The green one is good. The fridge asks the bank to reserve the amount.'],
    ['Open the door', 'It is unlocked for ten seconds. Click the door or its button.'],
    ['Take something', 'Drag it off its shelf into your hand, or click it.'],
    ['Close the door', 'Or take more, or put something back, on the wrong shelf if you like.'],
    ['Read the receipt', 'It is on the fridge’s screen. Then pull the plug in your next visit.'],
  ] as readonly (readonly [string, string])[],
  step: (step: number, of: number) => `Step ${step} of ${of}`,
  hideSteps: 'I know how',
  showSteps: 'Show me how',
  cards: 'Your cards',
  card: {
    good: 'Good card',
    declined: 'Declined by the bank',
    insufficientFunds: 'Not enough on it',
    expired: 'Expired',
  },
  door: {
    open: 'Open the door',
    close: 'Close the door',
    locked: 'Locked',
    unlocked: 'Unlocked',
    isOpen: 'Open',
    name: 'Door of the fridge',
  },
  hand: {
    name: 'In your hand',
    empty: 'Nothing yet. Drag something here, or click it on its shelf.',
    putBack: (name: string) => `Put back ${name}. Keys 1 to 8 choose another shelf`,
  },
  shelf: (shelf: number) => `Shelf ${shelf}`,
  take: (name: string, count: number) => `Take ${name}, ${count} there`,
  faults: 'What may go wrong',
  power: { on: 'Pull the plug', off: 'Plug it in' },
  network: { on: 'Cut the network', off: 'Mend the network' },
  reset: 'All well again',
  bank: 'The bank',
  bankFault: {
    none: 'Works',
    decline: 'Declines',
    insufficientFunds: 'Says: not enough funds',
    timeoutBeforeEffect: 'Silent, does nothing',
    timeoutAfterEffect: 'Silent, but does it',
    error500: 'Fails (error 500)',
    rateLimit: 'Too busy (rate limit)',
    duplicateWebhook: 'Tells everything twice',
  },
  temperature: 'Inside',
  temperatureSlider: 'Temperature inside',
  itself: 'By itself',
  operator: 'Operator who may sign',
  pin: (pin: string) => `PIN ${pin}`,
  dark: 'The power is off',
  missing: 'The virtual fridge is not running. Start it again with “npm start”; this page finds it by itself.',
  errors: {
    unreachable: 'The virtual fridge did not answer. Nothing was changed.',
    locked: 'The door is locked. Tap a card first.',
    closed: 'The door is closed. Open it first.',
    dark: 'The power is off. Plug the fridge in first.',
    none: 'There is none left there.',
    hand: 'You do not hold one of those.',
    full: 'That shelf is full.',
  },
}

export type VirtualWords = typeof en
