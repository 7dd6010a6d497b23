/** Faults: all that may go wrong around a fridge, at a person's fingertips: plug, network, bank, warmth. */
import { useEffect, useState, type ReactNode } from 'react'
import { bankFaults } from '../../src/contract/virtual.ts'
import { useSpeech } from '../languages/language.tsx'
import { useWords } from '../languages/virtual/words.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Cameras } from './cameras.tsx'
import { useScene } from './world.ts'
import './faults.css'

/** The slider's ends and where it stands while nobody has moved it. */
const coldest = -2
const warmest = 25

/** `more`: with the mischief that a first visit can do without. */
export function Faults(props: { more: boolean }): ReactNode {
  const { world, ask } = useScene()
  const words = useWords()
  return (
    <section className="faults" aria-label={words.faults}>
      <h2 className="unseen">{words.faults}</h2>
      <div className="faults-switches">
        <Switch
          icon="plug"
          on={world.power}
          name={world.power ? words.power.on : words.power.off}
          onPress={() => {
            ask({ to: 'power', on: !world.power })
          }}
        />
        <Switch
          icon={world.network ? 'bank' : 'offline'}
          on={world.network}
          name={world.network ? words.network.on : words.network.off}
          onPress={() => {
            ask({ to: 'network', on: !world.network })
          }}
        />
        <Switch
          icon="reset"
          on
          name={words.reset}
          onPress={() => {
            ask({ to: 'bank', fault: 'none' })
            ask({ to: 'network', on: true })
            ask({ to: 'temperature', celsius: null })
            if (!world.power) ask({ to: 'power', on: true })
          }}
        />
      </div>
      {props.more && (
        <div className="faults-switches">
          <Switch
            icon="thermometer"
            on={world.temperatureCelsius !== null}
            name={world.temperatureCelsius !== null ? words.sensor.on : words.sensor.off}
            onPress={() => {
              ask({ to: 'temperature', celsius: null, sensor: world.temperatureCelsius === null })
            }}
          />
          <Switch
            icon="warning"
            on
            name={words.force}
            onPress={() => {
              ask({ to: 'force' })
            }}
          />
          <Cameras />
        </div>
      )}
      <label className="faults-row">
        <span>{words.bank}</span>
        <select
          value={world.bankFault}
          onChange={(event) => {
            const fault = bankFaults.find((each) => each === event.target.value)
            if (fault) ask({ to: 'bank', fault })
          }}
        >
          {bankFaults.map((fault) => (
            <option key={fault} value={fault}>
              {words.bankFault[fault]}
            </option>
          ))}
        </select>
      </label>
      <Warmth />
      {world.operator && (
        <p className="faults-operator">
          <Icon name="key" />
          <span>
            {words.operator}
            <strong>
              {world.operator.name} · {words.pin(world.operator.pin)}
            </strong>
          </span>
        </p>
      )}
    </section>
  )
}

function Switch(props: { icon: IconName; on: boolean; name: string; onPress: () => void }): ReactNode {
  return (
    <button type="button" className="switch" data-on={props.on} onClick={props.onPress}>
      <Icon name={props.icon} />
      <span>{props.name}</span>
    </button>
  )
}

function Warmth(): ReactNode {
  const { world, ask } = useScene()
  const speech = useSpeech()
  const words = useWords()
  const isCelsius = world.temperatureCelsius
  // While it is dragged it stands where the finger is; the world hears of it when it is let go.
  const [wanted, setWanted] = useState<number | null>(null)
  useEffect(() => {
    setWanted(null)
  }, [isCelsius])
  const shown = wanted ?? isCelsius
  const settle = (): void => {
    if (wanted !== null) ask({ to: 'temperature', celsius: wanted })
  }
  return (
    <div className="faults-row faults-warmth">
      <span>
        {words.temperature}
        <strong>{shown === null ? '–' : speech.celsius(shown)}</strong>
      </span>
      <input
        type="range"
        aria-label={words.temperatureSlider}
        min={coldest}
        max={warmest}
        step={1}
        value={shown ?? 4}
        onChange={(event) => {
          setWanted(Number(event.target.value))
        }}
        onPointerUp={settle}
        onKeyUp={settle}
      />
      <button
        type="button"
        className="faults-itself"
        onClick={() => {
          setWanted(null)
          ask({ to: 'temperature', celsius: null })
        }}
      >
        {words.itself}
      </button>
    </div>
  )
}
