package queue

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// requests lists the inputs that people ask for on pages and through the API,
// each answered by an event with its Req. They may come from any node of a pool.
// The configuration is not among them: it is the leader's to read.
var requests = func() map[string]reflect.Type {
	m := map[string]reflect.Type{}
	for _, in := range []Input{
		SetAgent{}, Act{}, Place{}, CallBack{}, Register{}, Extend{}, Declare{}, EndEmergency{}, SetQueue{}, AckAlert{}, CloseCase{}, BanNumber{}, LiftBan{},
	} {
		t := reflect.TypeOf(in)
		m[t.Name()] = t
	}
	return m
}()

// EncodeRequest returns an input that is somebody's request as its type's name
// and its JSON; an input that is none is an error.
func EncodeRequest(in Input) (kind string, data []byte, err error) {
	kind = reflect.TypeOf(in).Name()
	if requests[kind] == nil {
		return "", nil, fmt.Errorf("encode request: %s is not one that can be asked of another node", kind)
	}
	if data, err = json.Marshal(in); err != nil {
		return "", nil, fmt.Errorf("encode request %s: %w", kind, err)
	}
	return kind, data, nil
}

// DecodeRequest is the inverse of EncodeRequest; req is the request's id.
func DecodeRequest(kind string, data []byte) (in Input, req string, err error) {
	t, ok := requests[kind]
	if !ok {
		return nil, "", fmt.Errorf("request %q is not known here: is this node older than the other?", kind)
	}
	v := reflect.New(t)
	if err := json.Unmarshal(data, v.Interface()); err != nil {
		return nil, "", fmt.Errorf("decode request %s: %w", kind, err)
	}
	return v.Elem().Interface().(Input), v.Elem().FieldByName("Req").String(), nil
}
