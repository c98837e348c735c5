package message

import (
	"cmp"
	"net/url"
	"strings"

	"arengo/notify"
	"arengo/notify/preference"
	"arengo/process"
)

// address writes what only one person may see: their name and their links.
func (src source) address(f *notify.Facts, n notify.Notice, payload process.Payload, row personal) {
	name, _, _ := strings.Cut(row.Name, " ")
	f.Recipient = notify.Recipient{Name: name, Locale: row.Locale, Why: why(n, row)}
	base := src.s.BaseURL()
	switch {
	case payload.SignIn != 0:
		f.Recipient.Link = base + "/accedi/" + src.s.Links().Token(process.Link{Purpose: process.LinkSignIn, Subject: payload.SignIn, Version: 1})
		if back := payload.Extra[process.ExtraBack]; back != "" {
			f.Recipient.Link += "?" + url.Values{"da": {back}}.Encode()
		}
		return
	case payload.Extra[process.ExtraPath] != "":
		f.Recipient.Link, f.Recipient.Shared = base+payload.Extra[process.ExtraPath], true
		return
	case payload.Request != 0:
		f.Recipient.Link = base + "/conferma/" + src.s.Links().Token(process.Link{Purpose: process.LinkConfirm, Process: process.ID(n.ProcessID), Subject: payload.Request, Version: 1})
	case n.Kind == preference.Digest:
		f.Recipient.Link, f.Recipient.Shared = base+"/", true
	case n.Kind == "follow-confirm":
		f.Recipient.Link = base + "/segui/" + src.s.Links().Token(process.Link{Purpose: process.LinkFollow, Process: process.ID(n.ProcessID), Subject: row.PersonID, Version: 1})
	case public[n.Kind]:
		f.Recipient.Link, f.Recipient.Shared = f.Process.URL, true
	case row.RegistrationID != 0:
		f.Recipient.Link = base + "/r/" + f.Activity.Kind + "/" + src.s.Links().Token(process.Link{
			Purpose: process.LinkRegister, Process: process.ID(n.ProcessID), Subject: row.RegistrationID, Version: row.RegistrationVersion,
		})
	case row.InvitationID != 0:
		f.Recipient.Link = base + "/i/" + f.Activity.Kind + "/" + src.s.Links().Token(process.Link{
			Purpose: process.LinkAnswer, Process: process.ID(n.ProcessID), Subject: row.InvitationID, Version: row.InvitationVersion,
		})
	case staffNotice(n):
		f.Recipient.Link, f.Recipient.Shared = desk(base, *f, n.Kind), true
	case row.onDuty(n):
		f.Recipient.Link, f.Recipient.Shared, f.Extra["works"] = desk(base, *f, n.Kind), true, "yes"
	case goesOn[n.Kind] && f.Activity.URL != "":
		f.Recipient.Link, f.Recipient.Shared = f.Activity.URL, true
	case f.Extra["report"] != "":
		f.Recipient.Link, f.Recipient.Shared = f.Process.URL+"/report", true
	default:
		f.Recipient.Link, f.Recipient.Shared = f.Process.URL, true
	}
	if kind, ok := notify.KindNamed(n.Kind); ok && kind.Category == notify.Participation {
		f.Recipient.UnsubscribeURL = base + "/disiscrivi/" + src.s.Links().Token(process.Link{
			Purpose: process.LinkUnsubscribe, Process: process.ID(n.ProcessID), Subject: row.PersonID, Version: 1,
		})
	}
}

// public are the notices that lead whoever reads them to the public page:
// there is nothing more to do behind a personal link.
var public = map[string]bool{"receipt": true, "called-off": true, "held": true, notify.Announcement: true}

// goesOn are the notices of an activity in which there is something to do, or
// until another day: who has no link of their own finds it on the activity's
// public page, where one registers.
var goesOn = map[string]bool{"reopened": true, "resumed": true, "deadline-extended": true, "deadline-shortened": true}

// desk is where who works on a process goes on from a notice: to the dates or the
// results that it speaks of, else to what is to be done.
func desk(base string, f notify.Facts, kind string) string {
	if !goesOn[kind] && kind != "activity-closed" {
		return base + "/oggi"
	}
	page := cmp.Or(f.Activity.URL, f.Process.URL)
	return base + "/gestione" + strings.TrimPrefix(page, base+"/percorsi")
}

// onDuty reports a reminder of a phase to who works on the process, for whom the
// public page has nothing to do.
func (p personal) onDuty(n notify.Notice) bool {
	return p.Works && n.ActivityID == 0 && calls(n.Kind)
}

// staffNotice reports whether a notice goes to those who work on the process.
func staffNotice(n notify.Notice) bool {
	if n.PersonID != 0 {
		return n.Kind == "role-assigned"
	}
	return process.ForStaff(strings.Split(n.Audience, ","))
}
