import { Button, Input } from 'antd'
import { useState } from 'react'
import { moment, type Form, type Remark } from './data'
import { useQuality } from './text'

/** Comments in the order of the recording; pressing a moment goes there. */
export function Remarks({ form, remarks, onSeek, onRemove }: { form: Form; remarks: readonly Remark[]; onSeek: (ms: number) => void; onRemove?: (r: Remark) => void }) {
  const { q, both } = useQuality()
  const sorted = [...remarks].sort((a, b) => a.at_ms - b.at_ms)
  const items = form.sections.flatMap((s) => s.items)
  if (sorted.length === 0) return <p className="dim">{onRemove ? q('comment.hint') : q('comment.none')}</p>
  return (
    <ul className="remarks">
      {sorted.map((r) => (
        <li key={`${r.at_ms} ${r.item} ${r.text}`}>
          {r.at_ms >= 0 && (
            <button type="button" className="at num" onClick={() => onSeek(r.at_ms)}>
              {moment(r.at_ms)}
            </button>
          )}
          <p>
            {r.item && <small className="dim">{both(items.find((i) => i.id === r.item)?.name)} </small>}
            {r.text}
          </p>
          {onRemove && (
            <Button size="small" type="text" onClick={() => onRemove(r)}>
              {q('remove')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}

/** The field that a comment is written in; Enter adds it. */
export function RemarkField({ at, onAdd, onCancel }: { at: number; onAdd: (text: string) => void; onCancel: () => void }) {
  const { q } = useQuality()
  const [text, setText] = useState('')
  const label = at < 0 ? q('comment.whole') : q('comment.at', { at: moment(at) })
  return (
    <div className="remark-new">
      <Input.TextArea
        autoFocus
        rows={2}
        aria-label={label}
        placeholder={label}
        maxLength={4000}
        value={text}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === 'Escape') onCancel()
          if (e.key !== 'Enter' || e.shiftKey || e.nativeEvent.isComposing || !text.trim()) return
          e.preventDefault()
          onAdd(text.trim())
        }}
      />
      <span className="judge-actions">
        <Button type="primary" size="small" disabled={!text.trim()} onClick={() => onAdd(text.trim())}>
          {q('comment.add')}
        </Button>
        <Button size="small" onClick={onCancel}>
          {q('cancel')}
        </Button>
      </span>
    </div>
  )
}
