package prompts

import "strings"

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
	{"ready", "您已示闲，可以接听来电。", "You are ready for calls."},
	{"not-ready", "您已示忙，暂不接听来电。", "You are not ready. No calls will come."},
	{"signed-out", "您已签出。再见。", "You are signed out. Goodbye."},
	{"after-call", "已登记，通话结束后生效。", "Noted. It takes effect after this call."},
	{"wrong-code", "没有这个功能码，请核对后再拨。", "There is no such feature code. Please check it and dial again."},
	{"unknown-phone", "这部话机不属于任何坐席，请联系班长。", "This phone belongs to no agent. Please ask your supervisor."},
	{"greeting", "您好，{company}客服中心。您的电话正在排队，请稍候。", "Welcome to {company}. Your call is in line, please hold."},
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
	chinese, english := m.Company, m.CompanyEnglish
	if chinese == "" {
		chinese = "示例"
	}
	text := strings.NewReplacer("{company}", chinese)
	p.Chinese = text.Replace(p.Chinese)
	if english == "" {
		p.English = strings.ReplaceAll(p.English, " to {company}", "")
	}
	p.English = strings.ReplaceAll(p.English, "{company}", english)
	return p
}
