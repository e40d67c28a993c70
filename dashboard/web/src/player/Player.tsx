import { Alert, Button, Segmented, Select, Switch } from 'antd'
import { useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, type Ref } from 'react'
import { useLanguage } from '../i18n'
import { request } from '../pages/api'
import './player.css'
import { usePlayerText } from './text'
import { useAudio, type Side } from './useAudio'
import { beyondSilence, draw, parsePeaks, silences, together, type Mark, type Peaks } from './wave'
import { Why } from './Why'

export interface Pin {
  id: string
  atMs: number
  text: string
}

export interface PlayerHandle {
  seek: (ms: number) => void
  now: () => number
}

interface Props {
  call: string
  /** Remarks at moments; pressing one goes there. */
  pins?: readonly Pin[]
  /** What the page is for, when that is clear: nobody is asked then. */
  why?: string
  /** Wanted by the key M, and the button: a remark at this moment. */
  onMoment?: (ms: number) => void
  /** Who may keep a copy. */
  mayDownload?: boolean
  ref?: Ref<PlayerHandle>
}

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3]
const NO_PINS: readonly Pin[] = []
const NO_SKIP = (ms: number) => ms

/** m:ss */
export function minutes(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
}

interface Stretch {
  from_ms: number
  to_ms: number
}

/** The wave form and the marks of a recording; what is not there is not shown. */
function useFacts(call: string) {
  const [peaks, setPeaks] = useState<Peaks | null>(null)
  const [marks, setMarks] = useState<Mark[]>([])
  useEffect(() => {
    let wanted = true
    const base = `/calls/${encodeURIComponent(call)}/recording`
    request<unknown>('GET', `${base}/peaks`)
      .then((v) => wanted && setPeaks(parsePeaks(v)))
      .catch(() => wanted && setPeaks(null))
    request<{ marks: { at_ms: number; kind: string }[]; muted: Stretch[]; private: Stretch[] }>('GET', `${base}/marks`)
      .then((v) => {
        if (!wanted) return
        const hidden = [...v.muted, ...v.private].map((m) => ({ atMs: m.from_ms, kind: '', lengthMs: m.to_ms - m.from_ms }))
        setMarks([...v.marks.map((m) => ({ atMs: m.at_ms, kind: m.kind })), ...hidden])
      })
      .catch(() => wanted && setMarks([]))
    return () => {
      wanted = false
    }
  }, [call])
  return { peaks, marks }
}

/** Plays a recording: both voices as they were, one or the other, faster, without its silences. */
export function Player({ call, pins = NO_PINS, why = '', onMoment, mayDownload = false, ref }: Props) {
  const t = usePlayerText()
  const { word } = useLanguage()
  const [reason, setReason] = useState(why)
  const { peaks, marks } = useFacts(call)
  const [skip, setSkip] = useState(false)
  const [speed, setSpeed] = useState(1)
  const [side, setSide] = useState<Side>('both')
  const quiet = useMemo(() => (peaks ? silences(peaks) : []), [peaks])
  const skipFrom = useMemo(() => (skip ? (ms: number) => beyondSilence(quiet, ms) : NO_SKIP), [skip, quiet])
  const address = `/api/v1/calls/${encodeURIComponent(call)}/recording?why=${encodeURIComponent(reason)}`
  const audio = useAudio(reason ? address : null, skipFrom)
  const { seek, now, toggle } = audio
  const length = audio.length || (peaks ? (peaks.left.length / peaks.rate) * 1000 : 0)
  useImperativeHandle(ref, () => ({ seek, now }), [seek, now])

  const choose = useCallback(
    (x: number) => {
      setSpeed(x)
      audio.setSpeed(x)
    },
    [audio],
  )
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      const on = e.target as HTMLElement | null
      if (!reason || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return
      const range = on instanceof HTMLInputElement && on.type === 'range' // moves by itself; the other keys are ours
      if (range ? e.key.startsWith('Arrow') : on?.closest('input, textarea, select, button, [contenteditable], [role=combobox], [role=dialog], [role=radiogroup]')) return
      const step = e.shiftKey ? 1000 : 5000
      const at = SPEEDS.indexOf(speed)
      switch (e.key) {
        case ' ':
          toggle()
          break
        case 'ArrowLeft':
          seek(now() - step)
          break
        case 'ArrowRight':
          seek(now() + step)
          break
        case '[':
          choose(SPEEDS[Math.max(0, at - 1)] ?? 1)
          break
        case ']':
          choose(SPEEDS[Math.min(SPEEDS.length - 1, at + 1)] ?? 1)
          break
        case 's':
        case 'S':
          setSkip((x) => !x)
          break
        case 'm':
        case 'M':
          onMoment?.(Math.round(now()))
          break
        default:
          return
      }
      e.preventDefault()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [reason, toggle, seek, now, choose, speed, onMoment])

  return (
    <section className="player" aria-label={t('label')}>
      {!reason && <Why onListen={setReason} />}
      <Wave peaks={peaks} marks={marks} pins={pins} at={audio.at} length={length} enabled={reason !== ''} onSeek={seek} nameOf={(kind) => (kind ? word('event', kind) : t('muted'))} />
      {reason && audio.failed && (
        <Alert type="error" title={t('gone.title')} action={<Button onClick={audio.retry}>{t('again')}</Button>} />
      )}
      {reason && !audio.failed && (
        <div className="player-row">
          <Button type="primary" onClick={toggle} className="player-play">
            {t(audio.playing ? 'pause' : 'play')}
          </Button>
          <span className="num player-time">{t('position', { at: minutes(audio.at), length: minutes(length) })}</span>
          <Select aria-label={t('speed')} value={speed} onChange={choose} options={SPEEDS.map((x) => ({ value: x, label: `${x}×` }))} className="player-speed" />
          <Segmented<Side>
            aria-label={t('label')}
            value={side}
            onChange={(s) => {
              setSide(s)
              audio.setSide(s)
            }}
            options={[
              { value: 'both', label: t('both') },
              { value: 'left', label: t('caller') },
              { value: 'right', label: t('agent') },
            ]}
          />
          <label className="player-skip">
            <Switch size="small" checked={skip} disabled={!peaks} onChange={setSkip} aria-label={t('silence')} /> {t('silence')}
          </label>
          {onMoment && <Button onClick={() => onMoment(Math.round(now()))}>{t('comment')}</Button>}
          {mayDownload && (
            <a className="player-download" href={`${address}&download=1`} download>
              {t('download')}
            </a>
          )}
        </div>
      )}
      {reason && <small className="dim player-help">{t('help')}</small>}
    </section>
  )
}

