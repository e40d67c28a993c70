import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { usePlayerText } from './text'

const REASONS = ['quality', 'complaint', 'coaching', 'training', 'legal', 'else'] as const

/** Asks for what a recording is listened to: each listen is on record with it (R9.3). */
export function Why({ onListen }: { onListen: (why: string) => void }) {
  const t = usePlayerText()
  const [kind, setKind] = useState<(typeof REASONS)[number]>('quality')
  const [more, setMore] = useState('')
  const said = more.trim()
  const ready = kind !== 'else' || said !== ''
  return (
    <form
      className="player-why"
      onSubmit={(e) => {
        e.preventDefault()
        if (ready) onListen([kind === 'else' ? '' : t(`why.${kind}`), said].filter(Boolean).join(': '))
      }}
    >
      <b>{t('why.title')}</b>
      <div className="player-row">
        <Select aria-label={t('why.title')} value={kind} onChange={setKind} options={REASONS.map((r) => ({ value: r, label: t(`why.${r}`) }))} className="player-kind" />
        <Input aria-label={t('why.other')} placeholder={t('why.other')} maxLength={120} value={more} onChange={(e) => setMore(e.target.value)} />
        <Button type="primary" htmlType="submit" disabled={!ready}>
          {t('listen')}
        </Button>
      </div>
      <small className="dim">{t('why.hint')}</small>
    </form>
  )
}
