package centre

import (
	"time"

	"encoding/json"
	"fmt"
	"strings"

	"github.com/threerings/threerings/queue"
)

// SchemaID is where the published copy of the schema is.
const SchemaID = "https://raw.githubusercontent.com/threerings/threerings/main/docs/centre.schema.json"

// Schema is centre.yaml for editors, a JSON Schema (draft 2020-12): they
// complete keys, explain them and mark what apply would refuse. It sees one
// value at a time; what must fit together (a queue that exists, a number given
// once) is judged by Parse alone.
func Schema() ([]byte, error) {
	out := file().json()
	out["$schema"], out["$id"] = "https://json-schema.org/draft/2020-12/schema", SchemaID
	out["title"] = "Threerings: centre.yaml"
	text, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing the schema: %w", err)
	}
	return append(text, '\n'), nil
}

// file is everything that may stand in a centre.yaml. Every key that the parser
// asks for stands here, and no other.
func file() *shape {
	return group("A call centre: its queues with their ring rules, its agents, and who may look at the pages.",
		opt("centre", group("The house.",
			opt("name", label("Shown on every page, in Chinese.").with("客服中心")),
			opt("name_en", label("The same in English.").unless("the name")),
			opt("timezone", text("When a day of the figures begins: a name such as Asia/Shanghai.").with(DefaultTimeZone)),
			opt("country", oneOf("Whose ringing tone callers hear.", countries()...).with(queue.DefaultCountry)),
			opt("language", oneOf("In which the house speaks where the file gives no words; both: one after the other.", "zh", "en", "zh+en", "en+zh").with("zh")),
			opt("second_factor", list("Roles that must have a second factor (a code from an app) to sign in to the pages; who has none sets one up first. Default: none must.",
				oneOf("A role.", Roles()...))),
			opt("message_limit", positive("The longest message at voicemail.").lasting(queue.DefaultMessageLimit)),
		)),
		opt("hours", byID("Opening hours, by name. Queues refer to them.", "Their name.", "Opening hours.",
			opt("timezone", text("A name such as Asia/Shanghai.").unless("the house's")),
			need("week", named("Days of the week, such as mon-fri. Days not named are closed.", weekPattern, spans())),
			opt("days", named("Dates that differ, such as 2026-10-01 or 2026-10-01..2026-10-07.", datePattern, spans())),
		)),
		need("queues", byID("The queues.", "Its id.", "A queue.", queueKeys()...).limit("minProperties", 1).limit("minItems", 1)),
		opt("menus", byID("What callers are asked before there is a queue. Numbers lead to them as to queues.", "Its id.", "A menu.", menuKeys()...)),
		opt("agents", byID("The agents, by work number.", "The work number.", "An agent.", agentKeys()...)),
		opt("priority", priorityShape()),
		opt("limits", limitsShape()),
		opt("retention", retentionShape()),
		opt("reasons", list("What an agent may dial after *12 for not being ready. Default: break, meal, meeting, training and desk work.", group("A reason.",
			need("digit", word("The digit after *12.", digitPattern.String(), "one digit, 0 to 9").limit("minimum", 0).limit("maximum", 9)),
			need("code", word("Stored with every absence; not rona.", codePattern.String(), "a short word of small letters, digits and '_', such as break")),
			opt("limit", length("How long the absence may last before the supervisor is called; 0: for ever.").lasting(queue.DefaultAbsence)),
			opt("name", label("In Chinese.").unless("the code")),
			opt("name_en", label("In English.").unless("the name")),
		))),
		opt("categories", categoriesShape()),
		opt("emergency", emergencyShape()),
		opt("teams", teamsShape()),
		opt("users", list("Who may log in to the pages.", user())),
	)
}

