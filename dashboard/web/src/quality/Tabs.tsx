import { Link, usePath } from '../app/router'
import { useQuality, type QualityKey } from './text'
import './quality.css'

const PAGES: readonly [href: string, key: QualityKey, roles?: readonly string[]][] = [
  ['/qa/tasks', 'tasks', ['qa', 'supervisor']],
  ['/qa/plans', 'plans', ['qa', 'supervisor']],
  ['/qa/evaluations', 'evaluations'],
  ['/qa/scores', 'scores'],
  ['/qa/coaching', 'coaching'],
  ['/qa/forms', 'forms', ['qa', 'supervisor']],
  ['/qa/calibrations', 'calibration', ['qa', 'supervisor']],
]

/** The pages of the quality checks that somebody may see. */
export function QualityTabs({ role }: { role: string }) {
  const { q } = useQuality()
  const path = usePath()
  return (
    <nav className="qa-tabs" aria-label={q('quality')}>
      {PAGES.filter(([, , roles]) => !roles || roles.includes(role)).map(([href, key]) => (
        <Link key={href} href={href} aria-current={path.startsWith(href) || (href === '/qa/plans' && path.startsWith('/qa/draws/')) ? 'page' : undefined}>
          {q(role === 'agent' && key === 'evaluations' ? 'mine' : key)}
        </Link>
      ))}
    </nav>
  )
}
