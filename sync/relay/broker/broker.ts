/**
 * Broker: what the relay needs of one, embedded or not. Messages come at least once, in no order between copies of the
 * relay; whatever is sealed inside decides (SPEC SY32). A broker that is away is waited for, and what was to be sent is not
 * kept: the commands' table is the queue.
 */
export interface Broker {
  readonly kind: 'embedded' | 'external'
  /** Resolves true when the broker has it; false when it is away. */
  publish(topic: string, bytes: Uint8Array): Promise<boolean>
  isUp(): boolean
  close(): Promise<void>
}

export interface BrokerListener {
  message(topic: string, bytes: Uint8Array): void
  /** The broker is there (again): what waits may be sent. */
  up(): void
}
