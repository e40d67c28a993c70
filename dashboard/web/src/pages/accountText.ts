import { useCallback } from 'react'
import { fill, useLanguage } from '../i18n'

/** The words of accounts and the second factor: Chinese, then English. */
const WORDS = {
  title: ['双重验证', 'Second factor'],
  menu: ['双重验证', 'Second factor'],
  what: ['登录时除了密码，再输入手机上验证器应用（如 Microsoft Authenticator、Google Authenticator、FreeOTP）显示的 6 位验证码。密码泄露了，别人也进不来。', 'When you sign in you also enter the 6 digits that an app on your phone shows (such as FreeOTP, Google or Microsoft Authenticator). A password that leaks then opens nothing.'],
  demanded: ['您的角色必须启用双重验证，启用后才能使用其他页面。', 'Your role must have a second factor. The other pages open once it is set up.'],
  password: ['当前密码', 'Current password'],
  begin: ['开始设置', 'Set up'],
  'step.scan': ['1. 用验证器应用扫描二维码', '1. Scan this code with the app'],
  'step.type': ['扫不了？在应用里手动输入这个密钥：', 'No camera? Type this key into the app:'],
  'step.code': ['2. 输入应用显示的 6 位验证码', '2. Enter the 6 digits that the app shows'],
  'qr.label': ['双重验证二维码', 'QR code of the second factor'],
  code: ['验证码', 'Code'],
  'code.either': ['验证码或恢复码', 'Code, or a recovery code'],
  'code.hint': ['应用里的 6 位数字；手机不在身边时，用一个恢复码。', 'The 6 digits in your app; without your phone, one of your recovery codes.'],
  'code.needed': ['请输入验证码', 'Enter the code'],
  confirm: ['确认并启用', 'Confirm'],
  'wrong.password': ['密码不对，请再试一次。', 'The password is wrong. Try again.'],
  'codes.title': ['请保存好这 10 个恢复码', 'Keep these 10 recovery codes'],
  'codes.hint': ['手机丢了或换了时，每个恢复码可以代替验证码登录一次。只显示这一次：打印出来，或存进密码管理器。', 'Without your phone, each of them signs you in once in place of a code. They are shown only now: print them, or put them into a password manager.'],
  'codes.copy': ['复制', 'Copy'],
  'codes.copied': ['已复制', 'Copied'],
  'codes.kept': ['我已保存好', 'I have kept them'],
  on: ['已启用（{since}）', 'On since {since}'],
  left: ['还剩 {n} 个恢复码', '{n} recovery codes left'],
  'left.few': ['恢复码快用完了，请换一批新的。', 'Few recovery codes are left: make new ones.'],
  renew: ['换一批恢复码', 'New recovery codes'],
  'renew.hint': ['旧的恢复码全部作废。', 'The old ones no longer work.'],
  end: ['停用或更换手机', 'Turn off, or use another phone'],
  'end.hint': ['停用后可以重新设置。其他设备上的登录会全部退出。', 'It can be set up again afterwards. You are signed out on all other devices.'],
  'end.do': ['停用', 'Turn off'],
  ended: ['双重验证已停用', 'The second factor is off'],
  cancel: ['取消', 'Cancel'],
  failed: ['没能读取（{detail}）。', 'It could not be read ({detail}).'],
  retry: ['重试', 'Try again'],
  'login.next': ['继续', 'Continue'],
  'login.back': ['换个账号', 'Another account'],
  'login.as': ['{name}，请输入验证码', 'Enter the code of {name}'],
  'users.on': ['双重验证', 'Second factor'],
  'users.reset': ['重置双重验证', 'Reset second factor'],
  'users.reset.ask': ['重置 {name} 的双重验证？', 'Reset the second factor of {name}?'],
  'users.reset.hint': ['手机和恢复码都丢了时用。此后只用密码就能登录，请先确认对方身份。对方会在所有设备上退出。', 'For a phone and recovery codes that are lost. The password alone then signs in, so make sure who is asking. They are signed out everywhere.'],
  'users.reset.done': ['{name} 的双重验证已重置', 'The second factor of {name} is reset'],
  'users.teams': ['班组', 'Teams'],
  'users.teams.hint': ['只能看到和操作这些班组的坐席、通话和录音；不选则不限。', 'Sees and acts on the agents, calls and recordings of these teams alone; none chosen: all.'],
  'users.teams.all': ['全部班组', 'All teams'],
  'locked.title': ['现在要等待才能再试登录的', 'Who must wait before the next sign-in'],
  'locked.password': ['{name}：密码错了 {n} 次', '{name}: {n} wrong passwords'],
  'locked.code': ['{name}：验证码错了 {n} 次', '{name}: {n} wrong codes'],
  'locked.address': ['地址 {name}：失败 {n} 次', 'Address {name}: {n} failures'],
  'locked.until': ['到 {time}', 'until {time}'],
  'locked.free': ['解除', 'Let go on'],
  'locked.freed': ['{name} 可以再试了', '{name} may try again'],
} as const satisfies Record<string, readonly [string, string]>

export type AccountKey = keyof typeof WORDS

export function useAccountText() {
  const { lang } = useLanguage()
  return useCallback((key: AccountKey, values?: Record<string, string | number>) => fill(WORDS[key][lang === 'en' ? 1 : 0], values), [lang])
}
