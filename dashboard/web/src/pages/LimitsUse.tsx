import { useLanguage } from '../i18n'
import { nearness, type Limits, type Use } from './limitsData'

/** How much of each limit is taken up, and who was turned away by it. */
export function LimitsUse({ limits }: { limits: Limits | null }) {
  const { t } = useLanguage()
  if (!limits) return null
  const other: [label: string, n: number][] = [
    [t('limits.banned'), limits.banned],
    [t('limits.unknown'), limits.unknown],
  ]
  return (
    <section className="uses" aria-label={t('limits.title')}>
      <h2>{t('limits.title')}</h2>
      <ul>
        {limits.uses.map((u) => (
          <One key={u.key + u.of} use={u} />
        ))}
        {other.map(([label, n]) => (
          <li key={label}>
            <b>{label}</b>
            <small className="num">{t('limits.turned', { n })}</small>
          </li>
        ))}
      </ul>
      <p className="dim">{t('limits.where')}</p>
    </section>
  )
}

function One({ use: u }: { use: Use }) {
  const { t } = useLanguage()
  const near = nearness(u)
  const share = u.most > 0 && u.now !== null ? Math.min(1, u.now / u.most) : 0
  return (
    <li className={near} data-limit={u.key + (u.of && u.key === 'trunk' ? `:${u.of}` : '')}>
      <b>
        {t(`limits.${u.key}`)} {u.key === 'trunk' && <em>{u.of}</em>}
      </b>
      <span className="use num">
        {u.now !== null && <strong>{u.now}</strong>}
        {u.now !== null && ' / '}
        {u.most > 0 ? u.most : t('limits.no')}
      </span>
      {u.now !== null && (
        <i className={u.most > 0 ? 'bar' : 'bar none'} aria-hidden="true">
          <i style={{ width: `${share * 100}%` }} />
        </i>
      )}
      {u.key === 'caller' && u.of !== '' && <small className="num">{t('limits.most', { number: u.of })}</small>}
      {near !== 'calm' && <small className="near">{t(near === 'full' ? 'limits.full' : 'limits.near')}</small>}
      {u.turned !== null && <small className="num">{t(u.key === 'trunk' && u.of !== '' ? 'limits.turned.trunks' : 'limits.turned', { n: u.turned })}</small>}
    </li>
  )
}
