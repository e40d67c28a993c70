import { App as AntApp, Button, Dropdown } from 'antd'
import { navigate } from '../app/router'
import { useLanguage } from '../i18n'
import { useAccountText } from './accountText'
import { request, type Session } from './api'

/** Who is signed in, and what they can do about that. */
export function AccountMenu({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { t, word } = useLanguage()
  const text = useAccountText()
  const { modal } = AntApp.useApp()
  const end = (path: string) => {
    request('DELETE', path)
      .catch(() => undefined) // here the cookie is gone all the same, or it was no session any more
      .finally(onSignedOut)
  }
  const items = [
    { key: 'who', type: 'group' as const, label: `${session.name} · ${word('role', session.role)}` },
    { key: 'password', label: t('password.change') },
    { key: 'factor', label: text('menu') },
    { key: 'everywhere', label: t('account.everywhere') },
    { key: 'out', label: t('nav.logout') },
  ]
  const chosen = (key: string) => {
    if (key === 'password') navigate('/password')
    else if (key === 'factor') navigate('/factor')
    else if (key === 'out') end('/session')
    else modal.confirm({ title: t('account.everywhere.ask'), content: t('account.everywhere.hint'), okText: t('account.everywhere'), onOk: () => end('/sessions') })
  }
  return (
    <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => chosen(key) }}>
      <Button type="text" aria-haspopup="menu" aria-label={t('login.as', { name: session.name })}>
        <span className="desk-name">{session.name}</span> ▾
      </Button>
    </Dropdown>
  )
}
