import { fill, useLanguage } from '../i18n'

const zh = {
  label: '录音播放器',
  play: '播放',
  pause: '暂停',
  speed: '语速',
  silence: '跳过静音',
  both: '双方',
  caller: '客户',
  agent: '坐席',
  listen: '收听',
  download: '下载',
  'why.title': '为什么要听这段录音？',
  'why.hint': '收听和下载都会记入审计日志（谁、何时、哪段录音、原因）。',
  'why.other': '说明原因',
  'why.quality': '质检评分',
  'why.complaint': '投诉处理',
  'why.coaching': '辅导',
  'why.training': '培训',
  'why.legal': '法律或合规要求',
  'why.else': '其他',
  loading: '正在加载…',
  'gone.title': '无法播放这段录音',
  again: '重试',
  wave: '波形：上方为客户，下方为坐席。按左右键移动。',
  nowave: '暂无波形',
  help: '快捷键：空格 播放/暂停 · ←/→ 5 秒 · Shift+←/→ 1 秒 · [ ] 语速 · S 跳过静音 · M 在此处添加评语',
  position: '{at} / {length}',
  muted: '静音保护',
  comment: '评语',
}

type Words = Record<keyof typeof zh, string>

const en: Words = {
  label: 'Recording player',
  play: 'Play',
  pause: 'Pause',
  speed: 'Speed',
  silence: 'Skip silence',
  both: 'Both',
  caller: 'Caller',
  agent: 'Agent',
  listen: 'Listen',
  download: 'Download',
  'why.title': 'Why do you listen to this recording?',
  'why.hint': 'Each listen and download is in the audit log: who, when, which recording, and why.',
  'why.other': 'Say why',
  'why.quality': 'Quality check',
  'why.complaint': 'Complaint',
  'why.coaching': 'Coaching',
  'why.training': 'Training',
  'why.legal': 'Legal or compliance',
  'why.else': 'Other',
  loading: 'Loading…',
  'gone.title': 'This recording cannot be played',
  again: 'Try again',
  wave: 'Wave form: caller above, agent below. Arrow keys move.',
  nowave: 'No wave form yet',
  help: 'Keys: space play/pause · ←/→ 5 s · Shift+←/→ 1 s · [ ] speed · S skip silence · M comment here',
  position: '{at} / {length}',
  muted: 'muted for privacy',
  comment: 'Comment',
}

export type PlayerKey = keyof Words

/** The player's words in the reader's language. */
export function usePlayerText(): (key: PlayerKey, values?: Record<string, string | number>) => string {
  const { lang } = useLanguage()
  const words = lang === 'en' ? en : zh
  return (key, values) => fill(words[key], values)
}
