import { useTickNow } from '../app/hooks'
import { useLanguage } from '../i18n'
import { clock, duration } from '../time'
import type { Alert, Emergency } from '../wire'

/** How many alerts are told; the rest are counted. */
const SHOWN = 4

/** What a supervisor is called for: an emergency, and who is needed at the desk. Nothing where nothing is. */
export function Floor({ emergency, alerts, timezone }: { emergency: Emergency | null; alerts: Alert[]; timezone: string }) {
  const others = alerts.filter((a) => a.kind !== 'emergency') // the bar says that
  if (!emergency && others.length === 0) return null
  return (
    <section className="floor">
      {emergency && <EmergencyBar emergency={emergency} timezone={timezone} />}
      {others.length > 0 && <Alerts alerts={others} />}
    </section>
  )
}

function EmergencyBar({ emergency: m, timezone }: { emergency: Emergency; timezone: string }) {
  const { t, name } = useLanguage()
  const time = (ms: number) => clock(ms, timezone).slice(0, 5)
  return (
    <div className={m.drill ? 'emergency drill' : 'emergency'} role="alert" data-emergency={m.plan}>
      <i aria-hidden="true">▲</i>
      {m.drill && <em>{t('emergency.drill')}</em>}
      <b>{t('emergency.title', { n: m.level, name: name(m) })}</b>
      <span className="num">
        {m.since !== null && t('emergency.since', { time: time(m.since) })}
        {m.until !== null && ` ${t('emergency.until', { time: time(m.until) })}`}
      </span>
      {m.alert.length > 0 && <span data-emergency-alert>{t('emergency.alert', { names: m.alert.join(t('emergency.and')) })}</span>}
      <span className="emergency-toll num">{t('emergency.toll', { offered: m.offered, lost: m.abandoned })}</span>
    </div>
  )
}

function Alerts({ alerts }: { alerts: Alert[] }) {
  const { t } = useLanguage()
  return (
    <ul className="alerts" aria-live="polite">
      {alerts.slice(-SHOWN).map((a) => (
        <AlertLine key={a.id} alert={a} />
      ))}
      {alerts.length > SHOWN && <li className="alert-more">{t('line.more', { n: alerts.length - SHOWN })}</li>}
    </ul>
  )
}

function AlertLine({ alert: a }: { alert: Alert }) {
  const { t, word, lang, name } = useLanguage()
  const now = useTickNow()
  const reason = a.reason === '' ? t('state.not_ready') : (lang === 'en' ? a.reasonNameEn : a.reasonName) || word('reason', a.reason)
  let text = word('alert', a.kind)
  if (a.kind === 'absent') text = t('alert.absent', { reason })
  if (a.kind === 'sign_out') text = t('alert.sign_out', { n: a.count })
  if (a.kind === 'banned') text = t('alert.banned', { n: a.count })
  return (
    <li className="alert" data-alert={a.kind}>
      <i aria-hidden="true">!</i>
      <b>{a.agent ? name(a.agentNames) : a.queue}</b>
      <span>{text}</span>
      {a.since !== null && <b className="num">{duration(now - a.since)}</b>}
    </li>
  )
}
