import { Form, Input, Modal, Select, type InputRef } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useLanguage } from '../i18n'
import { bare, canBan, LENGTHS } from './limitsData'
import { forText } from './limitsText'

export interface Wanted {
  number: string
  for_ms: number
  note: string
}

interface Props {
  /** The number to begin with; null: closed. */
  number: string | null
  known: (number: string) => boolean
  /** What is wrong, in words; empty: done. */
  send: (w: Wanted) => Promise<string>
  onClose: () => void
}

/** Asks which number, for how long and why. */
export function BanModal({ number, known, send, onClose }: Props) {
  const { t } = useLanguage()
  const [form] = Form.useForm<Wanted>()
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState('')
  const first = useRef<InputRef>(null)
  const typed = bare(Form.useWatch('number', form) ?? '')
  useEffect(() => {
    if (number === null) return
    setWrong('')
    form.setFieldsValue({ number, for_ms: LENGTHS[1], note: '' })
  }, [number, form])
  const go = async (w: Wanted) => {
    if (busy) return
    setBusy(true)
    const said = await send({ ...w, number: bare(w.number), note: (w.note ?? '').trim() })
    setBusy(false)
    setWrong(said)
    if (said === '') onClose()
  }
  return (
    <Modal open={number !== null} title={t('bans.add')} okText={t('bans.do')} cancelText={t('help.close')} okButtonProps={{ danger: true }} confirmLoading={busy} onOk={() => form.submit()} onCancel={onClose} afterOpenChange={(open) => open && first.current?.focus()} forceRender>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(w: Wanted) => void go(w)} onValuesChange={() => setWrong('')}>
        <Form.Item
          name="number"
          label={t('bans.number')}
          extra={known(typed) ? t('bans.known') : t('bans.number.hint')}
          {...(wrong ? { validateStatus: 'error', help: wrong } : {})}
          rules={[{ validator: (_, v: string) => (canBan(bare(v ?? '')) ? Promise.resolve() : Promise.reject(new Error(t(bare(v ?? '') === '' ? 'bans.number.needed' : 'problem.bad_number')))) }]}
          validateTrigger="onSubmit"
        >
          <Input ref={first} inputMode="tel" autoComplete="off" maxLength={40} className="num" onPressEnter={() => form.submit()} />
        </Form.Item>
        <Form.Item name="for_ms" label={t('bans.for')}>
          <Select options={LENGTHS.map((ms) => ({ value: ms, label: forText(t, ms) }))} />
        </Form.Item>
        <Form.Item name="note" label={t('bans.note')}>
          <Input maxLength={200} placeholder={t('bans.note.hint')} onPressEnter={() => form.submit()} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
