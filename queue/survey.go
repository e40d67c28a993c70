package queue

// toSurvey leaves the customer to the queue's survey; false: it has none.
func (a *ACD) toSurvey(*Call, Asked) bool { return false }
