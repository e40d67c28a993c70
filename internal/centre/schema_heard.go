package centre

import (
	"time"

	"github.com/threerings/threerings/queue"
)

// The parts of a prompt and of a place, the same wherever one stands.
var (
	promptParts = group("Texts by language, said one after the other, or a sound.",
		opt("sound", word("A sound that Asterisk has.", soundPattern.String(), "the name of a sound without its ending")),
		opt("zh", text("What is said in Chinese; {company} is the house's name.")),
		opt("en", text("What is said in English.")),
	)
	placeParts = group("One of these.",
		opt("queue", text("A queue.")),
		opt("menu", text("A menu; not from a queue.")),
		opt("number", word("A number outside.", outsidePattern.String(), "a number of 2 to 32 digits, with or without a leading +")),
		opt("voicemail", prompt("What invites to leave a message; default: the product's own words.")),
		opt("announcement", prompt("What is said before the call is ended; default: the product's own words.")),
	).limit("minProperties", 1).limit("maxProperties", 1)
)

// prompt is something that is said.
func prompt(about string) *shape {
	return either(about, text("A text, spoken in Chinese if it has Chinese characters, otherwise in English; default: the product's own words."), promptParts)
}

// place is where a call can be sent.
func place(about string) *shape {
	return either(about, text("A queue, or busy."), placeParts)
}

func menuKeys() []key {
	return []key{
		opt("name", label("In Chinese.").unless("the id")),
		opt("name_en", label("In English.").unless("the id")),
		opt("numbers", list("What callers dial to get here.", dialled("A number."))),
		need("prompt", prompt("What is asked.")),
		opt("invalid", prompt("Said before it is asked again.").unless("the product's own words")),
		opt("wait", positive("How long a key is waited for, after the prompt.").lasting(5*time.Second)),
		opt("between", positive("How long the next of several digits is waited for.").lasting(2*time.Second)),
		opt("tries", whole("How often it is asked.", 1, 20).with(3)),
		opt("when", list("Looked at before anything is said; the first that holds decides.", group("What must hold, and where the call goes then.",
			opt("closed", text("This queue is closed.")),
			opt("level", text("The caller is of this class of customers.")),
			need("to", place("Where the call goes.")),
		))),
		need("keys", named("Keys, one or several of 0-9, * and #, in quotation marks.", keysPattern.String(), place("Where it leads; busy ends the call.")).limit("minProperties", 1)),
		opt("otherwise", place("Where a caller goes who chose nothing.").unless(busy)),
	}
}

func announceShape() *shape {
	return group("What waiting callers are told between the music, once the line is answered.",
		opt("first", length("How long after the music began.").lasting(0)),
		opt("every", positive("How often then; at least 5s.").lasting(30*time.Second)),
		opt("position", flag("Their place in the queue.").with(false)),
		opt("wait", flag("How long it will be, as far as that is known.").with(false)),
		opt("offer", group("To be called back in their place (R7.2).",
			opt("key", word("The key that asks for it.", oneKeyPattern.String(), "one of 0-9, * and #").with("1")),
			opt("prompt", prompt("What is offered.").unless("the product's own words")),
		)),
	)
}

func surveyShape() *shape {
	return group("Asks callers for a mark of 1 to 5 after a conversation (R8). Never when the caller hung up.",
		opt("when", oneOf("After every conversation that the agent ends, or only when the agent sends the caller there.", queue.SurveyAlways, queue.SurveyAgent).with(queue.SurveyAlways)),
		opt("question", prompt("What is asked.").unless("the product's own words")),
		opt("again", prompt("Said before it is asked again.").unless("the product's own words")),
		opt("thanks", prompt("Said at the end.").unless("the product's own words")),
		opt("wait", positive("How long a key is waited for.").lasting(6*time.Second)),
		opt("tries", whole("How often it is asked.", 1, 20).with(2)),
		opt("low", whole("The mark up to which the supervisor is called; 0: never.", 0, 5).with(2)),
	)
}
