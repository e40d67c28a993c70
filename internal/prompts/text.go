package prompts

// Prompt is one sentence in both languages. The place of the house's name is
// {company}.
type Prompt struct {
	Name    string // the switch plays it as threerings/NAME
	Chinese string
	English string
}

// Words follow docs/glossary.md. Digits are spelled out in Chinese: espeak-ng
// reads 9 wrongly.
var table = []Prompt{
	{"ready", "已示闲。", "Ready."},
	{"not-ready", "已示忙。", "Not ready."},
	{"signed-out", "已签出。", "Signed out."},
	{"after-call", "通话结束后生效。", "After this call."},
	{"wrong-code", "没有这个功能码，请核对后再拨。", "No such feature code."},
	{"unknown-phone", "这部话机不属于任何坐席，请联系班长。", "This phone belongs to no agent."},
	{"registered", "已登记。", "Registered."},
	{"more-time", "已延长。", "More time."},
	{"no-more-time", "现在不能延长。", "No more time now."},
	{"no-call", "没有可以登记的通话。", "No call to register."},
	{"register-first", "请先登记本次通话。", "Register the call first."},
	{"greeting", "您好，{company}客服中心。您的电话正在排队，请稍候。", "Welcome to {company}. Please hold."},
	{"fallback", "您好，系统正在维护，请稍后再拨。", "Hello. The system is under maintenance. Please call again later."},
}

// Names lists the prompts, as the switch plays them.
func Names() []string {
	names := make([]string, len(table))
	for i, p := range table {
		names[i] = folder + "/" + p.Name
	}
	return names
}

func (p Prompt) with(m Maker) Prompt {
	p.Chinese, p.English = m.Fill(Chinese, p.Chinese), m.Fill(English, p.English)
	return p
}
