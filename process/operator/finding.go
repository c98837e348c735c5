package operator

import (
	"cmp"
	"strings"
	"time"
)

// Finding is one thing that somebody should look at. Code is a word of the list
// below, for which pages and the command line have a text and a remedy. What the
// others say depends on it: the channel, how many, since when, words that a machine
// gave, and how long it will take.
type Finding struct {
	Code    string
	Channel string
	Count   int
	More    bool // Count was cut
	Since   time.Time
	Said    string
	Lasts   time.Duration
}

// The codes of findings, the gravest first.
const (
	FindNoNode    = "no_node"    // nobody looks after a channel
	FindTrouble   = "trouble"    // a node cannot use it
	FindStuck     = "stuck"      // messages wait too long and nothing goes out
	FindSlow      = "slow"       // messages wait too long, and are going out
	FindFailing   = "failing"    // notices whose audience cannot be found
	FindUnexpand  = "unexpanded" // notices that are late
	FindAside     = "aside"      // deadlines that were set aside
	FindOverdue   = "overdue"    // deadlines that are late
	FindRejected  = "rejected"   // many letters were not taken
	FindHook      = "hook"       // addresses of other programs that fail
	FindPaused    = "paused"     // a channel is paused
	FindNoticeOff = "notice_off" // notices are paused
)

// Codes lists the codes of findings, the gravest first.
var Codes = []string{
	FindNoNode, FindTrouble, FindStuck, FindSlow, FindFailing, FindUnexpand, FindAside, FindOverdue, FindRejected, FindHook, FindPaused, FindNoticeOff,
}

// Grave reports that something does not work; the others are slow, or wanted.
func (f Finding) Grave() bool {
	switch f.Code {
	case FindSlow, FindRejected, FindPaused, FindNoticeOff, FindHook:
		return false
	}
	return true
}

// Many letters not taken are as many, of at least one in so many.
const (
	manyMissed = 20
	oneMissed  = 20
)

// judge says what is worth looking at.
func judge(v View) []Finding {
	var out []Finding
	for _, c := range v.Channels {
		out = append(out, v.Judged(c)...)
	}
	if n := v.Notices.Failing; n > 0 {
		out = append(out, Finding{Code: FindFailing, Count: n})
	}
	if n := v.Notices.Late; n > 0 {
		out = append(out, Finding{Code: FindUnexpand, Count: n})
	}
	if n := v.Deadlines.Aside; n > 0 {
		out = append(out, Finding{Code: FindAside, Count: n})
	}
	if n := v.Deadlines.Late; n > 0 {
		out = append(out, Finding{Code: FindOverdue, Count: n, Since: v.Deadlines.Oldest})
	}
	if n := len(v.Hooks); n > 0 {
		out = append(out, Finding{Code: FindHook, Count: n})
	}
	paused := 0
	for _, n := range v.Running {
		if n.Pause != nil {
			paused++
		}
	}
	if paused > 0 {
		out = append(out, Finding{Code: FindNoticeOff, Count: paused})
	}
	return sorted(out)
}

// judge says what is worth looking at of one channel.
func (c Channel) judge(at time.Time, patience time.Duration) []Finding {
	var out []Finding
	if c.Missed >= manyMissed && c.Missed*oneMissed >= c.Missed+c.Day {
		out = append(out, Finding{Code: FindRejected, Channel: c.Name, Count: c.Missed})
	}
	if c.Pause != nil {
		return append(out, Finding{Code: FindPaused, Channel: c.Name, Count: c.Waiting() + c.Parked, More: c.More, Since: c.Pause.Since, Said: c.Pause.Why})
	}
	late := c.late(at, patience)
	if c.Name != Webhook && len(c.Nodes) == 0 {
		return append(out, Finding{Code: FindNoNode, Channel: c.Name, Count: c.Waiting(), More: c.More, Since: c.Oldest})
	}
	if said, since := c.trouble(); said != "" {
		return append(out, Finding{Code: FindTrouble, Channel: c.Name, Count: c.Waiting(), More: c.More, Since: since, Said: said})
	}
	switch {
	case late && c.Minute == 0:
		out = append(out, Finding{Code: FindStuck, Channel: c.Name, Count: c.Waiting(), More: c.More, Since: c.Oldest})
	case late:
		f := Finding{Code: FindSlow, Channel: c.Name, Count: c.Waiting(), More: c.More, Since: c.Oldest}
		if !c.More {
			f.Lasts = (time.Duration(c.Waiting()) * time.Minute / time.Duration(c.Minute)).Truncate(time.Minute) + time.Minute
		}
		out = append(out, f)
	}
	return out
}

// Judged is what is worth looking at of one channel, whose messages may wait for as
// long as in the view that it is from.
func (v View) Judged(c Channel) []Finding { return c.judge(v.At, v.Patience) }

// late reports that something has been due for longer than a message may wait.
func (c Channel) late(at time.Time, patience time.Duration) bool {
	return !c.Oldest.IsZero() && at.Sub(c.Oldest) > patience
}

// trouble is what stands in the way of a node, the oldest of several. When another
// node sends all the same, it is told too: half of the work rests.
func (c Channel) trouble() (said string, since time.Time) {
	for _, n := range c.Nodes {
		if n.Trouble != "" && (said == "" || n.Since.Before(since)) {
			said, since = n.Trouble, n.Since
		}
	}
	return said, since
}

func sorted(list []Finding) []Finding {
	var out []Finding
	for _, code := range Codes {
		for _, f := range list {
			if f.Code == code {
				out = append(out, f)
			}
		}
	}
	return out
}

func byCount(a, b Reason) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code), strings.Compare(a.Enhanced, b.Enhanced))
}

func (d Domain) byCount(o Domain) int {
	return cmp.Or(cmp.Compare(o.Count, d.Count), strings.Compare(d.Name, o.Name))
}

// Class is what a reason means, of the words address, full, policy, connection,
// late, complaint, refused, later and failed, by the classes of RFC 3463.
func (r Reason) Class() string {
	switch {
	case r.Status == "expired":
		return "late"
	case r.Status == "complained":
		return "complaint"
	case strings.HasPrefix(r.Enhanced, "5.1."):
		return "address"
	case strings.HasSuffix(r.Enhanced, ".2.2"):
		return "full"
	case r.Status != "deferred" && len(r.Enhanced) > 1 && strings.HasPrefix(r.Enhanced[1:], ".7."):
		return "policy" // one that is deferred is mostly a greylist
	case r.Code == 0 && r.Enhanced == "", len(r.Enhanced) > 1 && strings.HasPrefix(r.Enhanced[1:], ".4."):
		return "connection"
	case r.Status == "bounced":
		return "refused"
	case r.Status == "deferred":
		return "later"
	}
	return "failed"
}

// Classes lists the words of Class.
var Classes = []string{"address", "full", "policy", "connection", "late", "complaint", "refused", "later", "failed"}
