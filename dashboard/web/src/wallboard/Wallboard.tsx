import { useCallback, useEffect, useRef, useState } from 'react'
import { LiveContext, useKeys, useLive, useSnapshot, useTick } from '../app/hooks'
import { recall, remember } from '../app/storage'
import { useLanguage, useTitle } from '../i18n'
import type { Live } from '../live'
import { mostUrgent, RingWatch } from '../rings'
import type { Frame } from '../wire'
import { Agents } from './Agents'
import { Banner, Empty } from './Banner'
import { Floor } from './Floor'
import { Header } from './Header'
import { Help } from './Help'
import { agentColumns, layoutOf } from './levels'
import { Queues } from './Queues'
import { useNewBuild } from './build'
import { Chime } from './sound'
import './wallboard.css'
import './queues.css'
import './rows.css'
import './agents.css'
import './help.css'
import './floor.css'

/** Plays what newly rings, and tells whether the browser lets it. */
function useSound(live: Live, frame: Frame | null) {
  const [muted, setMuted] = useState(() => recall('muted') === '1')
  const [blocked, setBlocked] = useState(false)
  const chime = useRef<Chime | null>(null)
  const watch = useRef(new RingWatch())
  const tick = useTick()

  useEffect(() => {
    const c: Chime = new Chime(() => setBlocked(c.blocked))
    chime.current = c
    c.start()
    const unlock = () => c.unlock()
    window.addEventListener('pointerdown', unlock)
    window.addEventListener('keydown', unlock)
    return () => {
      window.removeEventListener('pointerdown', unlock)
      window.removeEventListener('keydown', unlock)
      c.stop()
    }
  }, [])

  useEffect(() => {
    if (!frame || live.stale()) return
    const level = mostUrgent(watch.current.look(frame.agents, live.tickNow()))
    if (level && !muted) chime.current?.play(level)
  }, [live, frame, muted, tick])

  const toggle = useCallback(() => {
    setMuted((old) => {
      remember('muted', old ? '0' : '1')
      return !old
    })
  }, [])
  return { muted, blocked: blocked && !muted, toggle }
}

function toggleFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen()
  else void document.documentElement.requestFullscreen?.().catch(() => undefined)
}

export default function Wallboard() {
  const live = useLive()
  const { frame, phase } = useSnapshot(live)
  const { t, name, toggle: toggleLanguage } = useLanguage()
  const sound = useSound(live, frame)
  const [help, setHelp] = useState(false)
  useTick()
  useNewBuild(frame?.since)
  useTitle(t('title.wallboard'), frame ? name(frame.centre) : undefined)
  useKeys({
    m: sound.toggle,
    l: toggleLanguage,
    f: toggleFullScreen,
    '?': () => setHelp((h) => !h),
    escape: () => setHelp(false),
  })

  const stale = live.stale()
  const layout = layoutOf(frame?.queues.length ?? 0)
  const columns = agentColumns(frame?.agents.length ?? 0)
  const rows = Math.ceil((frame?.agents.length ?? 0) / columns)
  const room = rows <= 1 ? ' roomy' : rows > 3 ? ' crowded' : ''
  return (
    <LiveContext value={live}>
      <div className={`wall${stale ? ' is-stale' : ''}${frame && !frame.switch ? ' is-cut' : ''}`}>
        <Header frame={frame} live={live} stale={stale} sound={sound} onFull={toggleFullScreen} onHelp={() => setHelp(true)} />
        <Banner live={live} frame={frame} phase={phase} />
        {frame && <Floor emergency={frame.emergency} alerts={frame.alerts} timezone={frame.timezone} />}
        {frame && frame.queues.length > 0 ? (
          <main className={`board${room}`}>
            <Queues queues={frame.queues} calls={frame.calls} layout={layout} />
            <Agents agents={frame.agents} queues={frame.queues} columns={columns} />
          </main>
        ) : (
          <Empty frame={frame} phase={phase} />
        )}
        {help && <Help onClose={() => setHelp(false)} />}
      </div>
    </LiveContext>
  )
}
