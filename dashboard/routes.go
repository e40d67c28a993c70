package dashboard

import (
	"net/http"
	"slices"
)

// access says who may use a route. The zero value is nobody.
type access struct {
	anyone bool   // no login
	wall   bool   // no login from this machine, or with WallboardPublic
	local  bool   // no login from this machine
	first  bool   // also with a first password, or before a second factor that is demanded
	roles  []Role // else these, signed in
}

func (a access) open(s *Server, r *http.Request) bool {
	return a.anyone || (a.wall && s.opts.WallboardPublic) || ((a.wall || a.local) && local(r))
}

func (a access) permits(role Role) bool { return slices.Contains(a.roles, role) }

// route is one operation. Its pattern is one of http.ServeMux.
type route struct {
	pattern string
	access  access
	handle  func(*Server, http.ResponseWriter, *http.Request, identity) error
}

// routes is the whole interface: what exists, and who may use it. Nothing
// else decides that, except that an agent's own things are told apart from
// others' where "own" is known (agents.go, calls.go).
func routes() []route {
	var (
		anyone      = access{anyone: true}
		operators   = access{local: true, roles: []Role{Supervisor}}
		wall        = access{wall: true, roles: Roles()}
		signedIn    = access{roles: Roles()}
		floor       = access{roles: []Role{Supervisor, AgentRole}}
		supervisors = access{roles: []Role{Supervisor}}
		oneself     = access{first: true, roles: Roles()}
		admins      = access{roles: []Role{Administrator}}
		readers     = access{roles: []Role{Supervisor, AgentRole, QA}} // numbers masked by role (R14.1)
		listeners   = access{roles: []Role{Supervisor, QA}}
		keepers     = access{roles: []Role{Supervisor, Administrator}}
		custodians  = access{roles: []Role{Supervisor, QA, Administrator}}
	)
	return []route{
		{"GET /healthz", anyone, (*Server).healthz},
		{"GET /readyz", anyone, (*Server).readyz},
		{"GET /metrics", operators, (*Server).prometheus},
		{"GET /ws/v1/wallboard", wall, (*Server).watchWallboard},

		{"GET /api/v1/openapi.json", anyone, (*Server).openAPI},
		{"POST /api/v1/session", anyone, (*Server).signIn},
		{"GET /api/v1/session", oneself, (*Server).showSession},
		{"DELETE /api/v1/session", anyone, (*Server).signOut},
		{"POST /api/v1/password", oneself, (*Server).changePassword},
		{"GET /api/v1/second-factor", oneself, (*Server).showFactor},
		{"POST /api/v1/second-factor", oneself, (*Server).beginFactor},
		{"POST /api/v1/second-factor/confirm", oneself, (*Server).confirmFactor},
		{"POST /api/v1/second-factor/recovery", signedIn, (*Server).renewRecovery},
		{"POST /api/v1/second-factor/end", signedIn, (*Server).endFactor},
		{"GET /api/v1/sessions", signedIn, (*Server).listSessions},         // one's own
		{"DELETE /api/v1/sessions", signedIn, (*Server).signOutEverywhere}, // one's own

		{"GET /api/v1/users", admins, (*Server).listUsers},
		{"POST /api/v1/users", admins, (*Server).addUser},
		{"PATCH /api/v1/users/{name}", admins, (*Server).changeUser},
		{"POST /api/v1/users/{name}/password", admins, (*Server).resetPassword},
		{"DELETE /api/v1/users/{name}/sessions", admins, (*Server).endUserSessions},
		{"DELETE /api/v1/users/{name}/second-factor", admins, (*Server).resetFactor},
		{"GET /api/v1/lockouts", admins, (*Server).listLockouts},
		{"DELETE /api/v1/lockouts", admins, (*Server).unlock},
		{"GET /api/v1/tokens", admins, (*Server).listTokens},
		{"POST /api/v1/tokens", admins, (*Server).addToken},
		{"DELETE /api/v1/tokens/{name}", admins, (*Server).revokeToken},
		{"GET /api/v1/audit", admins, (*Server).listAudit},

		{"GET /api/v1/wallboard", wall, (*Server).showWallboard},
		{"GET /api/v1/reasons", wall, (*Server).listReasons},
		{"GET /api/v1/categories", signedIn, (*Server).listCategories},
		{"GET /api/v1/queues", readers, (*Server).listQueues},
		{"GET /api/v1/agents", readers, (*Server).listAgents},
		{"GET /api/v1/agents/{id}", floor, (*Server).showAgent},
		{"GET /api/v1/agents/{id}/desk", floor, (*Server).showDesk},                  // agents: their own
		{"POST /api/v1/agents/{id}/state", floor, (*Server).setAgentState},           // agents: their own
		{"POST /api/v1/agents/{id}/conversation", floor, (*Server).doInConversation}, // agents: their own
		{"POST /api/v1/agents/{id}/calls", floor, (*Server).placeCall},               // agents: their own

		{"POST /api/v1/queues/{id}/state", supervisors, (*Server).setQueueState},
		{"POST /api/v1/agents/{id}/wrap-up", floor, (*Server).extendWrapUp},     // agents: their own
		{"POST /api/v1/calls/{id}/registration", floor, (*Server).registerCall}, // agents: in their own name
		{"POST /api/v1/alerts/{id}/ack", supervisors, (*Server).ackAlert},
		{"GET /api/v1/limits", keepers, (*Server).showLimits}, // R14.1
		{"GET /api/v1/bans", keepers, (*Server).listBans},     // R14.1
		{"POST /api/v1/bans", keepers, (*Server).banNumber},
		{"DELETE /api/v1/bans/{number}", keepers, (*Server).liftBan},
		{"GET /api/v1/cases", supervisors, (*Server).listCases},       // R14.1
		{"POST /api/v1/cases/{id}/close", floor, (*Server).closeCase}, // agents: of their queues
		{"GET /api/v1/emergency", floor, (*Server).showEmergency},
		{"POST /api/v1/emergency", supervisors, (*Server).declareEmergency}, // R12.1
		{"DELETE /api/v1/emergency", supervisors, (*Server).endEmergency},

		{"GET /api/v1/calls", readers, (*Server).listCalls}, // agents: others' numbers masked
		{"GET /api/v1/calls/{id}", readers, (*Server).showCall},
		{"POST /api/v1/calls/{id}/callback", floor, (*Server).callBack},
		{"GET /api/v1/calls/{id}/recording", readers, (*Server).playRecording},   // R14.1; agents: where they were judged
		{"GET /api/v1/calls/{id}/recording/marks", readers, (*Server).showMarks}, // R9.1
		{"GET /api/v1/calls/{id}/recording/peaks", readers, (*Server).showPeaks}, // R14.1
		{"GET /api/v1/calls/{id}/speech", listeners, (*Server).showSpeech},
		{"GET /api/v1/calls/{id}/comments", listeners, (*Server).listComments},
		{"POST /api/v1/calls/{id}/comments", listeners, (*Server).addComment},
		{"DELETE /api/v1/calls/{id}/comments/{comment}", listeners, (*Server).removeComment}, // one's own
		{"GET /api/v1/recordings", listeners, (*Server).listRecordings},                      // numbers masked by role (R14.1)
		{"GET /api/v1/recordings/{id}/where", custodians, (*Server).whereIsRecording},
		{"POST /api/v1/recordings/{id}/hold", keepers, (*Server).holdRecording},
		{"DELETE /api/v1/recordings/{id}/hold", keepers, (*Server).releaseRecording},
		{"DELETE /api/v1/calls/{id}/recording", admins, (*Server).eraseRecording},
		{"GET /api/v1/recordings/gaps", listeners, (*Server).listGaps}, // R9.1
		{"GET /api/v1/violations", floor, (*Server).listViolations},    // agents: their own
		{"GET /api/v1/intervals", floor, (*Server).listIntervals},      // agents: their own
		{"GET /api/v1/config", keepers, (*Server).showConfig},

		{"GET /api/v1/qa/forms", readers, (*Server).listForms}, // agents: published ones
		{"POST /api/v1/qa/forms", listeners, (*Server).saveForm},
		{"POST /api/v1/qa/forms/{id}/publish", listeners, (*Server).publishForm},
		{"GET /api/v1/qa/evaluations", readers, (*Server).listEvaluations}, // agents: their own
		{"POST /api/v1/qa/evaluations", listeners, (*Server).beginEvaluation},
		{"GET /api/v1/qa/evaluations/{id}", readers, (*Server).showEvaluation}, // agents: their own
		{"PUT /api/v1/qa/evaluations/{id}", listeners, (*Server).saveEvaluation},
		{"POST /api/v1/qa/evaluations/{id}/submit", listeners, (*Server).submitEvaluation},
		{"POST /api/v1/qa/evaluations/{id}/revise", listeners, (*Server).reviseEvaluation},
		{"POST /api/v1/qa/evaluations/{id}/read", floor, (*Server).readEvaluation},     // of oneself
		{"POST /api/v1/qa/evaluations/{id}/sign", floor, (*Server).signEvaluation},     // of oneself
		{"POST /api/v1/qa/evaluations/{id}/appeal", floor, (*Server).appealEvaluation}, // of oneself
		{"POST /api/v1/qa/evaluations/{id}/second", listeners, (*Server).scoreAgain},
		{"POST /api/v1/qa/evaluations/{id}/decide", supervisors, (*Server).decideEvaluation},
		{"GET /api/v1/qa/coaching", readers, (*Server).listCoaching}, // agents: their own
		{"POST /api/v1/qa/coaching", listeners, (*Server).addCoaching},
		{"POST /api/v1/qa/coaching/{id}/notes", listeners, (*Server).followCoaching},
		{"GET /api/v1/qa/calibrations", listeners, (*Server).listCalibrations},
		{"POST /api/v1/qa/calibrations", listeners, (*Server).addCalibration},
		{"POST /api/v1/qa/calibrations/{id}/answers", listeners, (*Server).answerCalibration},
		{"POST /api/v1/qa/calibrations/{id}/close", listeners, (*Server).closeCalibration},
		{"GET /api/v1/qa/agreement", listeners, (*Server).showAgreement},
		{"GET /api/v1/qa/plans", listeners, (*Server).listPlans},
		{"POST /api/v1/qa/plans", listeners, (*Server).addPlan},
		{"POST /api/v1/qa/preview", listeners, (*Server).previewPlan},
		{"PUT /api/v1/qa/plans/{id}", listeners, (*Server).changePlan},
		{"GET /api/v1/qa/draws/{id}", listeners, (*Server).showDraw},
		{"GET /api/v1/qa/draws/{id}/file", listeners, (*Server).drawFile}, // of all teams
		{"POST /api/v1/qa/draws/{id}/draw", listeners, (*Server).makeDraw},
		{"GET /api/v1/qa/tasks", listeners, (*Server).listTasks},
		{"POST /api/v1/qa/tasks/{id}/scorer", listeners, (*Server).handTask},
		{"POST /api/v1/qa/tasks/{id}/drop", listeners, (*Server).dropTask}, // QA: their own
		{"GET /api/v1/qa/scores", readers, (*Server).showScores},           // agents: their own
		{"GET /api/v1/qa/scores/export", listeners, (*Server).exportScores},
	}
}
