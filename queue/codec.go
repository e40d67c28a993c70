package queue

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Record is an event as it is stored. Seq counts from 1 without holes within a
// pool; Epoch is the term of the leader that wrote it.
type Record struct {
	Seq   uint64
	At    time.Time
	Epoch uint64
	Event Event
}

// kinds lists every event type once; a test walks it against the methods.
var kinds = func() map[string]reflect.Type {
	m := map[string]reflect.Type{}
	for _, e := range []Event{
		Configured{}, DayBegan{}, QueueOpened{}, QueueClosed{}, CallQueued{}, CallTurnedAway{}, RingBudgetSpent{}, LineAnswered{},
		GreetingEnded{}, OfferMade{}, OfferAlerting{}, OfferAccepted{}, OfferMissed{}, OfferWithdrawn{},
		LegJoined{}, CallConnected{}, CallCompleted{}, CallAbandoned{}, CallOverflowed{}, ViolationFound{},
		AlertRaised{}, AgentLegGone{}, AgentStateSet{}, WrapUpEnded{}, PhoneStateChanged{}, FeatureUsed{}, FeatureEnded{}, Refused{},
		SwitchGone{}, SwitchBack{}, AgentLost{}, CallLost{}, PlaceRestored{},
		CallHeld{}, CallRetrieved{}, AgentMuted{}, RecordingMuted{}, RecordingUnmuted{}, RecordingMuteFailed{}, RecordingMuteTook{},
		CallTransferred{}, ConsultBegan{}, ConsultAnswered{}, ConsultMoved{}, ConsultEnded{}, ConsultTook{},
		OutsideDialled{}, OutsideAnswered{}, OutsideFailed{}, CallPlaced{}, CallbackAsked{}, CallbackQueued{}, CustomerLeft{},
		WrapUpExtended{}, CallRegistered{}, RegistrationMissed{}, EmergencyBegan{}, EmergencyEnded{}, QueueSet{}, AlertCleared{}, NumberBanned{}, BanEnded{},
		CallCorrected{},
		CustomerDialled{}, CustomerAnswered{}, CustomerNotReached{}, CallClosed{},
		CallEntered{}, MenuBegan{}, PromptEnded{}, KeysPressed{}, MenuMissed{}, MenuChosen{}, CallRouted{}, MenuLeft{},
		AnnouncementBegan{}, AnnouncementEnded{}, VoicemailBegan{}, MessageBegan{}, VoicemailLeft{}, VoicemailEmpty{}, CaseOpened{}, CaseClosed{},
		GreetingBegan{}, WaitAnnounced{}, EstimateGiven{}, SurveyBegan{}, SurveyAgain{}, SurveyAnswered{}, SurveyDeclined{}, SurveyUnanswered{}, SurveyEnded{},
	} {
		t := reflect.TypeOf(e)
		m[t.Name()] = t
	}
	return m
}()

// EventTypes lists the type of every event.
func EventTypes() []reflect.Type { return slices.Collect(maps.Values(kinds)) }

// TypeOf is the stored name of an event's type.
func TypeOf(e Event) string { return reflect.TypeOf(e).Name() }

// EncodeEvent returns the stored form of an event: its type and its JSON.
func EncodeEvent(e Event) (kind string, data []byte, err error) {
	data, err = json.Marshal(e)
	if err != nil {
		return "", nil, fmt.Errorf("encode event %s: %w", TypeOf(e), err)
	}
	return TypeOf(e), data, nil
}

// DecodeEvent is the inverse of EncodeEvent. An unknown type is an error: a
// log written by a newer program must not be folded by an older one.
func DecodeEvent(kind string, data []byte) (Event, error) {
	t, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("decode event: unknown type %q (written by a newer version?)", kind)
	}
	v := reflect.New(t)
	if err := json.Unmarshal(data, v.Interface()); err != nil {
		return nil, fmt.Errorf("decode event %s: %w", kind, err)
	}
	return v.Elem().Interface().(Event), nil
}

// Subject is what an event is about, for indexes: any part may be empty.
type Subject struct {
	Call  CallID
	Agent AgentID
	Offer OfferID
	Leg   LegID
}

// About returns the ids in an event.
func About(e Event) Subject {
	var s Subject
	v := reflect.ValueOf(e)
	for i := range v.NumField() {
		switch id := v.Field(i).Interface().(type) {
		case CallID:
			s.Call = id
		case AgentID:
			s.Agent = id
		case OfferID:
			s.Offer = id
		case LegID:
			s.Leg = id
		}
	}
	return s
}
