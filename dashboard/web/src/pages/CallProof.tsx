import { Tag } from 'antd'
import { useEffect, useState, type ReactNode } from 'react'
import { useLanguage } from '../i18n'
import { duration, seconds } from '../time'
import { request } from './api'
import { gapText, shares, type Gap, type GapPage, type Speech } from './proofData'
import { useProofText } from './proofText'
import './proof.css'

/** What was found in a call's recording: gaps, and how both spoke. Nothing is shown of what cannot be read. */
export function CallProof({ call, agent }: { call: string; agent: (id: string) => string }) {
  const { t } = useLanguage()
  const { say, one } = useProofText()
  const [gaps, setGaps] = useState<Gap[] | null>(null)
  const [speech, setSpeech] = useState<Speech[]>([])
  useEffect(() => {
    let wanted = true
    const id = encodeURIComponent(call)
    request<GapPage>('GET', `/recordings/gaps?call=${id}`)
      .then((r) => wanted && setGaps(r.gaps))
      .catch(() => undefined)
    request<{ speech: Speech[] }>('GET', `/calls/${id}/speech`)
      .then((r) => wanted && setSpeech(r.speech))
      .catch(() => undefined)
    return () => {
      wanted = false
    }
  }, [call])
  // Of one agent alone the whole says it all.
  const shown = speech.length === 2 ? speech.slice(0, 1) : speech
  return (
    <>
      {gaps && (gaps.length > 0 || speech.length > 0) && (
        <ul className="gaps" aria-label={say('gaps')}>
          {gaps.length === 0 && <li className="dim">✓ {say('whole')}</li>}
          {gaps.map((g) => (
            <li key={g.n} data-gap={g.reason}>
              <Tag color="warning">{one('reason', g.reason)}</Tag>
              <span className="dim">{one('side', g.channel)}</span>
              <p>{gapText(say, g)}</p>
            </li>
          ))}
        </ul>
      )}
      {shown.length > 0 && (
        <>
          <h3>{say('speech')}</h3>
          {shown.map((s) => (
            <section key={s.agent} className="speech" data-speech={s.agent || 'all'}>
              {shown.length > 1 && <h4>{s.agent ? agent(s.agent) : say('speech.all')}</h4>}
              <Bar of={s} />
              <dl className="drawer-facts num">
                <Fact name={say('speech.talk')}>{share(s.agent_talk_ms, s)}</Fact>
                <Fact name={say('speech.listen')}>{share(s.caller_talk_ms, s)}</Fact>
                <Fact name={say('speech.cross')}>{say('seconds', { n: seconds(s.crosstalk_ms) })}</Fact>
                <Fact name={say('speech.dead')}>
                  {duration(s.dead_air_ms)}
                  <small>{say('speech.longest', { time: say('seconds', { n: seconds(s.longest_dead_air_ms) }) })}</small>
                </Fact>
                <Fact name={say('speech.monologue')}>{duration(s.longest_monologue_ms)}</Fact>
                <Fact name={say('speech.first')}>{s.first_word_ms === null ? say('speech.never') : say('seconds', { n: seconds(s.first_word_ms) })}</Fact>
                <Fact name={say('speech.interrupt')}>{say('speech.times', { n: s.interruptions })}</Fact>
                <Fact name={say('speech.loud')}>
                  {s.agent_dbfs ?? t('fig.none')} / {s.caller_dbfs ?? t('fig.none')} dBFS
                </Fact>
              </dl>
            </section>
          ))}
        </>
      )}
    </>
  )
}

const share = (ms: number, of: Speech) => (
  <>
    {duration(ms)}
    <small>{of.length_ms > 0 ? Math.round((100 * ms) / of.length_ms) : 0} %</small>
  </>
)

/** Who speaks how much; the figures below say it in words. */
function Bar({ of }: { of: Speech }) {
  const s = shares(of)
  return (
    <div className="speech-bar" aria-hidden="true">
      {(['agent', 'both', 'caller', 'dead'] as const).map((k) => s[k] > 0 && <i key={k} className={k} style={{ width: `${s[k]}%` }} title={`${s[k]} %`} />)}
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
