// What is said of a conversation's recording: card data must not be in it
// (R14.1). Both languages are here, Chinese first.

const text = {
  zh: {
    runs: '录音中',
    muted: '录音已静音',
    none: '本通不录音',
    left: '后自动恢复录音',
    failed: '静音未生效：现在说的仍在录音，请先不要让客户报卡号。正在重试；这一段在存档时会抹成静音。',
    stuck: '尚未恢复录音，正在重试。时间线上已标明。',
    tile: '录音静音',
    hint: '客户报卡号、验证码时按下；双方照常通话',
  },
  en: {
    runs: 'Recording',
    muted: 'Recording muted',
    none: 'Not recorded',
    left: 'until it goes on by itself',
    failed: 'Muting did NOT take effect: what is said now is recorded. Let the customer wait with the card\'s number. It is being tried; this stretch is silenced when the recording is kept.',
    stuck: 'The recording has not gone on yet. It is being tried, and the timeline says so.',
    tile: 'rec. muted',
    hint: 'While the customer says a card\'s number or code; you go on hearing each other',
  },
}

export type TapeWord = keyof (typeof text)['zh']
export const tapeText = (lang: string, word: TapeWord): string => text[lang === 'en' ? 'en' : 'zh'][word]
