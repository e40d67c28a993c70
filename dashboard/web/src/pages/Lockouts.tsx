import { Alert, App as AntApp, Button } from 'antd'
import { useEffect } from 'react'
import './account.css'
import { clock } from '../time'
import { useAccountText } from './accountText'
import { useAsk } from './useAsk'
import { useHouse } from './useCalls'
import { useRead } from './useRead'

interface Lockout {
  kind: 'password' | 'code' | 'address'
  subject: string
  failed: number
  until: string
}

const AGAIN_MS = 15_000

/** Who has failed to sign in so often that they must wait; nothing while there is nobody. */
export function Lockouts({ onSignedOut }: { onSignedOut: () => void }) {
  const text = useAccountText()
  const { message } = AntApp.useApp()
  const { frame } = useHouse()
  const { value, read } = useRead<{ lockouts: Lockout[] }>('/lockouts', onSignedOut)
  const ask = useAsk(onSignedOut)
  useEffect(() => {
    const timer = setInterval(read, AGAIN_MS)
    return () => clearInterval(timer)
  }, [read])
  const free = async (l: Lockout) => {
    if (await ask('DELETE', `/lockouts?${new URLSearchParams({ kind: l.kind, subject: l.subject }).toString()}`)) void message.success(text('locked.freed', { name: l.subject }))
    read()
  }
  const all = value?.lockouts ?? []
  if (all.length === 0) return null
  return (
    <Alert
      className="lockouts"
      type="warning"
      title={text('locked.title')}
      description={
        <ul>
          {all.map((l) => (
            <li key={`${l.kind} ${l.subject}`}>
              <span>
                {text(`locked.${l.kind}`, { name: l.subject, n: l.failed })} · <span className="num">{text('locked.until', { time: clock(Date.parse(l.until), frame?.timezone ?? 'Asia/Shanghai') })}</span>
              </span>
              <Button size="small" onClick={() => void free(l)}>
                {text('locked.free')}
              </Button>
            </li>
          ))}
        </ul>
      }
    />
  )
}
