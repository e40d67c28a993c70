package centre

import (
	"bytes"
	"fmt"
	"strconv"
)

// DemoOptions is what the demonstration's centre is made from.
type DemoOptions struct {
	// Robots are the SIP addresses (host:port) of the robot agents' phones,
	// which become agents 2001, 2002 …
	Robots []string
	// Passwords of the accounts 1001 and 1002, which people may register with
	// a softphone of theirs.
	Passwords [2]string
	// Supervisor is the password of the user "supervisor".
	Supervisor string
}

// People of the demonstration; robots go through the list as often as needed.
var demoNames = [...][2]string{
	{"王芳", "Wang Fang"}, {"李娜", "Li Na"}, {"张伟", "Zhang Wei"}, {"刘洋", "Liu Yang"},
	{"陈静", "Chen Jing"}, {"杨敏", "Yang Min"}, {"赵磊", "Zhao Lei"}, {"黄丽", "Huang Li"},
	{"周强", "Zhou Qiang"}, {"吴霞", "Wu Xia"}, {"徐鹏", "Xu Peng"}, {"孙颖", "Sun Ying"},
	{"马超", "Ma Chao"}, {"朱琳", "Zhu Lin"}, {"胡斌", "Hu Bin"}, {"郭雪", "Guo Xue"},
}

const demoHead = `# The centre of the demonstration, written anew at every start.
# examples/centre.yaml explains every key.
centre:
  name: 三声客服中心
  name_en: Threerings Service Centre
  timezone: Asia/Shanghai
  country: cn

queues:
  support:
    name: 技术支持
    name_en: Technical support
    numbers: ["4000"]
    ring: {agent: 3, budget: 3, then: greet}
    wrap_up: 8s
    overflow: {closed: {to: {voicemail: default}}}
    announce: {first: 5s, every: 30s, position: true, wait: true, offer: {key: "1"}}
    survey: {when: always}
  sales:
    name: 销售咨询
    name_en: Sales
    numbers: ["4001"]
    ring: {agent: 3, budget: 3, then: greet}
    wrap_up: 8s
    announce: {first: 5s, every: 30s, position: true, wait: true}
    survey: {when: agent}

menus:
  main:
    name: 总机
    name_en: Switchboard
    numbers: ["4009"]
    prompt: {zh: "您好，{company}。技术支持请按一，销售咨询请按二，留言请按三。", en: "For support press one, for sales press two, to leave a message press three."}
    keys: {"1": support, "2": sales, "3": {voicemail: default}}
    otherwise: support

emergency:
  storm:
    name: 系统故障
    name_en: Outage
    level: 2
    queues:
      support: {routing: {strategy: ring_all}}
      sales: {closed: true}

agents:
`

// Demo returns the text of the demonstration's centre.yaml: queues support
// (4000) and sales (4001), a menu before them (4009), the robots, and two accounts for people. Two robots
// in three take both queues' calls; the third takes one queue's.
func Demo(o DemoOptions) []byte {
	var b bytes.Buffer
	b.WriteString(demoHead)
	for i, password := range o.Passwords {
		id := strconv.Itoa(1001 + i)
		fmt.Fprintf(&b, "  - id: %q\n    name: %s\n    name_en: %s\n    phone: {account: %q, password: %q}\n    queues: [support, sales]\n",
			id, "体验坐席"+strconv.Itoa(i+1), "Guest agent "+strconv.Itoa(i+1), id, password)
	}
	for i, address := range o.Robots {
		person := demoNames[i%len(demoNames)]
		name, nameEN := person[0], person[1]
		if round := i / len(demoNames); round > 0 {
			name, nameEN = name+strconv.Itoa(round+1), nameEN+" "+strconv.Itoa(round+1)
		}
		queues := "support, sales"
		switch i % 6 {
		case 2:
			queues = "support"
		case 5:
			queues = "sales"
		}
		fmt.Fprintf(&b, "  - id: %q\n    name: %s\n    name_en: %s\n    phone: %q\n    queues: [%s]\n",
			strconv.Itoa(2001+i), name, nameEN, "sip:"+address, queues)
	}
	fmt.Fprintf(&b, "\nusers:\n  - {name: supervisor, role: supervisor, password: %q}\n", o.Supervisor)
	for i := range o.Passwords {
		fmt.Fprintf(&b, "  - {name: %q, role: agent, agent: %q, password: %q}\n", strconv.Itoa(1001+i), strconv.Itoa(1001+i), o.Passwords[i])
	}
	return b.Bytes()
}
