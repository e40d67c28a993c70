// Package robot is a phone that needs no person: it places and takes calls over real SIP, sends and
// hears real audio over RTP, and notes when everything happened. The demonstration, the end-to-end
// tests and the benchmarks share it, so what they measure is measured one way.
//
// # A phone
//
//	phone, err := robot.NewPhone(robot.PhoneOptions{Sound: robot.Tone(440)})
//	defer phone.Close()
//	call, err := phone.Call(ctx, robot.CallOptions{To: "sip:4000@127.0.0.1:5060", From: "13800000001"})
//	err = call.WaitAnswered(ctx)
//	heard, err := call.WaitTone(ctx, 700)   // when the other side's voice first arrived
//	call.Hangup()
//	err = call.WaitEnded(ctx)
//
// A phone owns one UDP socket for SIP. Hundreds live in one process: they cost one goroutine each while
// idle. All their voices are sent by one Pacer when they are given the same one; without it each phone
// has its own, which is fine for a handful.
//
// # Taking calls
//
// What a phone does with a call is data, a Behaviour: after how long it rings, whether and when it
// answers or refuses, whether it is dead to SIP altogether, how long it talks. It may be changed at any
// time and holds for the calls that come after. OnCall and the methods Ring, Answer, Reject and Hangup
// give a test the same by hand.
//
// A phone takes any number of calls at a time unless its Behaviour sets Lines, and OnCall and Calls give each of them.
// One phone can be all the numbers outside: reached as PJSIP/trunk/sip:NUMBER@ADDR with its Addr, it behaves as
// SetBehaviourFunc(ByNumber(...)) says for that number.
//
// # In a conversation
//
// Hold and Resume (re-INVITE; OnHold is the other direction), Refer and ReferTo (blind transfer, and with
// consultation; ReferProgress and WaitReferred tell how it went), SendDTMF and SendDTMFInfo are the keys of a
// desk phone. A transfer asked of this phone is declined unless OnRefer says otherwise.
//
// # Times
//
// Every time in Times was read at the socket, as the datagram was received or sent, not when some
// goroutine got round to it: figures of a few milliseconds are taken from these. Call.Trace lists every
// message with its time.
//
// # Audio
//
// Each stream carries a tone of its phone's own frequency, so who hears whom can be measured: ToneLevel
// gives the amplitude of a frequency in what was heard of late (16-bit scale; a Tone is sent at
// ToneAmplitude), WaitTone the moment a frequency began, to within one 20 ms packet. Hears and
// WaitHears find several tones at once, as in a conference. LongestGap proves that no audio stopped. MeasureTone
// measures a recording.
//
// # A crowd
//
// Crowd runs a whole day's worth of callers and agents from one seed for the demonstration.
package robot
