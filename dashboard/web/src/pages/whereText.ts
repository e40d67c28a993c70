import { useLanguage } from '../i18n'

const zh = {
  title: '录音在哪里',
  'step.captured': '已录制',
  'step.fetched': '已取回',
  'step.proved': '已校验',
  'step.encoded': '已编码加密',
  'step.stored': '已入库',
  'step.removed': '源文件已清除',
  store: '存放处',
  'object.there': '完好',
  'object.gone': '不在库中',
  'object.cut': '长度不符',
  filed: '哈希树',
  'filed.not': '当日尚未归档',
  raw: '源文件',
  'raw.there': '仍在话务服务器上',
  note: '说明',
  held: '已保留，到期也不销毁',
  erased: '录音已销毁，无法恢复',
  hold: '保留录音',
  release: '解除保留',
  why: '原因',
  cancel: '取消',
}
const en: Record<keyof typeof zh, string> = {
  title: 'Where the recording is',
  'step.captured': 'Captured',
  'step.fetched': 'Fetched',
  'step.proved': 'Proved',
  'step.encoded': 'Encoded, encrypted',
  'step.stored': 'Stored',
  'step.removed': 'Removed at the source',
  store: 'Store',
  'object.there': 'there',
  'object.gone': 'not there',
  'object.cut': 'not as long as it was',
  filed: 'Hash tree',
  'filed.not': 'its day is not closed yet',
  raw: 'Source',
  'raw.there': 'still on the switch',
  note: 'Note',
  held: 'Held: not erased when its time is over',
  erased: 'Erased for good',
  hold: 'Hold the recording',
  release: 'End the hold',
  why: 'Why',
  cancel: 'Cancel',
}

/** What cannot be said in the house's words is said as it came. */
export function useWhereText() {
  const { lang } = useLanguage()
  const words: Record<string, string> = lang === 'en' ? en : zh
  return (key: string) => words[key] ?? key.replace(/^\w+\./, '')
}
