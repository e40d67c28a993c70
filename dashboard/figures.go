package dashboard

import (
	"time"

	"github.com/threerings/threerings/queue"
)

// agentStates lists all states in the order screens show them.
func agentStates() []queue.AgentState {
	return []queue.AgentState{queue.Ready, queue.Reserved, queue.OnCall, queue.WrapUp, queue.NotReady, queue.LoggedOut}
}

// byState has every state, so that no reader needs to know which are missing.
func byState(n map[queue.AgentState]int) map[queue.AgentState]int {
	all := make(map[queue.AgentState]int, len(agentStates()))
	for _, s := range agentStates() {
		all[s] = n[s]
	}
	return all
}

func levelOf(t queue.Tally, f queue.Formula, within time.Duration) wireLevel {
	return wireLevel{Formula: f, WithinMS: ms(within), wireShare: shareOf(t.ServiceLevel(f))}
}

func asaOf(t queue.Tally) *int64 {
	asa, ok := t.ASA()
	if !ok {
		return nil
	}
	v := ms(asa)
	return &v
}

func thresholdsOf(t queue.Thresholds) wireThresholds {
	return wireThresholds{WaitingWarn: t.WaitingWarn, WaitingAlarm: t.WaitingAlarm, WaitWarnMS: ms(t.WaitWarn),
		WaitAlarmMS: ms(t.WaitAlarm), RingsWarn: t.RingsWarn, RingsAlarm: t.RingsAlarm}
}

// english falls back to the only name there is.
func english(en, name string) string {
	if en == "" {
		return name
	}
	return en
}

// notNil makes an empty list of none, so that JSON has [] and never null.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
