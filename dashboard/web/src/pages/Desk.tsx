import { App as AntApp, Button, ConfigProvider, theme } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { Nav } from '../app/Nav'
import { giveStylesNonce } from '../app/nonce'
import { Link, navigate } from '../app/router'
import { useLanguage, useTitle } from '../i18n'
import { AccountMenu } from './AccountMenu'
import { problemOf, whoAmI, type Session } from './api'
import './desk.css'

const Login = lazy(() => import('./Login'))
const MyDesk = lazy(() => import('./MyDesk'))
const Agents = lazy(() => import('./Agents'))
const Calls = lazy(() => import('./Calls'))
const Gaps = lazy(() => import('./Gaps'))
const Recordings = lazy(() => import('./Recordings'))
const RecordingPage = lazy(() => import('./RecordingPage'))
const Limits = lazy(() => import('./Limits'))
const Evaluations = lazy(() => import('../quality/Evaluations'))
const Evaluation = lazy(() => import('../quality/Evaluation'))
const Scores = lazy(() => import('../quality/Scores'))
const Forms = lazy(() => import('../quality/Forms'))
const Calibrations = lazy(() => import('../quality/Calibrations'))
const Coaching = lazy(() => import('../quality/Coaching'))
const Plans = lazy(() => import('../sampling/Plans'))
const DrawPage = lazy(() => import('../sampling/DrawPage'))
const Tasks = lazy(() => import('../sampling/Tasks'))
const Password = lazy(() => import('./Password'))
const Factor = lazy(() => import('./Factor'))
const Users = lazy(() => import('./Users'))
const Tokens = lazy(() => import('./Tokens'))
const Audit = lazy(() => import('./Audit'))
const Custody = lazy(() => import('./Custody'))

/** Pages for who is signed in. */
const GUARDED = new Set(['/desk', '/agents', '/calls', '/recordings', '/recordings/gaps', '/limits', '/qa/evaluations', '/qa/scores', '/qa/plans', '/qa/tasks', '/qa/forms', '/qa/calibrations', '/qa/coaching', '/users', '/tokens', '/audit', '/custody', '/password', '/factor'])

giveStylesNonce()

const AGAIN_MS = 2000

// Some get dizzy of what slides and grows; their system says so.
const STILL = window.matchMedia('(prefers-reduced-motion: reduce)').matches

/** Who is signed in: undefined while asking, null for nobody. A server that cannot say is asked again: it signs nobody out. */
function useSession() {
  const [session, setSession] = useState<Session | null | undefined>()
  // At once: the page that comes next must find it so, or it would ask for a login again.
  const set = useCallback((s: Session | null) => flushSync(() => setSession(s)), [])
  const ask = useCallback(
    () =>
      whoAmI().then((s) => {
        set(s)
        return s
      }),
    [set],
  )
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () =>
      void ask().catch((e: unknown) => {
        if (problemOf(e).status === 401) set(null)
        else timer = setTimeout(look, AGAIN_MS)
      })
    look()
    return () => clearTimeout(timer)
  }, [ask, set])
  return { session, set, ask }
}

export default function Desk({ path }: { path: string }) {
  const { lang } = useLanguage()
  return (
    <ConfigProvider
      locale={lang === 'en' ? enUS : zhCN}
      button={{ autoInsertSpace: false }}
      theme={{
        algorithm: theme.darkAlgorithm,
        token: {
          colorPrimary: '#4cc9a6',
          colorInfo: '#69b1ff',
          colorWarning: '#f6b73c',
          colorError: '#ff5a5f',
          colorBgBase: '#0a0e13',
          colorBgContainer: '#111821',
          colorBgElevated: '#18212c',
          colorTextLightSolid: '#06281f',
          colorTextPlaceholder: '#8796a5',
          colorBorder: '#33414f',
          colorBorderDisabled: '#1e2935',
          colorBorderSecondary: '#1e2935',
          borderRadius: 10,
          fontSize: 15,
          fontFamily: 'inherit',
          motion: !STILL,
        },
        components: { Table: { headerBg: '#111821', rowHoverBg: '#18212c', headerSplitColor: 'transparent', cellPaddingBlock: 13 } },
      }}
    >
      <AntApp className="desk">
        <Pages path={path} />
      </AntApp>
    </ConfigProvider>
  )
}