func queueKeys() []key {
	d := queue.NewQueue("")
	return []key{
		opt("name", label("In Chinese.").unless("the id")),
		opt("name_en", label("In English.").unless("the id")),
		opt("priority", whole("Of queues that share agents the higher goes first.", -1000, 1000).with(d.Priority)),
		opt("numbers", list("What callers dial to get here.", either("", dialled("A number."), group("A number with a priority of its own.",
			need("number", dialled("What callers dial.")),
			opt("priority", whole("Added to the queue's.", -1000, 1000).with(0)),
		)))),
		opt("ring", group("The three-ring rule.",
			opt("country", oneOf("Whose ringing cadence counts.", countries()...).unless("the house's")),
			opt("agent", whole("Rings that one agent's phone gets before the call counts as missed.", 1, 20).with(d.AgentRings)),
			opt("budget", whole("Rings that a caller may live through, over all agents tried.", 1, 100).with(d.BudgetRings)),
			opt("then", oneOf("When they are spent: greet (answer, greeting, music) or ring (on).", queue.BudgetGreet, queue.BudgetRing).with(d.OnBudget)),
		)),
		opt("greeting", either("What is said when the rings are spent.", word("A sound; none: music at once.", soundPattern.String(), "the name of a sound without its ending, or none"), promptParts).with(d.Greeting)),
		opt("music", word("Class of the music on hold.", classPattern.String(), "the name of a music class").with(d.Music)),
		opt("wrap_up", wrapUpShape(d)),
		opt("dial_timeout", positive("A phone that does not begin to ring by then is given up.").lasting(d.DialTimeout)),
		opt("back_off", length("How long a busy or broken phone is left alone.").lasting(d.BackOff)),
		opt("hours", text("The name of the opening hours, see the key hours of the file.").unless("always open")),
		opt("overflow", overflowShape()),
		opt("routing", routingShape()),
		opt("transfer", group("Calls that an agent hands to a colleague.",
			opt("wait", positive("How long such a call is kept for the colleague.").lasting(20*time.Second)),
			opt("recall", positive("How long after that for the agent who handed it on, before it goes to anybody.").lasting(20*time.Second)),
		)),
		opt("outbound", group("Calls to numbers outside.",
			opt("number", dialled("The number that they show.").unless("the trunk's own")),
			opt("ring", positive("How long a number outside is rung.").lasting(45*time.Second)),
		)),
		opt("callback", group("Calling callers back in their place in the queue (R7.2).",
			opt("first", oneOf("Who is called first.", "agent", "customer").with("agent")),
			opt("attempts", whole("How often it is tried.", 1, 20).with(3)),
			opt("pause", positive("The pause between two tries.").lasting(2*time.Minute)),
			opt("abandoned", flag("Call those back who gave up; not short abandons and hidden numbers.").with(false)),
			opt("goodbye", either("Said to who asked for it.", text("A sound, default (the product's own words) or none."), promptParts).unless("default")),
		)),
		opt("announce", announceShape()),
		opt("survey", surveyShape()),
		opt("missed", group("What follows for an agent from an offer not taken, by what went wrong. Those not named: as usual.", missedKeys()...)),
		opt("sign_out_after", whole("An agent is signed out after so many unanswered ringings in a row; 0: never.", 0, 100).with(0)),
		opt("record", flag("Keep recordings of all conversations.").with(d.Record)),
		opt("recording", group("How conversations are recorded.",
			opt("mute_limit", positive("How long an agent may mute the recording at a time, while card data is spoken; then it goes on by itself.").lasting(2*time.Minute)),
		)),
		opt("fine", money("Entered in the violations ledger for a fourth ring.").with(d.Fine/100)),
		opt("short_abandon", length("Callers who leave earlier are counted apart.").lasting(d.ShortAbandon)),
		opt("service_level", group("The service level shown for the queue.",
			opt("formula", oneOf("How it is computed.", queue.Formulas()...).with(d.ServiceLevel.Formula)),
			opt("within", positive("Answered within.").lasting(d.ServiceLevel.Within)),
		)),
		opt("thresholds", group("When the wallboard turns yellow (warn) and red (alarm); 0: never.",
			opt("waiting_warn", whole("Callers waiting.", 0, noMost).with(d.Thresholds.WaitingWarn)),
			opt("waiting_alarm", whole("Callers waiting.", 0, noMost).with(d.Thresholds.WaitingAlarm)),
			opt("wait_warn", length("Longest wait.").lasting(d.Thresholds.WaitWarn)),
			opt("wait_alarm", length("Longest wait.").lasting(d.Thresholds.WaitAlarm)),
			opt("rings_warn", share("Share answered within three rings, below this.").with(percent(d.Thresholds.RingsWarn))),
			opt("rings_alarm", share("Share answered within three rings, below this.").with(percent(d.Thresholds.RingsAlarm))),
		)),
	}
}

func overflowShape() *shape {
	after := func(about string) key { return opt("after", length(about).lasting(0)) }
	to := func() key { return opt("to", place("Where the call goes on.").unless(busy)) }
	ways := map[queue.OverflowCause]*shape{
		queue.OverflowMaxWait:  group("It has waited so long.", need("after", positive("The longest wait.")), to()),
		queue.OverflowFull:     group("So many wait already when it comes.", need("at", whole("How many may wait.", 1, noMost)), to()),
		queue.OverflowNoAgents: group("Nobody who serves the queue is signed in.", after("For how long."), to()),
		queue.OverflowNotReady: group("Some are signed in, but none of them is ready, on a call or wrapping up.", after("For how long."), to()),
		queue.OverflowClosed:   group("It comes outside the hours. Without this key: busy.", to()),
	}
	var keys []key
	for _, cause := range queue.OverflowCauses() {
		keys = append(keys, opt(string(cause), ways[cause]))
	}
	return group("Why a call leaves the queue, and where to. Without a cause's key the call waits on.", keys...)
}

