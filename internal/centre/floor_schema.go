package centre

import "github.com/threerings/threerings/queue"

func wrapUpShape(d queue.QueueConfig) *shape {
	return either("Time for notes after a call, in which what it was about is registered.",
		length("So long; 0: none.").lasting(d.WrapUp),
		group("Of which kind it is.",
			opt("kind", oneOf("none; optional, if the agent asks for it during the call; timed; or required, until the call is registered.", queue.WrapUpKinds()...).with(queue.WrapUpTimed)),
			opt("time", length("How long it is, where it is timed or optional.").lasting(d.WrapUp)),
			opt("max", positive("The most that it can last, when extended or required.").lasting(queue.DefaultWrapUpMax)),
		))
}

func categoriesShape() *shape {
	return list("What calls can be about. Default: consultation, order, repair, complaint, suggestion, praise and other.", group("A category.",
		opt("digit", word("The digit dialled after *14.", categoryDigit.String(), "one digit, 1 to 9").limit("minimum", 1).limit("maximum", 9)),
		need("code", word("Stored with every call.", codePattern.String(), "a short word of small letters, digits and '_', such as repair")),
		opt("name", label("In Chinese.").unless("the code")),
		opt("name_en", label("In English.").unless("the name")),
	))
}

func emergencyShape() *shape {
	return byID("Plans for emergencies: what is changed while one is in force.", "Its id.", "A plan.",
		opt("name", label("In Chinese.").unless("the id")),
		opt("name_en", label("In English.").unless("the name")),
		need("level", whole("How grave it is; 3 is the gravest.", queue.MinLevel, queue.MaxLevel)),
		opt("alert", list("The people in the plan: agents, names, numbers.", label("One of them."))),
		opt("queues", named("What it makes of queues.", idPattern.String(), group("Of a queue. What is not named stays as it is.",
			opt("greeting", word("The sound played instead of the queue's greeting.", soundPattern.String(), "the name of a sound without its ending")),
			opt("then", oneOf("When the rings are spent: greet or ring.", queue.BudgetGreet, queue.BudgetRing)),
			opt("overflow", overflowShape()),
			opt("routing", routingShape()),
			opt("closed", flag("Callers take the way out for closed.").with(false)),
		))),
	)
}