function Pages({ path }: { path: string }) {
  const { t, toggle } = useLanguage()
  const { session, set: setSession, ask } = useSession()
  const evaluation = /^\/qa\/evaluations\/(\w+)$/.exec(path)?.[1]
  const draw = /^\/qa\/draws\/(\w+)$/.exec(path)?.[1]
  const one = /^\/recordings\/([^/]+)$/.exec(path)
  const recording = one?.[1] && one[1] !== 'gaps' ? decodeURIComponent(one[1]) : ''
  const guarded = GUARDED.has(path) || recording !== '' || evaluation !== undefined || draw !== undefined
  // With a first password, or without a second factor that the role demands, there is one page.
  const only = session?.must_change ? '/password' : session?.must_enrol ? '/factor' : null
  const held = only !== null

  const leave = useCallback(() => {
    setSession(null)
    navigate(`/login?next=${path}`)
  }, [path, setSession])
  useEffect(() => {
    if (guarded && session === null) navigate(`/login?next=${path}`, true)
    if (guarded && only && path !== only) navigate(only, true)
  }, [guarded, only, session, path])

  const signedOut = () => {
    setSession(null)
    navigate('/login')
  }
  return (
    <>
      <header className="desk-top">
        <Nav path={path} floating={false} session={session ?? null} />
        <span className="desk-who">
          <Button type="text" onClick={toggle} title={t('lang.switch')} aria-label={`${t('lang.short')} ${t('lang.switch')}`}>
            {t('lang.short')}
          </Button>
          {session ? (
            <AccountMenu session={session} onSignedOut={signedOut} />
          ) : (
            path !== '/login' && <Link href="/login">{t('nav.login')}</Link>
          )}
        </span>
      </header>
      <Suspense fallback={null}>
        {path === '/login' && <Login onSignedIn={ask} />}
        {path === '/password' && session && <Password session={session} onChanged={ask} />}
        {path === '/factor' && session && !session.must_change && <Factor session={session} onChanged={ask} />}
        {path === '/desk' && session && !held && <MyDesk session={session} onSignedOut={leave} />}
        {path === '/agents' && session && !held && <Agents session={session} onSignedOut={leave} />}
        {path === '/calls' && session && !held && <Calls session={session} onSignedOut={leave} />}
        {path === '/recordings' && session && !held && <Recordings onSignedOut={leave} />}
        {recording && session && !held && <RecordingPage key={recording} call={recording} session={session} onSignedOut={leave} />}
        {path === '/recordings/gaps' && session && !held && <Gaps onSignedOut={leave} />}
        {path === '/limits' && session && !held && <Limits onSignedOut={leave} />}
        {path === '/qa/evaluations' && session && !held && <Evaluations session={session} onSignedOut={leave} />}
        {evaluation && session && !held && <Evaluation key={evaluation} id={evaluation} session={session} onSignedOut={leave} />}
        {path === '/qa/scores' && session && !held && <Scores session={session} onSignedOut={leave} />}
        {path === '/qa/forms' && session && !held && <Forms session={session} onSignedOut={leave} />}
        {path === '/qa/calibrations' && session && !held && <Calibrations session={session} onSignedOut={leave} />}
        {path === '/qa/coaching' && session && !held && <Coaching session={session} onSignedOut={leave} />}
        {path === '/qa/plans' && session && !held && <Plans session={session} onSignedOut={leave} />}
        {draw && session && !held && <DrawPage key={draw} id={draw} session={session} onSignedOut={leave} />}
        {path === '/qa/tasks' && session && !held && <Tasks session={session} onSignedOut={leave} />}
        {path === '/users' && session && !held && <Users session={session} onSignedOut={leave} />}
        {path === '/tokens' && session && !held && <Tokens onSignedOut={leave} />}
        {path === '/custody' && session && !held && <Custody session={session} />}
        {path === '/audit' && session && !held && <Audit onSignedOut={leave} />}
        {path !== '/login' && !guarded && <Missing />}
      </Suspense>
    </>
  )
}

function Missing() {
  const { t } = useLanguage()
  useTitle(t('title.missing'))
  return (
    <main className="desk-page desk-missing">
      <h1>{t('page.missing')}</h1>
      <p>{t('page.missing.hint')}</p>
      <Link href="/wallboard">{t('login.back')}</Link>
    </main>
  )
}