func routingShape() *shape {
	return group("Which of the free agents is rung.",
		opt("strategy", oneOf("Who is rung among equals, or that several are.", queue.Strategies()...).with(queue.LongestIdle)),
		opt("widen", whole("After how many of the caller's rings the next rank joins, with strategy widening.", 1, 20).unless("2")),
		opt("skills", named("What calls want of agents, by skill.", skillPattern.String(), group("A skill.",
			opt("level", whole("From this level on.", 1, queue.MaxSkill).with(1)),
			opt("required", flag("Nobody else is rung; otherwise such agents are rung first.").with(false)),
			opt("relax", named("Lower levels once a call has waited, such as {20s: 1, 1m: 0}; 0 wants nothing more.", timePattern, whole("Wanted from then on.", 0, queue.MaxSkill))),
		))),
		opt("last_agent", length("How long a call is kept for the agent whom its caller spoke to last; 0: not.").lasting(0)),
		opt("backup", group("Ring one more phone when an answer before the fourth ring is not likely enough.",
			need("target", share("The chance that is wanted.")),
			opt("phones", whole("How many may ring for one call.", 2, 20).unless("2")),
			opt("in_vain", share("At most this share of the day's ringings for another's answer.").unless("20%")),
		)),
	)
}

func missedKeys() (keys []key) {
	for _, reason := range queue.MissReasons() {
		keys = append(keys, opt(string(reason), group("After an offer missed so.",
			need("then", oneOf("The agent's state then.", queue.Ready, queue.NotReady, queue.LoggedOut)),
			opt("pause", length("How long an agent who stays ready is left alone.").lasting(0)),
		)))
	}
	return keys
}

func agentKeys() []key {
	return []key{
		opt("name", label("In Chinese.").unless("the work number")),
		opt("name_en", label("In English.").unless("the name")),
		need("phone", either("The phone: a SIP account that it registers with, or a fixed address.",
			said("A fixed address, such as sip:192.0.2.7:5060.", "string", "pattern", `^sip:[^@;?\s]+$`),
			group("A SIP account.",
				need("account", word("The name the phone registers with.", idPattern.String(), idRule)),
				need("password", password("The same as in the phone.")),
			))),
		opt("queues", either("Whose calls the agent takes.",
			list("With rank 1 in each.", text("A queue.")),
			named("With the rank in each.", "", whole("1 is rung first.", 1, queue.MaxRank)))),
		opt("skills", named("Skills with their levels.", skillPattern.String(), whole("Level.", 1, queue.MaxSkill))),
	}
}

func priorityShape() *shape {
	return group("Who goes first, and how far that may go.",
		opt("levels", named("Classes of customers with a lane of their own.", skillPattern.String(), group("A class of customers.",
			need("priority", whole("Added to the queue's.", -1000, 1000)),
			opt("customers", list("The numbers they call from.", dialled("A number."))),
		))),
		opt("old_place", length("How long the place of a caller is kept who was cut off by no wish of theirs (the switch died, the phone died while they waited): who rings the same number again has it; 0: not at all; at most 1h.").unless("5m")),
		opt("overtaking", group("A call overtaken so often, or for so long, goes before all others.",
			opt("calls", whole("So often.", 1, noMost).unless("3")),
			opt("wait", positive("So long since it was first overtaken; at least 1s.").unless("30s")),
		)),
	)
}

func user() *shape {
	u := group("A user; with password or password_hash.",
		need("name", word("To log in with.", userPattern.String(), "1 to 64 letters, digits, '.', '_', '-' or '@'")),
		need("role", oneOf("supervisor (the floor and its calls), agent (their own), qa (calls and recordings) or administrator (accounts).", RoleSupervisor, RoleAgent, RoleQA, RoleAdministrator)),
		opt("agent", text("Whose page; needed for the role agent.")),
		opt("teams", list("Teams to whose agents a supervisor is limited. Default: all agents.", text("The id of a team."))),
		opt("password", password("To log in with.")),
		opt("password_hash", said("argon2id in PHC form.", "string", "pattern", hashPattern.String())),
	)
	has := func(key string) map[string]any { return map[string]any{"required": []string{key}} }
	u.says["oneOf"] = []any{has("password"), has("password_hash")}
	u.says["if"] = map[string]any{"properties": map[string]any{"role": map[string]any{"const": RoleAgent}}, "required": []string{"role"}}
	u.says["then"] = has("agent")
	return u
}

func dialled(about string) *shape { return word(about, numberPattern.String(), numberRule) }

func countries() []string { return strings.Fields(queue.Countries()) }

var (
	day         = "(" + strings.Join(weekdays, "|") + ")"
	dayRange    = day + "(-" + day + ")?"
	weekPattern = "^" + dayRange + `(\s*,\s*` + dayRange + ")*$"
	clockSpan   = strings.Trim(spanPattern.String(), "^$")
)

const datePattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$`

func spans() *shape {
	return said(`Spans such as "08:30-12:00, 13:00-17:30", or closed. An end may be on the next day: "20:00-06:00".`, "string",
		"pattern", "^("+shut+"|"+clockSpan+`(\s*,\s*`+clockSpan+")*)$")
}
