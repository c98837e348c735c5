package people

import (
	"time"

	"arengo/process/roster"
	"arengo/web/site"
)

// trouble tells why nothing is sent to a person's address. Retry is where the form
// goes that tries it again, "" for who wants no messages.
type trouble struct {
	Title, Text, Hint string
	Since, Until      time.Time
	Words             string // the server's own
	Retry             string
}

func troubleOf(r *site.Request, is *roster.Correction, action string) *trouble {
	why := is.Trouble.Why()
	switch why {
	case "":
		return nil
	case "complaint":
		return &trouble{
			Title: r.T("setup.contact.complained"),
			Text:  r.T("setup.contact.complained.text", "address", is.Email, "day", r.Words().Date(is.Trouble.Since)),
		}
	}
	t := &trouble{
		Title: r.T("setup.contact.trouble"), Text: r.T("setup.contact.trouble."+why, "address", is.Email), Hint: r.T("setup.contact.trouble.correct"),
		Since: is.Trouble.Since, Until: is.Trouble.Until, Words: is.Trouble.Words, Retry: action + "/riprova",
	}
	if is.Foreign {
		t.Hint = r.T("setup.contact.trouble.try")
	}
	return t
}

// contactRetry lets messages go to an address again.
func (a *area) contactRetry(r *site.Request) error {
	again, err := a.roster.Retry(r.Context(), r.Gate.Process.ID, r.Actor, r.Param("person"))
	if err != nil {
		return err
	}
	flash := "setup.flash.contact_retry"
	if again > 0 {
		flash = "setup.flash.contact_retry_again"
	}
	return r.Redirect(contacts(r)+"/"+r.Param("person"), flash)
}
