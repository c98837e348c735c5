package ledger

import (
	"maps"
	"slices"
	"strconv"

	"arengo/process/ledger"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// retryPage says how many messages would be tried again, and asks.
type retryPage struct {
	page.Base
	Sections []section.Link
	Action   string
	Keep     []page.Hidden
	Ready    int
	Not      []notRow
	Later    int
	Back     string
	Contacts string // where addresses are corrected
}

// notRow is how many are not tried again, and why.
type notRow struct {
	Count int
	Why   string
}

func (a *area) retryShow(r *site.Request) error { return a.retryAsk(r, r.Query, nil) }

func (a *area) retryAsk(r *site.Request, get asked, refusal error) error {
	f, err := a.filterOf(r, get)
	if err != nil {
		return err
	}
	may, err := a.ledger.MayRetry(r.Context(), r.Gate.Process.ID, f)
	if err != nil {
		return err
	}
	p := retryPage{Action: home(r) + "/riprova", Ready: may.Ready, Later: may.Later, Back: back(r, get)}
	p.Base, p.Sections = frame(r, r.T("ledger.retry.title"), page.Crumb{Label: r.T("ledger.retry.crumb")})
	for _, name := range whole {
		if v := get(name); v != "" {
			p.Keep = append(p.Keep, page.Hidden{Name: name, Value: v})
		}
	}
	for _, why := range slices.Sorted(maps.Keys(may.Not)) {
		p.Not = append(p.Not, notRow{may.Not[why], refused(r, why)})
		if why == "suppressed" || why == "no_address" {
			p.Contacts = section.Path(r.Gate.Process, section.Contacts)
		}
	}
	if refusal == nil {
		return r.Page("ledger/retry", p)
	}
	p.Errors = page.FieldErrors(r.Lang, refusal)
	return r.PageStatus(page.Status(refusal), "ledger/retry", p)
}

// refused says why a message is not tried again.
func refused(r *site.Request, why string) string {
	if key := "ledger.not." + why; page.Texts().Has(key) {
		return r.T(key)
	}
	return reason(r, why)
}

// back is the list that a retry was asked from.
func back(r *site.Request, get asked) string {
	narrow := get.words(narrowing)
	of := subject{Path: home(r)}
	switch {
	case get(wordDelivery) != "":
		return home(r) + "/consegna/" + get(wordDelivery)
	case get(wordNotice) != "":
		of.Path += "/" + get(wordNotice)
	case get(wordPerson) != "":
		of.Path += "/persona/" + get(wordPerson)
	case get(wordKind) != "":
		of = subject{Path: of.Path + "/serie", Own: get.words([]string{wordKind, wordActivity})}
	}
	return of.address(narrow) + "#consegne"
}

func (a *area) retrySave(r *site.Request) error {
	f, err := a.filterOf(r, r.Value)
	if err != nil {
		return err
	}
	expected, err := strconv.Atoi(r.Value("expected"))
	if err != nil {
		expected = 0
	}
	_, already, err := a.ledger.Retry(r.Context(), r.Gate.Process.ID, r.Actor, ledger.Retry{Filter: f, Expected: expected, FormKey: r.FormKey()})
	switch {
	case err == nil:
		return r.Redirect(back(r, r.Value), site.Once(already, "ledger.flash.retried"))
	case wizard.Shown(err):
		return a.retryAsk(r, r.Value, err)
	}
	return err
}
