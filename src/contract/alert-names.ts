/** Alert names: what each kind of alert is called, and what to do about it, on the fleet pages and in a mail alike. */
import type { Language } from '../core/product.ts'
import type { FleetAlert } from './fleet.ts'

export interface AlertNames {
  readonly kind: Readonly<Record<FleetAlert['kind'], string>>
  readonly todo: Readonly<Record<FleetAlert['kind'], string>>
}

export const alertNames: Readonly<Record<Language, AlertNames>> = {
  en: {
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
  },
  es: {
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
  },
  de: {
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
  },
}
