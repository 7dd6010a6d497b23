/**
 * Dictionary: what zstd knows before the first byte of a batch, so that one visit alone compresses well.
 * Holds always: it is part of version 1 and never changes [SY14] (a golden vector holds its hash); events of later releases
 * compress a little worse, and that is all. The commonest rows stand last, where they are cheapest to point to.
 */
const bodies: readonly string[] = [
  '{"type":"FridgeStarted","fridge":"fridge-1","version":"0.1.0","offMs":0}',
  '{"type":"StockCounted","sku":"","shelf":1,"count":0,"by":"","reason":""}',
  '{"type":"WarmingBegan","celsius":5.5,"sinceMs":17}',
  '{"type":"WarmingEnded","celsius":4.5}',
  '{"type":"SalesStopped","reason":"temperature"}',
  '{"type":"SalesCleared","by":"","reason":""}',
  '{"type":"ControllerLost"}',
  '{"type":"ControllerFound","bootId":1,"doorOpen":false}',
  '{"type":"DoorLeftOpen","visit":"","seconds":60}',
  '{"type":"VisitInterrupted","visit":"","cause":"restart"}',
  '{"type":"VisitEnded","visit":"","ending":{"type":"declined","reason":"insufficientFunds"}}',
  '{"type":"HoldDeclined","visit":"","holdKey":"","reason":"declined"}',
  '{"type":"UnlockFailed","visit":"","reason":"doorOpen"}',
  '{"type":"ReviewOpened","visit":"","cause":"evidence","sureLines":[],"likelyLines":[{"sku":"","count":1,"priceMinor":1}],"likelyMoves":[{"sku":"","shelf":1,"count":-1}],"probability":0.9,"runnerUp":[],"before":[],"after":[],"decideByMs":17}',
  '{"type":"VisitEnded","visit":"","ending":{"type":"unsure","sureLines":[],"sureMinor":0}}',
  '{"type":"ReviewDecided","visit":"","lines":[],"moves":[],"by":"","reason":""}',
  '{"type":"ReviewLapsed","visit":""}',
  '{"type":"DoorRelocked","visit":"","reason":"notOpened"}',
  '{"type":"ReleaseRequested","visit":"","key":"/release"}',
  '{"type":"HoldReleased","visit":"","key":"/release","found":"released"}',
  '{"type":"VisitEnded","visit":"","ending":{"type":"nothingTaken"}}',
  '{"type":"VisitStarted","visit":"","holdKey":"/hold","paymentMethod":"pm_1","fingerprint":"","amountMinor":1500,"currency":"EUR"}',
  '{"type":"HoldPlaced","visit":"","holdKey":"/hold","reference":"pi_3","amountMinor":1500,"captureByMs":17}',
  '{"type":"UnlockRequested","visit":"","baseline":[0,0,0,0,0]}',
  '{"type":"DoorUnlocked","visit":""}',
  '{"type":"DoorOpened","visit":""}',
  '{"type":"DoorClosed","visit":""}',
  '{"type":"DoorRelocked","visit":"","reason":"doorClosed"}',
  '{"type":"BasketResolved","visit":"","lines":[{"sku":"","count":1,"priceMinor":1}],"moves":[{"sku":"","shelf":1,"count":-1}],"totalMinor":1,"probability":0.999,"before":[0,0],"after":[0,0]}',
  '{"type":"VisitEnded","visit":"","ending":{"type":"paid","lines":[{"sku":"","count":1,"priceMinor":1}],"totalMinor":1,"chargedMinor":1}}',
  '{"type":"CaptureRequested","visit":"","key":"/capture","lines":[{"sku":"","count":1,"priceMinor":1}],"totalMinor":1,"amountMinor":1}',
  '{"type":"HoldCaptured","visit":"","key":"/capture","amountMinor":1}',
  '{"type":"ReceiptIssued","visit":"","number":1,"lines":[{"sku":"","count":1,"priceMinor":1}],"totalMinor":1,"chargedMinor":1}',
]

export const dictionary: Uint8Array = Buffer.from(
  bodies.map((body) => JSON.stringify({ atMs: 17, body })).join(',') +
    '{"fridge":"fridge-1","fromSeq":1,"previousHash":"","lastHash":"","rows":[{"atMs":17,"body":"{\\"type\\":\\"',
)
