/**
 * Rights: what a fridge may do at a broker, in one place for the embedded one (law Y4) [SY39]. Pure. Files of the same
 * meaning for other brokers stand beside this one, in `rights/`.
 */
import { downTopic, lanes, upTopic, upTopics } from '../../protocol/mqtt.ts'

/** It says only what fridges say, under its own name. */
export const maySay = (fridge: string, topic: string): boolean => upTopics.some((one) => upTopic(fridge, one) === topic)

/** It hears only its own commands: one topic of them, or all by the one wildcard. */
export const mayHear = (fridge: string, filter: string): boolean =>
  filter === `fridge/${fridge}/down/+` || lanes.some((lane) => downTopic(fridge, lane) === filter)