interface WaveProps {
  peaks: Peaks | null
  marks: readonly Mark[]
  pins: readonly Pin[]
  at: number
  length: number
  enabled: boolean
  onSeek: (ms: number) => void
  nameOf: (kind: string) => string
}

function Wave({ peaks, marks, pins, at, length, enabled, onSeek, nameOf }: WaveProps) {
  const t = usePlayerText()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const c = canvas.current
    if (!c) return
    const o = new ResizeObserver(() => setWidth(c.clientWidth))
    o.observe(c)
    return () => o.disconnect()
  }, [])
  const played = length > 0 ? at / length : 0
  useEffect(() => {
    const c = canvas.current
    if (!c) return
    const style = getComputedStyle(c)
    const colour = (name: string) => style.getPropertyValue(name).trim() || '#888'
    draw(c, peaks, played, marks, length, { caller: colour('--blue'), agent: colour('--calm'), dim: colour('--faint'), line: colour('--line-2'), hidden: 'rgba(246, 183, 60, 0.28)' })
  }, [peaks, played, marks, length, width])

  const place = (ms: number) => `${length > 0 ? Math.min(100, (ms / length) * 100) : 0}%`
  return (
    <div className="player-wave">
      <div className="player-marks">
        {length > 0 &&
          together(marks, length).map((group) => (
            <span key={group[0]?.atMs} className="player-mark" style={{ left: place(group[0]?.atMs ?? 0) }} title={group.map((m) => `${minutes(m.atMs)} ${nameOf(m.kind)}`).join('\n')}>
              {nameOf(group[0]?.kind ?? '')}
              {group.length > 1 && ` +${group.length - 1}`}
            </span>
          ))}
      </div>
      <div className="player-lanes">
        <canvas ref={canvas} aria-hidden="true" />
        <input
          type="range"
          min={0}
          max={Math.max(1, Math.round(length))}
          step={100}
          value={Math.min(at, length)}
          disabled={!enabled || length <= 0}
          aria-label={t('wave')}
          aria-valuetext={t('position', { at: minutes(at), length: minutes(length) })}
          onChange={(e) => onSeek(Number(e.target.value))}
        />
      </div>
      <div className="player-pins">
        {length > 0 &&
          pins.map((p) => (
            <button key={p.id} type="button" className="player-pin" style={{ left: place(p.atMs) }} title={p.text} aria-label={`${minutes(p.atMs)} ${p.text}`} onClick={() => onSeek(p.atMs)} />
          ))}
      </div>
      {!peaks && <small className="dim">{t('nowave')}</small>}
    </div>
  )
}
