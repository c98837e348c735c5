package ledger

import (
	"io"
	"strconv"
	"time"

	"arengo/process/csvfile"
	"arengo/process/ledger"
	"arengo/web/site"
)

// deliveriesDownload is a list as a file for spreadsheets, whole.
func (a *area) deliveriesDownload(r *site.Request) error {
	f, err := a.filterOf(r, r.Query)
	if err != nil {
		return err
	}
	all, err := a.activities(r)
	if err != nil {
		return err
	}
	zone := r.Gate.Process.Location()
	stamp := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.In(zone).Format("2006-01-02 15:04:05")
	}
	var heads []string
	for _, word := range []string{
		"ledger.person", "ledger.address", "ledger.message", "ledger.about", "ledger.channel", "ledger.filter.state", "ledger.what",
		"ledger.file.queued", "ledger.file.sent", "ledger.file.changed", "ledger.file.attempts",
	} {
		heads = append(heads, r.T(word))
	}
	return r.Download("messaggi-"+r.Gate.Process.Slug+".csv", csvfile.Type, func(w io.Writer) error {
		out, err := csvfile.New(w)
		if err != nil {
			return err
		}
		if err := out.Line(heads...); err != nil {
			return err
		}
		err = a.ledger.Each(r.Context(), r.Gate.Process.ID, f, func(d ledger.Delivery) error {
			return out.Line(d.Name, d.Address, kindWord(r, d.Kind), about(r, all, d.Activity).Label, channelWord(r, d.Channel),
				r.T("ledger.status."+string(d.Status)), outcome(r, d),
				stamp(d.QueuedAt), stamp(d.SentAt), stamp(d.ChangedAt), strconv.Itoa(d.Attempts))
		})
		if err != nil {
			return err
		}
		return out.Close()
	})
}
