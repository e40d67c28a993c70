package dashboard

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
)

// code is the stable, machine-readable name of an error. docs/errors.md says
// what each means and what to do; a test keeps the two alike. The codes of a
// queue.Refused are passed on as they are.
type code string

const (
	codeBadRequest    code = "bad_request"
	codeBadParameter  code = "bad_parameter"
	codeBadBody       code = "bad_body"
	codeTooLarge      code = "too_large"
	codeWrongType     code = "wrong_type"
	codeNotSignedIn   code = "not_signed_in"
	codeWrongPassword code = "wrong_password"
	codeForbidden     code = "forbidden"
	codeCrossOrigin   code = "cross_origin"
	codeNotFound      code = "not_found"
	codeNoMethod      code = "method_not_allowed"
	codeMustChange    code = "password_must_change"
	codeCodeNeeded    code = "code_needed"
	codeWrongCode     code = "wrong_code"
	codeMustEnrol     code = "second_factor_needed"
	codeFactorThere   code = "second_factor_exists"
	codeNoFactor      code = "no_second_factor"
	codeWeakPassword  code = "weak_password"
	codeUnknownUser   code = "unknown_user"
	codeUserThere     code = "user_exists"
	codeWrongToken    code = "wrong_token"
	codeUnknownToken  code = "unknown_token"
	codeTokenThere    code = "token_exists"
	codeOneself       code = "oneself"
	codeUnknownAgent  code = "unknown_agent"
	codeUnknownReason code = "unknown_reason"
	codeUnknownState  code = "unknown_state"
	codeUnknownCall   code = "unknown_call"
	codeNoCall        code = "no_call"
	codeNotYours      code = "not_yours"
	codeNotNow        code = "not_now"
	codeNotRecorded   code = "not_recorded"
	codeUnknownTarget code = "unknown_target"
	codeNotAvailable  code = "not_available"
	codeUnknownQueue  code = "unknown_queue"
	codeBadNumber     code = "bad_number"
	codeNoSwitch      code = "no_switch"
	codePhoneBusy     code = "phone_busy"
	codeNotRegistered code = "not_registered"
	codeNoWrapUp      code = "no_wrap_up"
	codeNotWrapUp     code = "not_wrap_up"
	codeWrapUpMax     code = "wrap_up_max"
	codeUnknownCat    code = "unknown_category"
	codeLongNote      code = "long_note"
	codeBadTime       code = "bad_time"
	codeEmergency     code = "emergency"
	codeNoEmergency   code = "no_emergency"
	codeUnknownPlan   code = "unknown_plan"
	codeUnknownAlert  code = "unknown_alert"
	codeUnknownCase   code = "unknown_case"
	codeUnknownBan    code = "unknown_ban"
	codeNoRecording   code = "no_recording"
	codeNoWhy         code = "reason_missing"
	codeUnreadable    code = "recording_unreadable"
	codeHeld          code = "recording_held"
	codeErased        code = "recording_erased"
	codeBlind         code = "judged_blind"
	codeNoHold        code = "no_hold"
	codeTooMany       code = "too_many_attempts"
	codeTooOften      code = "too_many_requests"
	codeNoLockout     code = "unknown_lockout"
	codeTooManyScreen code = "too_many_watchers"
	codeNoAnswer      code = "no_answer"
	codeNoLedger      code = "ledger_unavailable"
	codeStopping      code = "stopping"
	codeInternal      code = "internal"

	codeUnknownForm         code = "unknown_form"
	codeBadForm             code = "bad_form"
	codeFormFinal           code = "form_final"
	codeUnknownTask         code = "unknown_task"
	codeUnknownSamplingPlan code = "unknown_sampling_plan"
	codeUnknownDraw         code = "unknown_draw"
	codeBadPlan             code = "bad_plan"
	codeUnknownEvaluation   code = "unknown_evaluation"
	codeEvaluationThere     code = "evaluation_exists"
	codeUnknownCoaching     code = "unknown_coaching"
	codeUnknownCalibration  code = "unknown_calibration"
	// What qa.Refused says.
	codeWrongState   code = "wrong_state"
	codeTooLate      code = "too_late"
	codeAppealLimit  code = "appeal_limit"
	codeBadJudgement code = "bad_judgement"
)

// problem is an error as the API shows it (RFC 9457, application/problem+json).
// It is also a Go error, so that a handler can return it from any depth.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   code   `json:"code"`
}

func (p *problem) Error() string { return string(p.Code) + ": " + p.Detail }

func newProblem(status int, c code, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: c}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // a value of ours that JSON cannot hold: a bug, not a request's fault
		slog.Error("response not encoded", "err", err)
		writeProblem(w, newProblem(http.StatusInternalServerError, codeInternal, "the answer could not be encoded"))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

func writeProblem(w http.ResponseWriter, p *problem) {
	body, _ := json.Marshal(p) // strings and a number: cannot fail
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}

// problemOf shows a problem as it is and hides everything else: an internal
// error is for the log, not for whoever asked.
func (s *Server) problemOf(r *http.Request, err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	if r.Context().Err() != nil { // they hung up; nobody reads this
		return newProblem(http.StatusServiceUnavailable, codeNoAnswer, "the request ended before its answer was there")
	}
	s.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "err", err)
	return newProblem(http.StatusInternalServerError, codeInternal, "something failed here; the log has the details")
}

// ledgerProblem says that the ledger, not the request, is at fault.
func (s *Server) ledgerProblem(r *http.Request, err error) error {
	var p *problem
	if errors.As(err, &p) || r.Context().Err() != nil {
		return err
	}
	s.log.Error("ledger not read", "path", r.URL.Path, "err", err)
	return newProblem(http.StatusServiceUnavailable, codeNoLedger,
		"the ledger cannot be read at the moment; calls go on, try again later")
}
