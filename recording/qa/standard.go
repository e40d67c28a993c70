package qa

// Standard is the form a house begins with: R2 (conversation), R3
// (registration) and R6 (complaints), and what the trade judges besides. 18
// items in 6 sections; 15 to 20 criteria are what a scorer can judge well.
func Standard() Form {
	return Form{ID: "standard", Version: 1, Name: Names{"通话质检标准表", "Standard call form"},
		Limits: Limits{AppealDays: 7, DecideDays: 5, MaxAppeals: 5},
		Sections: []Section{
			{ID: "opening", Name: Names{"开场", "Opening"}, Weight: 10, Items: []Item{
				yes("greeting", 6, "R2.1", "标准问候语", "Standard greeting",
					"开口第一句为“您好，××客服中心”。", "The first words are “您好, <company> customer service”, or the house's own."),
				{ID: "identify", Kind: YesNo, Weight: 4, NA: true, Rule: "R3.1", Name: Names{"核实客户身份与来意", "Identifies the customer and the matter"},
					Help: Names{"询问称呼、联系方式及来电事由；无需核实时选不适用。", "Asks for name, contact and reason of the call; N/A where not needed."}},
			}},
			{ID: "manner", Name: Names{"服务用语与态度", "Language and manner"}, Weight: 25, Items: []Item{
				scale("polite", 8, "R2.2", "使用礼貌用语", "Polite phrases",
					"“请”“谢谢”“对不起”等用语自然得体。", "Please, thank you, sorry: natural and where they belong."),
				{ID: "forbidden", Kind: YesNo, Fatal: FatalAll, Rule: "R2.2", Name: Names{"未使用服务禁语", "No forbidden phrase"},
					Help: Names{"出现“我不知道”“这个我们不负责”“你自己解决”等禁语，整通通话为零分。", "One of “I don't know”, “not our business”, “solve it yourself” and the whole call scores 0."}},
				scale("speech", 5, "R2.3", "普通话标准，语速平稳", "Clear speech, steady pace",
					"吐字清楚，语速适中，音量合适。", "Clear, neither hurried nor dragging, well audible."),
				scale("no_interrupting", 6, "R2.3", "不打断客户", "Does not interrupt",
					"客户陈述（尤其投诉）时不抢话、不插话。", "Lets customers finish, complaints above all."),
				{ID: "respect", Kind: YesNo, Weight: 6, Fatal: FatalAll, Rule: "R6.2", Name: Names{"态度尊重，无顶撞辱骂", "Respectful: no quarrel, no insult"},
					Help: Names{"顶撞、讽刺、辱骂客户，整通通话为零分。", "Quarrelling with, mocking or insulting the customer: the whole call scores 0."}},
			}},
			{ID: "listening", Name: Names{"倾听与理解", "Listening and understanding"}, Weight: 15, Items: []Item{
				scale("needs", 8, "", "准确理解需求", "Grasps what is needed",
					"提问到位，必要时复述确认。", "Asks the right questions, repeats to be sure."),
				{ID: "empathy", Kind: Scale, Max: 3, Weight: 7, NA: true, Rule: "R6.1", Name: Names{"同理心与安抚", "Empathy"},
					Help: Names{"客户不满时表达理解并安抚；客户情绪平稳时可不适用。", "Meets displeasure with understanding; N/A where there was none."}},
			}},
			{ID: "solution", Name: Names{"解决问题", "Solution"}, Weight: 30, Items: []Item{
				{ID: "correct", Kind: Choice, Weight: 15, Fatal: FatalSection, Rule: "R3.1", Name: Names{"答复正确完整", "Answer correct and complete"},
					Help:    Names{"答复错误则本节为零分。", "A wrong answer makes this section 0."},
					Choices: []Option{{"right", Names{"正确完整", "Correct and complete"}, 2}, {"partial", Names{"基本正确，有遗漏", "Correct, something missing"}, 1}, {"wrong", Names{"错误", "Wrong"}, 0}}},
				yes("promise", 5, "R3.4", "不作虚假承诺", "No false promise",
					"只承诺做得到的事与时限。", "Promises only what will be done, and when."),
				scale("ownership", 6, "R3.4", "首问负责", "Owns the matter",
					"主动跟进，不推诿；需转办时说明去向与时限。", "Follows up, does not pass the buck; says who will do what by when."),
				{ID: "hold", Kind: YesNo, Weight: 4, NA: true, Name: Names{"等待与转接前征得同意", "Asks before hold or transfer"},
					Help: Names{"说明原因和大致时间；没有等待或转接时不适用。", "Says why and how long; N/A where neither happened."}},
			}},
			{ID: "record", Name: Names{"登记与合规", "Registration and compliance"}, Weight: 12, Items: []Item{
				scale("registration", 8, "R3.1", "登记准确完整", "Registration correct and complete",
					"类别、内容、答复与后续事项均已登记。", "Category, matter, answer and what remains to be done are on record."),
				{ID: "complaint", Kind: YesNo, Weight: 4, NA: true, Fatal: FatalSection, Rule: "R6.1", Name: Names{"投诉已受理立案", "Complaint taken on record"},
					Help: Names{"客户投诉未登记，本节为零分；无投诉时不适用。", "A complaint that is not registered makes this section 0; N/A where there was none."}},
				{ID: "confidential", Kind: YesNo, Fatal: FatalAll, Rule: "R14.1", Name: Names{"保守客户信息", "Confidentiality"},
					Help: Names{"向无关人员泄露客户资料，整通通话为零分。", "Telling customers' data to somebody else: the whole call scores 0."}},
			}},
			{ID: "closing", Name: Names{"结束", "Closing"}, Weight: 8, Items: []Item{
				yes("farewell", 4, "R2.1", "询问其他需要并致谢", "Asks for more, and thanks",
					"“请问还有其他可以帮您的吗？”并致谢道别。", "“Anything else?”, thanks and goodbye."),
				{ID: "hangs_up_last", Kind: YesNo, Weight: 4, NA: true, Rule: "R2.4", Name: Names{"客户先挂机", "The customer hangs up first"},
					Help: Names{"系统记录先挂机方；线路中断时不适用。", "The system knows who hung up; N/A where the line broke."}},
			}},
		}}
}

func yes(id string, weight int, rule, zh, en, helpZH, helpEN string) Item {
	return Item{ID: id, Kind: YesNo, Weight: weight, Rule: rule, Name: Names{zh, en}, Help: Names{helpZH, helpEN}}
}

// scale is an item of 0 (poor) to 3 (very good).
func scale(id string, weight int, rule, zh, en, helpZH, helpEN string) Item {
	return Item{ID: id, Kind: Scale, Max: 3, Weight: weight, Rule: rule, Name: Names{zh, en}, Help: Names{helpZH, helpEN}}
}
