package prompts

import "strconv"

// Standard is a text that the configuration takes where the house gives none.
type Standard string

// The standard texts.
const (
	CallbackOffer       Standard = "callback-offer"
	CallbackConfirmed   Standard = "callback-confirmed"
	VoicemailInvitation Standard = "voicemail-invitation"
	VoicemailThanks     Standard = "voicemail-thanks"
	SurveyQuestion      Standard = "survey-question"
	SurveyThanks        Standard = "survey-thanks"
	SurveyInvalid       Standard = "survey-invalid"
	MenuInvalid         Standard = "menu-invalid"
	Closed              Standard = "closed"
	AllBusy             Standard = "all-busy"
)

// Standards lists them.
func Standards() []Standard {
	return []Standard{CallbackOffer, CallbackConfirmed, VoicemailInvitation, VoicemailThanks,
		SurveyQuestion, SurveyThanks, SurveyInvalid, MenuInvalid, Closed, AllBusy}
}

// In is the text in a language: Chinese or English.
func (s Standard) In(lang string) Line {
	chinese, english := s.words()
	return either(lang, chinese, english)
}

// words says keys and numbers in words, for the voice's sake (see text.go).
func (s Standard) words() (chinese, english string) {
	switch s {
	case CallbackOffer:
		return "如需我们给您回电，请按一。", "To be called back, press one."
	case CallbackConfirmed:
		return "已登记您的号码，我们会尽快给您回电。再见。", "We have noted your number and will call you back as soon as we can. Goodbye."
	case VoicemailInvitation:
		return "请在提示音后留言，结束请按井号键。", "Please leave a message after the tone. To end, press the hash key."
	case VoicemailThanks:
		return "您的留言已收到，感谢您的来电。再见。", "Thank you for your message. Goodbye."
	case SurveyQuestion:
		return "请为本次服务评分，请按一到五。五分表示非常满意，一分表示非常不满意。", "Please rate this service. Press one to five: five is very satisfied, one is very dissatisfied."
	case SurveyThanks:
		return "感谢您的评价。再见。", "Thank you for your rating. Goodbye."
	case SurveyInvalid:
		return "输入无效，请按一到五。", "That is not a valid choice. Please press one to five."
	case MenuInvalid:
		return "输入无效，请再选一次。", "That is not a valid choice. Please choose again."
	case Closed:
		return "您好，现在是非工作时间，请在工作时间来电。再见。", "Hello. We are closed at the moment. Please call again during our opening hours. Goodbye."
	case AllBusy:
		return "您好，目前线路全忙，请稍后再拨。", "Hello. All our lines are busy. Please call again later."
	}
	return "", ""
}

func either(lang, chinese, english string) Line {
	if lang == English {
		return Line{English, english}
	}
	return Line{Chinese, chinese}
}

// Announcements while waiting tell places up to MostPlaces and waits up to
// MostMinutes; beyond, one text says that it is more.
const (
	MostPlaces  = 20
	MostMinutes = 30
)

// Position tells a caller their place in line, counted from 1: who is next.
func Position(lang string, place int) Line {
	ahead := place - 1
	switch {
	case ahead <= 0:
		return either(lang, "您是下一位。", "You are next in line.")
	case ahead >= MostPlaces:
		return either(lang, "您前面还有"+chineseCount(MostPlaces)+"位以上的客户在等待。",
			"There are "+englishNumber(MostPlaces)+" or more callers before you.")
	case ahead == 1:
		return either(lang, "您前面还有一位客户在等待。", "There is one caller before you.")
	}
	return either(lang, "您前面还有"+chineseCount(ahead)+"位客户在等待。", "There are "+englishNumber(ahead)+" callers before you.")
}

// Positions are all that Position says.
func Positions(lang string) []Line {
	all := make([]Line, MostPlaces+1)
	for i := range all {
		all[i] = Position(lang, i+1)
	}
	return all
}

// Wait tells an estimated wait in whole minutes; less than one is one.
func Wait(lang string, minutes int) Line {
	switch {
	case minutes > MostMinutes:
		return either(lang, "预计等待超过"+chineseCount(MostMinutes)+"分钟。", "The estimated wait is more than "+englishNumber(MostMinutes)+" minutes.")
	case minutes <= 1:
		return either(lang, "预计等待约一分钟。", "The estimated wait is about one minute.")
	}
	return either(lang, "预计等待约"+chineseCount(minutes)+"分钟。", "The estimated wait is about "+englishNumber(minutes)+" minutes.")
}

// Waits are all that Wait says.
func Waits(lang string) []Line {
	all := make([]Line, MostMinutes+1)
	for i := range all {
		all[i] = Wait(lang, i+1)
	}
	return all
}

var chineseDigits = [10]string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}

// chineseNumber writes 0 to 99.
func chineseNumber(n int) string {
	tens, ones := n/10, n%10
	out := ""
	if tens > 1 {
		out = chineseDigits[tens]
	}
	if tens > 0 {
		out += "十"
	}
	if ones > 0 || tens == 0 {
		out += chineseDigits[ones]
	}
	return out
}

// chineseCount is a number before a measure word: two is 两 there.
func chineseCount(n int) string {
	if n == 2 {
		return "两"
	}
	return chineseNumber(n)
}

// englishNumber writes 0 to 39; others stay digits.
func englishNumber(n int) string {
	small := [20]string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
		"twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}
	switch {
	case n >= 0 && n < 20:
		return small[n]
	case n == 20 || n == 30:
		return map[int]string{20: "twenty", 30: "thirty"}[n]
	case n > 20 && n < 40:
		return englishNumber(n-n%10) + "-" + small[n%10]
	}
	return strconv.Itoa(n)
}
