// Shapes that mean the same as the colours, for eyes that do not tell colours apart.

import type { AgentState } from '../wire'

const paths: Record<AgentState, string> = {
  ready: 'M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13Z',
  reserved: 'M8 1c-2.8 0-4.6 2-4.6 4.7v3L2 11.2h12l-1.4-2.5v-3C12.600 3 10.800 1 8 1ZM6.200 12.500a1.900 1.900 0 0 0 3.600 0Z',
  on_call: 'M4.300 1.300 6.500 4.700 5 6.500c.8 1.900 2.500 3.700 4.500 4.500l1.800-1.500 3.400 2.200-.7 2.500c-.2.500-.6.800-1.100.800C7 14.800 1.200 9 1 3.100c0-.5.300-1 .8-1.100Z',
  wrap_up: 'M2 12.200V15h2.800l7.600-7.600-2.800-2.800Zm12.500-6.900a1 1 0 0 0 0-1.400l-1.900-1.900a1 1 0 0 0-1.400 0L9.900 3.300l3.300 3.300Z',
  not_ready: 'M8 1.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 0 0 0-13ZM4.500 7h7v2h-7Z',
  logged_out: 'M8 1.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 0 0 0-13Zm0 2a4.500 4.500 0 1 1 0 9a4.500 4.500 0 0 1 0-9Z',
}

export function StateIcon({ state }: { state: AgentState }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[state]} fill="currentColor" fillRule="evenodd" />
    </svg>
  )
}

export function SoundIcon({ on }: { on: boolean }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round">
      <path d="M4 9.500v5h3.500L12 18.500v-13L7.500 9.500Z" fill="currentColor" stroke="none" />
      {on ? <path d="M15.500 9a4.200 4.200 0 0 1 0 6M18.200 6.300a8 8 0 0 1 0 11.400" /> : <path d="m16 9.500 5 5m0-5-5 5" />}
    </svg>
  )
}

export function FullIcon() {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round">
      <path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" />
    </svg>
  )
}
