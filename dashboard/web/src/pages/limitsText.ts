import type { Translate } from '../i18n'
import { clock } from '../time'

/** How long a ban lasts, in the largest unit that fits. */
export function forText(t: Translate, ms: number): string {
  if (ms === 0) return t('bans.forever')
  const minutes = Math.round(ms / 60_000)
  if (minutes % 1440 === 0) return t(minutes === 1440 ? 'unit.day' : 'unit.days', { n: minutes / 1440 })
  return minutes % 60 === 0 ? t(minutes === 60 ? 'unit.hour' : 'unit.hours', { n: minutes / 60 }) : t('unit.min', { n: minutes })
}

/** A time of day, with its date unless that is today's. */
export function moment(ms: number, now: number, zone: string, lang: string): string {
  const day = (at: number) => new Intl.DateTimeFormat(lang, { month: 'numeric', day: 'numeric', timeZone: zone }).format(at)
  const time = clock(ms, zone).slice(0, 5)
  return day(ms) === day(now) ? time : `${day(ms)} ${time}`
}
