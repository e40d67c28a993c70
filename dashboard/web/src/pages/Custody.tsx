import { Button, Input } from 'antd'
import { useState, type FormEvent } from 'react'
import { navigate } from '../app/router'
import { useTitle } from '../i18n'
import type { Session } from './api'
import { RecordingWhere } from './RecordingWhere'
import { useHouse } from './useCalls'
import { useWhereText } from './whereText'
import './recordings.css'

/** One recording's custody, by the number of its call, for who may not hear it: an administrator erases here. ?call= names it. */
export default function Custody({ session }: { session: Session }) {
  const s = useWhereText()
  const { frame } = useHouse()
  const [call, setCall] = useState(() => new URLSearchParams(window.location.search).get('call') ?? '')
  const [found, setFound] = useState(call)
  useTitle(s('find.title'))
  const find = (e: FormEvent) => {
    e.preventDefault()
    const id = call.trim()
    setFound(id)
    navigate(id ? `/custody?call=${encodeURIComponent(id)}` : '/custody', true)
  }
  return (
    <main className="desk-page custody">
      <div className="desk-head">
        <h1>{s('find.title')}</h1>
      </div>
      <p className="dim">{s('find.hint')}</p>
      <form className="custody-find" onSubmit={find}>
        <label htmlFor="custody-call">{s('find.label')}</label>
        <Input id="custody-call" value={call} maxLength={100} onChange={(e) => setCall(e.target.value)} autoFocus spellCheck={false} />
        <Button type="primary" htmlType="submit" disabled={!call.trim()}>
          {s('find.open')}
        </Button>
      </form>
      {found && <RecordingWhere key={found} call={found} session={session} zone={frame?.timezone ?? 'Asia/Shanghai'} opened />}
    </main>
  )
}
