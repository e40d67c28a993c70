package robot

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/emiago/sipgo/sip"
)

// dialog is what a request inside a call needs (RFC 3261, 12).
type dialog struct {
	callID        string
	local, remote party
	target        sip.Uri  // the other side's Contact
	routes        []string // in the order of the Route headers
	seq           uint32   // of the last request sent
	inviteSeq     uint32
}

// party is a From or To.
type party struct {
	display string
	uri     sip.Uri
	tag     string
}

func (p party) params() sip.HeaderParams {
	var params sip.HeaderParams
	if p.tag != "" {
		params.Add("tag", p.tag)
	}
	return params
}

// request builds a request of the dialog. An ACK repeats the number of its INVITE, as a CANCEL does; all others
// take the next.
func (d *dialog) request(method sip.RequestMethod, contact *sip.ContactHeader) *sip.Request {
	seq := d.inviteSeq
	if method != sip.ACK {
		d.seq++
		seq = d.seq
	}
	if method == sip.INVITE {
		d.inviteSeq = seq
	}
	req := sip.NewRequest(method, *d.target.Clone())
	req.SetTransport("UDP")
	forwards := sip.MaxForwardsHeader(70)
	callID := sip.CallIDHeader(d.callID)
	req.AppendHeader(&forwards)
	req.AppendHeader(&sip.FromHeader{DisplayName: d.local.display, Address: d.local.uri, Params: d.local.params()})
	req.AppendHeader(&sip.ToHeader{DisplayName: d.remote.display, Address: d.remote.uri, Params: d.remote.params()})
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	req.AppendHeader(contact)
	for _, route := range d.routes {
		req.AppendHeader(sip.NewHeader("Route", route))
	}
	return req
}

// cancelRequest is for an INVITE that was sent: same branch, same number (RFC 3261, 9.1).
func cancelRequest(invite *sip.Request) *sip.Request {
	req := sip.NewRequest(sip.CANCEL, invite.Recipient)
	req.SetTransport("UDP")
	forwards := sip.MaxForwardsHeader(70)
	req.AppendHeader(sip.HeaderClone(invite.Via()))
	req.AppendHeader(&forwards)
	req.AppendHeader(sip.HeaderClone(invite.From()))
	req.AppendHeader(sip.HeaderClone(invite.To()))
	req.AppendHeader(sip.HeaderClone(invite.CallID()))
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	sip.CopyHeaders("Route", invite, req)
	return req
}

// confirm takes over what the 200 to our INVITE says (the caller's side, RFC 3261, 12.1.2).
func (d *dialog) confirm(res *sip.Response) {
	if to := res.To(); to != nil {
		d.remote.tag, _ = to.Params.Get("tag")
	}
	if contact := res.Contact(); contact != nil {
		d.target = *contact.Address.Clone()
	}
	d.routes = headerValues(res, "Record-Route")
	slices.Reverse(d.routes)
}

// accept fills the dialog from an INVITE that came (the called side, RFC 3261, 12.1.1).
func (d *dialog) accept(req *sip.Request, localTag string) error {
	from, to, contact := req.From(), req.To(), req.Contact()
	if from == nil || to == nil || contact == nil {
		return fmt.Errorf("INVITE lacks From, To or Contact")
	}
	d.remote = party{display: from.DisplayName, uri: from.Address}
	d.remote.tag, _ = from.Params.Get("tag")
	d.local = party{display: to.DisplayName, uri: to.Address, tag: localTag}
	d.target = *contact.Address.Clone()
	d.routes = headerValues(req, "Record-Route")
	return nil
}

func headerValues(msg sip.Message, name string) []string {
	var values []string
	for _, h := range msg.GetHeaders(name) {
		values = append(values, h.Value())
	}
	return values
}

// sipURI is the address of a user at a host and port.
func sipURI(user string, at netip.AddrPort) sip.Uri {
	return sip.Uri{Scheme: "sip", User: user, Host: at.Addr().String(), Port: int(at.Port())}
}
