// Requests to the API, and its problems in the reader's words.

export interface Session {
  name: string
  role: string
  agent: string
  must_change: boolean // the password, before anything else
  must_enrol: boolean // the role demands a second factor, and there is none
  second_factor: boolean
}

export interface Account {
  name: string
  role: string
  agent: string
  teams: string[] // to which a supervisor is limited; none: all agents
  disabled: boolean
  second_factor: boolean
  must_change: boolean
  created_at: string | null
  password?: string // a first one, shown once
}

/** Some of the agents, under supervisors of their own. */
export interface Team {
  id: string
  name: string
  name_en: string
}

export interface Token {
  name: string
  scopes: string[]
  created_by: string
  created_at: string
  expires_at: string | null
  revoked_at: string | null
  used_at: string | null
  token?: string // the secret, shown once
}

export interface AuditLine {
  id: number
  at: string
  user: string
  role: string
  address: string
  action: string
  subject: string
  detail: string
  why: string
  outcome: string
}

/** Who is signed in; a problem of status 401 for nobody. */
export async function whoAmI(): Promise<Session> {
  return (await request<{ user: Session }>('GET', '/session')).user
}

export interface Reason {
  code: string
  name: string
  name_en: string
}

/** An answer that is not a success: problem+json, or no answer at all (status 0). */
export class Problem extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  let res: Response
  try {
    const init: RequestInit = { method, headers: { Accept: 'application/json' } }
    if (body !== undefined) {
      init.body = JSON.stringify(body)
      init.headers = { ...init.headers, 'Content-Type': 'application/json' }
    }
    res = await fetch(`/api/v1${path}`, init)
  } catch {
    throw new Problem(0, 'offline', '')
  }
  const text = await res.text()
  let value: unknown = null
  try {
    value = text === '' ? null : JSON.parse(text)
  } catch {
    // Something in between answered, not the server: its status says enough.
  }
  if (res.ok) return value as T
  const p = (value ?? {}) as { code?: string; title?: string; detail?: string }
  throw new Problem(res.status, p.code ?? String(res.status), p.detail || p.title || `HTTP ${res.status}`)
}

export const problemOf = (e: unknown): Problem => (e instanceof Problem ? e : new Problem(0, 'unknown', String(e)))

export interface Rings {
  for_ms: number
  heard: number
  within: boolean
  strict: boolean
}

export interface CallRow {
  id: string
  queue: string
  caller: string
  arrived_at: string | null
  connected_at: string | null
  outcome: string
  agent: string
  release: string
  wait_ms: number
  talk_ms: number
  rings: Rings | null
  state: string
  direction: string
  transfers: number
  hold_ms: number
  held: boolean
  callback: boolean
  score: number
}

export interface OfferRow {
  id: string
  agent: string
  state: string
  reason: string
  made_at: string | null
  rings: Rings | null
}

/** One agent's part of a call, once it is over. */
export interface PartRow {
  n: number
  agent: string
  kind: string // empty: from the queue
  from: string
  to: string
  talk_ms: number
  hold_ms: number
  end: string
}

export interface CallDetail {
  call: CallRow
  offers: OfferRow[] | null
  parts?: PartRow[] | null
  events: { seq: number; at: string; type: string; data: Record<string, unknown> | null }[] | null
  recording: { state: string } | null
}

/** The whole of a page of calls. */
export interface CallPage {
  calls: CallRow[] | null
  next_cursor?: string | null
}
