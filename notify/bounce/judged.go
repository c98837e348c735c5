package bounce

// Judged completes a report that somebody trusted gives in words of their own: it
// reads the codes out of the words where they are missing, cleans what is kept and
// decides whether the address is gone. Hard says that the reporter calls the
// failure one of the address; it is believed where the codes do not tell.
func Judged(r Report, hard bool) Report {
	r.Recipient = address(r.Recipient)
	r.MessageID = identifier(r.MessageID)
	r.Diagnostic = line(r.Diagnostic, 500)
	if !isStatus(r.Status) {
		r.Status = ""
	}
	code, status := codes(r.Diagnostic)
	if r.Code < 200 || r.Code > 599 {
		r.Code = code
	}
	if generic(r.Status) && status != "" {
		r.Status = status
	}
	if r.Kind == "" {
		r.Kind = Ignored
	}
	r.Gone = r.Kind == Permanent && (gone(r.Status, r.Code, r.Diagnostic) || hard && generic(r.Status) && (r.Code == 0 || r.Code == 550 || r.Code == 551 || r.Code == 553))
	return r
}
