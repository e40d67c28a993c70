package qa

import (
	"encoding/json"
	"fmt"
)

// DecodeEvent reads an event of a kind from its JSON.
func DecodeEvent(kind string, data []byte) (Event, error) {
	switch kind {
	case Begun{}.Kind():
		return decode[Begun](data)
	case Saved{}.Kind():
		return decode[Saved](data)
	case Handed{}.Kind():
		return decode[Handed](data)
	case Revised{}.Kind():
		return decode[Revised](data)
	case Seen{}.Kind():
		return decode[Seen](data)
	case SignedOff{}.Kind():
		return decode[SignedOff](data)
	case Objected{}.Kind():
		return decode[Objected](data)
	case ScoredAgain{}.Kind():
		return decode[ScoredAgain](data)
	case Answered{}.Kind():
		return decode[Answered](data)
	}
	return nil, fmt.Errorf("decode an evaluation's event: unknown kind %q; this program is older than what wrote it", kind)
}

func decode[E Event](data []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("decode the event %s: %w", e.Kind(), err)
	}
	return e, nil
}
